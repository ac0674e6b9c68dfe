//! Days of use in minutes: access tokens that live for ten seconds, four tabs, and whatever happens to tabs
//! and networks, at random. Nobody is signed out who did not ask for it, and memory stays flat.
//!
//! `PIXY_SOAK_SECONDS` says how long it goes on, `PIXY_SOAK_SEED` begins the same row of steps again.
//!
//! One thing no client survives: that a renewal's answer is lost. The refresh token that was sent is spent
//! then, nobody has the next one, and this server ends the session when the spent one comes again. So
//! pages go, and networks, while this test holds the lock that each renewal holds; and the server's faults
//! `lost` and `half`, which serve the request and lose the answer, are not among those here. Where refresh
//! tokens serve again, pages go at any moment, in the middle of a renewal, too.

// Only Chromium's DevTools put tabs to sleep, cut them off and measure their memory.
#![cfg(not(any(feature = "firefox", feature = "webkit")))]

use std::collections::HashSet;
use std::env;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use end_to_end::stage::{CLIENT_ID, HOSTILE_NAME, part, wait_for_profile, wait_for_state};
use end_to_end::trouble::{set_offline, while_frozen};
use end_to_end::{Browser, HostileStage, Options};
use hostile_server::{Endpoint, Fault, Lifetime};
use serde_json::{Value, json};

const TABS: usize = 4;
/// How long access tokens live, in seconds.
const LIFETIME: u64 = 10;
const DEFAULT_SECONDS: u64 = 120;
/// Before each of how many steps the token endpoint is told to fail once.
const FAULTS: u64 = 4;
/// How often memory is measured in all.
const MEASUREMENTS: u32 = 50;

/// Notes in each page whether anybody was signed out, for as short as it may be, and where the memory of the
/// wasm is.
const WATCH: &str = "
    window.soakEnds = [];
    new MutationObserver(() => {
        const state = document.documentElement.dataset.pixyState;
        if (state === 'signed-out' || state === 'failed') window.soakEnds.push(state);
    }).observe(document, {subtree: true, attributeFilter: ['data-pixy-state']});
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
        const made = await instantiate(...given);
        const exported = Object.values(made.instance.exports);
        window.soakMemory = exported.find(value => value instanceof WebAssembly.Memory);
        return made;
    };";

/// Asks for the lock of the session, and keeps it from when `soakRelease` is there until that is called.
const TAKE_LOCK: &str = "
    const [, entry] = Object.entries(sessionStorage)
        .find(([key]) => key.startsWith('pixy-login:session:'));
    const name = 'pixy-login:' + JSON.parse(entry).session;
    window.soakRelease = undefined;
    void navigator.locks.request(name, () => new Promise(release => window.soakRelease = release));";

/// No renewal keeps the lock for longer: its request may take forty seconds.
const LONGEST_RENEWAL: Duration = Duration::from_secs(45);

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A tab is loaded anew.
    Reload,
    /// A tab is closed, and one more opened.
    Reopen,
    /// A tab sleeps.
    Sleep,
    /// A tab has no network for a while.
    Offline,
    /// Another page, and back: out of the back-forward cache, where the browser has put the page there.
    LeaveAndReturn,
    /// The person wants another token.
    Renew,
    /// The person wants the mail.
    CallApi,
    /// Nothing.
    Wait,
}

const STEPS: [Step; 8] = [
    Step::Reload,
    Step::Reopen,
    Step::Sleep,
    Step::Offline,
    Step::LeaveAndReturn,
    Step::Renew,
    Step::CallApi,
    Step::Wait,
];

/// A row of numbers that is the same for the same seed (xorshift64*, Vigna 2016).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.next()).unwrap_or_default() % from.len();
        from[index]
    }
}

/// The memory of a page, in bytes.
#[derive(Clone, Copy, Debug)]
struct Memory {
    heap: f64,
    wasm: f64,
}

#[derive(Debug, Default)]
struct Figures {
    steps: Vec<Step>,
    faults: usize,
    restored: usize,
}

struct Soak {
    stage: HostileStage,
    /// Whether refresh tokens serve once.
    rotates: bool,
    /// The first is neither reloaded nor closed: its memory is measured.
    tabs: Vec<String>,
    random: Random,
    began: Instant,
    duration: Duration,
    figures: Figures,
    memory: Vec<Memory>,
}

/// A soak that fails tells which refresh token went to the provider when, and what came of it.
impl Drop for Soak {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let requests = self.stage.server.requests(&self.stage.case);
        for asked in requests.iter().filter(|asked| asked.endpoint == Endpoint::Token) {
            let form = asked.request.form_parameters();
            let token = form.iter().find(|(name, _)| name == "refresh_token");
            // The server's own, and of a made-up person.
            self.say(&format!("token request with {token:?}: {:?}", asked.outcome));
        }
    }
}

impl Soak {
    /// Signs in in one tab, and opens the others beside it.
    fn begin(case: &str, settings: Value) -> Self {
        let seed = from_environment("PIXY_SOAK_SEED").unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            u64::from(now.subsec_nanos())
        });
        let seconds = from_environment("PIXY_SOAK_SECONDS").unwrap_or(DEFAULT_SECONDS);
        println!("{case}: PIXY_SOAK_SEED={seed} PIXY_SOAK_SECONDS={seconds}");
        let stage = HostileStage::new(case);
        stage.site.set_settings(settings_of(&stage, settings));
        stage.server.set_lifetime(case, Lifetime::Seconds(LIFETIME));
        stage.browser.before_every_page(WATCH);
        stage.try_to_sign_in();
        wait_for_profile(&stage.browser, HOSTILE_NAME);
        let mut soak = Self {
            tabs: vec![stage.browser.tab()],
            rotates: case != WITHOUT_ROTATION,
            stage,
            random: Random::new(seed),
            began: Instant::now(),
            duration: Duration::from_secs(seconds),
            figures: Figures::default(),
            memory: Vec::new(),
        };
        while soak.tabs.len() < TABS {
            let opened = soak.open_tab();
            soak.tabs.insert(0, opened);
        }
        soak
    }

    fn browser(&self) -> &Browser {
        &self.stage.browser
    }

    fn run(mut self) {
        let mut next_measurement = Duration::ZERO;
        while self.began.elapsed() < self.duration {
            if self.random.up_to(FAULTS - 1) == 0 {
                self.plan_fault();
            }
            let step = self.random.choose(&STEPS);
            self.take(step);
            self.figures.steps.push(step);
            self.nobody_is_signed_out();
            if self.began.elapsed() >= next_measurement {
                next_measurement += self.duration / MEASUREMENTS;
                let memory = self.measure();
                self.memory.push(memory);
            }
        }
        self.all_is_well_in_the_end();
        self.report();
    }

    /// Goes to one of the tabs and takes the step there.
    fn take(&mut self, step: Step) {
        let takes_page_away = [Step::Reload, Step::Reopen, Step::LeaveAndReturn].contains(&step);
        let first = usize::from(takes_page_away);
        let indices: Vec<usize> = (first..TABS).collect();
        let index = self.random.choose(&indices);
        self.say(&format!("{step:?} in tab {index}"));
        self.go_to(index);
        match step {
            Step::Reload => self.while_nobody_renews(index, Browser::reload),
            Step::Reopen => {
                self.while_nobody_renews(index, Browser::close_tab);
                self.tabs[index] = self.open_tab();
            }
            Step::Sleep => {
                let time = self.some_time(self.longest_sleep());
                while_frozen(self.browser(), || thread::sleep(time));
            }
            Step::Offline => {
                self.while_nobody_renews(index, |browser| set_offline(browser, true));
                self.go_to(index);
                self.renew();
                thread::sleep(self.some_time(4_000));
                set_offline(self.browser(), false);
            }
            Step::LeaveAndReturn => self.leave_and_return(index),
            Step::Renew => drop(self.renew()),
            Step::CallApi => drop(self.call_api()),
            Step::Wait => thread::sleep(self.some_time(3_000)),
        }
    }

    fn say(&self, text: &str) {
        let seconds = self.began.elapsed().as_secs_f32();
        println!("{:<10} {seconds:7.1} s  {text}", self.stage.case);
    }

    /// In a long run a tab may sleep for longer than any request is waited for.
    fn longest_sleep(&self) -> u64 {
        (self.duration.as_secs() * 100).min(60_000)
    }

    fn some_time(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.random.up_to(most))
    }

    /// Opens one more tab, which goes on with the session by itself.
    fn open_tab(&mut self) -> String {
        self.go_to(0);
        let handle = self.browser().new_tab(&Options::default());
        self.browser().before_every_page(WATCH);
        self.browser().open(&self.stage.site.url(""));
        assert_eq!(self.wait_for_answer(), "signed-in", "the new tab does not find the session");
        handle
    }

    /// Waits until the page knows whether somebody is signed in.
    fn wait_for_answer(&self) -> Value {
        self.browser().wait_until("a state", || {
            let state = state(self.browser())?;
            (state == "signed-in" || state == "signed-out").then_some(state)
        })
    }

    fn leave_and_return(&mut self, index: usize) {
        self.browser().execute("window.soakMark = true");
        let other = self.stage.site.url("errors.html");
        self.while_nobody_renews(index, |browser| browser.open(&other));
        self.go_to(index);
        wait_for_state(self.browser(), "signed-in");
        thread::sleep(self.some_time(1_500));
        self.while_nobody_renews(index, Browser::back);
        self.go_to(index);
        wait_for_state(self.browser(), "signed-in");
        let is_restored = self.browser().execute("return window.soakMark === true") == true;
        self.figures.restored += usize::from(is_restored);
    }

    /// Does something to a tab that would lose the answer of a renewal; ends in the first tab.
    fn while_nobody_renews(&self, index: usize, work: impl FnOnce(&Browser)) {
        let browser = self.browser();
        if !self.rotates {
            self.go_to(index);
            work(browser);
            return self.go_to(0);
        }
        // The others may wait for a lock, but hold none, when they go.
        self.go_to(0);
        browser.execute(TAKE_LOCK);
        let deadline = Instant::now() + LONGEST_RENEWAL;
        while browser.execute("return window.soakRelease !== undefined") != true {
            assert!(Instant::now() < deadline, "somebody keeps the lock for longer than may be");
            thread::sleep(Duration::from_millis(50));
        }
        self.go_to(index);
        work(browser);
        self.go_to(0);
        browser.execute("window.soakRelease()");
    }

    fn go_to(&self, index: usize) {
        self.browser().switch_to(&self.tabs[index]);
    }

    /// What the server does not look at, so that nothing is spent, and an answer that takes its time; more
    /// of it, too, than a client waits for.
    fn plan_fault(&mut self) {
        let milliseconds = self.random.up_to(12_000);
        let fault = self.random.choose(&[
            Fault::Reset,
            Fault::Status(500, None),
            Fault::Status(503, Some(3)),
            Fault::Html,
            Fault::Garbage,
            Fault::Slow(milliseconds),
            // Whose answer gets lost, which only tokens that serve again survive.
            if self.rotates { Fault::Html } else { Fault::Lost },
        ]);
        self.say(&format!("{fault:?}"));
        self.figures.faults += 1;
        self.stage.server.plan(&self.stage.case, Endpoint::Token, fault, Some(1));
    }

    /// Presses the button that renews the access token, and returns what came of it.
    fn renew(&self) -> String {
        let browser = self.browser();
        browser.click(part::HOME_LINK);
        browser.click(part::PROFILE_LINK);
        browser.click(part::RENEW);
        let script = format!("return document.querySelector('{}')?.textContent", part::RENEWAL);
        let said = browser.wait_until("what came of the renewal", || {
            let said = browser.execute(&script).as_str()?.to_owned();
            (!said.is_empty() && !said.starts_with("Renewing")).then_some(said)
        });
        let is_over = ["session_ended", "not_signed_in"].iter().any(|code| said.contains(code));
        assert!(!is_over, "{said}");
        said
    }

    /// Opens the page with the mail, and returns whether it came.
    fn call_api(&self) -> bool {
        let browser = self.browser();
        browser.click(part::HOME_LINK);
        browser.click(part::MAIL_LINK);
        browser.wait_until("the mail, or why there is none", || {
            (browser.shows(part::MAIL) || browser.shows(part::ERROR)).then_some(())
        });
        browser.shows(part::MAIL)
    }

    fn nobody_is_signed_out(&self) {
        for tab in &self.tabs {
            self.browser().switch_to(tab);
            wait_for_state(self.browser(), "signed-in");
            assert_eq!(self.browser().execute("return window.soakEnds"), json!([]));
        }
        let violations = self.stage.server.violations(&self.stage.case);
        assert_eq!(violations, Vec::<String>::new());
        assert_eq!(self.stage.count(Endpoint::Revoke), 0, "no token is handed back");
    }

    /// Without faults everything works in each tab: so the server has not ended the session either.
    fn all_is_well_in_the_end(&self) {
        self.stage.server.clear(&self.stage.case, Endpoint::Token);
        self.while_nobody_renews(0, |_| ());
        for tab in &self.tabs {
            self.browser().switch_to(tab);
            assert_eq!(self.renew(), "Renewed.");
            assert!(self.call_api(), "the mail is there");
        }
        self.nobody_is_signed_out();
        assert_eq!(self.stage.count(Endpoint::Authorize), 1, "one sign-in");
    }

    fn measure(&self) -> Memory {
        let browser = self.browser();
        self.go_to(0);
        browser.devtools("HeapProfiler.collectGarbage", &json!({}));
        browser.devtools("Performance.enable", &json!({}));
        let metrics = browser.devtools("Performance.getMetrics", &json!({}));
        let metrics = metrics["metrics"].as_array().cloned().unwrap_or_default();
        let heap = metrics.iter().find(|metric| metric["name"] == "JSHeapUsedSize");
        let heap = heap.and_then(|metric| metric["value"].as_f64());
        let wasm = browser.execute("return window.soakMemory.buffer.byteLength").as_f64();
        Memory { heap: heap.expect("the heap's size"), wasm: wasm.expect("the wasm's size") }
    }

    /// Prints what happened, and checks that memory stays flat.
    fn report(&self) {
        let Figures { steps, faults, restored } = &self.figures;
        let times = |step| steps.iter().filter(|taken| **taken == step).count();
        let taken = STEPS.map(|step| format!("{} {step:?}", times(step)));
        let tokens = self.stage.server.tokens(&self.stage.case);
        let access_tokens: HashSet<_> =
            tokens.iter().filter(|token| token.starts_with("access-token-")).collect();
        println!(
            "{}: {} s, {TABS} tabs, {} steps ({})",
            self.stage.case,
            self.began.elapsed().as_secs(),
            steps.len(),
            taken.join(", "),
        );
        println!(
            "  0 sign-outs, {} renewals, {} token requests, {faults} faults, {} calls of the API, \
             {} times the profile",
            access_tokens.len() - 1,
            self.stage.count(Endpoint::Token),
            self.stage.count(Endpoint::Api),
            self.stage.count(Endpoint::Userinfo),
        );
        println!("  {restored} pages out of the back-forward cache");
        for (name, of) in
            [("heap", (|memory| memory.heap) as fn(&Memory) -> f64), ("wasm", |memory| memory.wasm)]
        {
            let (begin, end) = begin_and_end(self.memory.iter().map(of).collect());
            println!("  {name}: {begin:.0} bytes at the beginning, {end:.0} at the end");
            assert!(end < begin * 1.5 + 2e6, "{name} grows");
        }
    }
}

/// The medians of the first and of the last fifth.
fn begin_and_end(values: Vec<f64>) -> (f64, f64) {
    let fifth = values.len().div_ceil(5);
    let (begin, end) = (&values[..fifth], &values[values.len() - fifth..]);
    (median(begin), median(end))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn state(browser: &Browser) -> Option<Value> {
    browser.try_execute("return document.documentElement.dataset.pixyState")
}

fn from_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn settings_of(stage: &HostileStage, more: Value) -> Value {
    let issuer = stage.server.issuer(&stage.case);
    let mut settings = json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "openid profile email offline_access",
        "resource_server": issuer,
        "resource_server_takes_dpop": true,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        settings[name] = value.clone();
    }
    settings
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn plain_tokens_survive_what_happens_to_four_tabs() {
    Soak::begin("refresh", json!({"keep": "session-storage"})).run();
}

/// The case whose refresh tokens serve again and again.
const WITHOUT_ROTATION: &str = "refresh-no-rotation";

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn tokens_that_serve_again_survive_what_happens_in_the_middle_of_a_renewal() {
    Soak::begin(WITHOUT_ROTATION, json!({"keep": "session-storage"})).run();
}

#[test]
#[cfg_attr(
    any(feature = "firefox", feature = "webkit"),
    ignore = "the driver speaks no DevTools protocol"
)]
fn bound_tokens_survive_what_happens_to_four_tabs() {
    Soak::begin("dpop-nonce", json!({})).run();
}
