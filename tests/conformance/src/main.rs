//! Runs the built demo as the client of an OpenID Foundation conformance suite, and writes down what the
//! suite says. `cargo xtask conformance --help` says how.

mod demo;
mod https;
mod page;
mod plans;
mod suite;
mod verdict;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use end_to_end::site::{self, Site, SiteOptions};
use serde_json::{Value, json};

use demo::{CLIENT_ID, Visit};
use page::{Count, Row, Section, short};
use plans::{Part, Plan, Way};
use suite::{Listed, Made, Suite};
use verdict::{Judgement, Outcome, State, Verdict};

const HELP: &str = "\
Usage: conformance --suite URL [--page FILE | --ask] [PLAN…]

  --suite URL    the suite, on this machine
  --page FILE    where to write what came out, when all plans are run
  --ask          only say which suite answers

This is what `cargo xtask conformance` runs. PIXY_DIST names the folder of the built demo.";

/// The suite waits for five seconds where nothing must happen; nothing else takes it long.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same, where the demo has gone astray already.
const AFTER_A_FAULT: Duration = Duration::from_secs(6);

/// The exit code of a process that an interrupt ended.
const INTERRUPTED_EXIT: i32 = 130;

/// The module that waits for the demo, so that an interrupt can end it.
static WAITING: Mutex<Option<(Suite, String)>> = Mutex::new(None);

fn main() -> ExitCode {
    if let Err(error) = ctrlc::set_handler(end_on_interrupt) {
        eprintln!("note: Ctrl-C may leave a module of the suite waiting: {error}");
    }
    match Arguments::read(env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The browser ends with this process.
fn end_on_interrupt() {
    if let Some((suite, module)) = waiting().take() {
        suite.cancel(&module);
    }
    process::exit(INTERRUPTED_EXIT);
}

fn waiting() -> std::sync::MutexGuard<'static, Option<(Suite, String)>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The command line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Arguments {
    suite: String,
    page: Option<String>,
    only_ask: bool,
    help: bool,
    plans: Vec<String>,
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(argument) = given.next() {
            let mut value = || given.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--suite" => arguments.suite = value()?,
                "--page" => arguments.page = Some(value()?),
                "--ask" => arguments.only_ask = true,
                "--help" => arguments.help = true,
                option if option.starts_with('-') => {
                    return Err(format!("there is no option {option}\n\n{HELP}"));
                }
                _ => arguments.plans.push(argument),
            }
        }
        Ok(arguments)
    }
}

/// Runs what is wanted; says whether all is well.
fn run(arguments: &Arguments) -> Result<bool, String> {
    if arguments.help {
        println!("{HELP}");
        return Ok(true);
    }
    let plans = plans::wanted(&arguments.plans)?;
    let suite = Suite::ask(&arguments.suite)?;
    println!("The conformance suite at {} has version {}.", arguments.suite, suite.version);
    if arguments.only_ask {
        return Ok(true);
    }
    let stage = Stage::new(suite);
    let begin = Instant::now();
    let sections = plans.iter().map(|plan| stage.run(plan)).collect::<Result<Vec<_>, _>>()?;
    let count = Count::of(&sections);
    println!("\nAfter {} s: {}", begin.elapsed().as_secs(), count.text().replace("**", ""));
    if let Some(file) = arguments.page.as_ref().filter(|_| arguments.plans.is_empty()) {
        let text = page::text(&stage.suite.version, &sections);
        fs::write(file, text).map_err(|error| format!("{file}: {error}"))?;
        println!("Written: {file}");
    }
    Ok(count.is_good())
}

/// The suite, and the demo on its host.
struct Stage {
    suite: Suite,
    site: Site,
}

impl Stage {
    fn new(suite: Suite) -> Self {
        let site = Site::start(site::built("demo"), SiteOptions::default());
        site.add_page(FRONT_CHANNEL, "<!doctype html><title>Nothing happens here</title>");
        Self { suite, site }
    }

    /// Runs a plan.
    fn run(&self, plan: &'static Plan) -> Result<Section, String> {
        println!("\n== {} ({}) ==", plan.title, plan.name);
        let made = self.suite.make(plan.name, &plan.variant(), &self.client())?;
        let rows = made.modules.iter().map(|module| self.row(&made, module)).collect();
        Ok(Section { plan, rows })
    }

    fn row(&self, plan: &Made, listed: &Listed) -> Row {
        let module = listed.name.clone();
        let begin = Instant::now();
        let row = match plans::part(&module) {
            None => Row::Unknown { module },
            Some(Part::LeftOut(reason)) => Row::LeftOut { module, reason },
            Some(Part::Run(way, expected)) => {
                let outcome = self.outcome(plan, listed, way);
                Row::Run { module, expected, outcome }
            }
        };
        report(&row, begin.elapsed());
        row
    }

    fn outcome(&self, plan: &Made, listed: &Listed, way: Way) -> Outcome {
        self.suite
            .start(plan, listed)
            .and_then(|id| {
                *waiting() = Some((self.suite.clone(), id.clone()));
                let outcome = self.play(&id, way);
                waiting().take();
                outcome
            })
            .unwrap_or_else(|error| Outcome {
                state: State::read(&Value::Null),
                remarks: Vec::new(),
                demo: Err(error),
            })
    }

    /// Goes the way of a module that waits, and hears what the suite says of it.
    fn play(&self, id: &str, way: Way) -> Result<Outcome, String> {
        let visit = Visit { suite: &self.suite, site: &self.site, module: id };
        // What the browser waits for in vain is told with the module.
        let usual = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let demo = panic::catch_unwind(AssertUnwindSafe(|| demo::go(way, visit)));
        panic::set_hook(usual);
        let demo = demo.unwrap_or_else(|panic| Err(said(panic.as_ref())));
        let patience = if demo.is_ok() { PATIENCE } else { AFTER_A_FAULT };
        let state = self.suite.end(id, patience)?;
        if !state.is_over() {
            self.suite.cancel(id);
        }
        Ok(Outcome { state, remarks: self.suite.remarks(id)?, demo })
    }

    /// The client, as the suite has to know it.
    fn client(&self) -> Value {
        let home = self.site.url("");
        json!({
            "description": "Pixy Login",
            "client": {
                "client_id": CLIENT_ID,
                "redirect_uri": self.site.url("callback.html"),
                "post_logout_redirect_uri": home,
                "frontchannel_logout_uri": self.site.url(FRONT_CHANNEL),
                "initiate_login_uri": home.replacen("http://", "https://", 1),
            },
        })
    }
}

/// The page that the suite loads in a frame when somebody signs out.
const FRONT_CHANNEL: &str = "front-channel-logout.html";

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// Prints the line of a module, and after a fault all that is known of it.
fn report(row: &Row, took: Duration) {
    let seconds = took.as_secs_f32();
    let line = |word: &str, module: &str, rest: &str| {
        println!("{seconds:>5.1} s  {word:<11} {:<45} {rest}", short(module));
    };
    match row {
        Row::LeftOut { module, .. } => line("–", module, "does not apply"),
        Row::Unknown { module } => line("NOT RUN", module, "this command has no way for it"),
        Row::Run { module, expected, outcome } => {
            let word = outcome.state.word();
            match row.judgement() {
                Some(Judgement::AsExpected) => line(&word, module, outcome.shown()),
                Some(Judgement::KnownFault) => {
                    let fault = plans::known(module).map_or("", |known| known.fault);
                    line(&word, module, &format!("{}: known fault {fault}", outcome.shown()));
                }
                Some(Judgement::Mended) => {
                    line(&word, module, "a known fault is mended: take it out of plans.rs");
                }
                _ => {
                    line("FAULT", module, outcome.shown());
                    explain(outcome, *expected);
                }
            }
        }
    }
}

fn explain(outcome: &Outcome, expected: Verdict) {
    println!("         the suite: {}, expected: {expected}", outcome.state.word());
    if outcome.state.status == "WAITING" {
        println!("         the suite waited for more, and was told to stop");
    }
    for remark in &outcome.remarks {
        println!("         {remark}");
    }
    for line in outcome.demo.as_ref().err().into_iter().flat_map(|text| text.lines().skip(1)) {
        println!("         {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_command_line_is_read() {
        let arguments = read("--suite https://localhost:8443/ --page a.md one two").unwrap();
        assert_eq!(arguments.suite, "https://localhost:8443/");
        assert_eq!(arguments.page.as_deref(), Some("a.md"));
        assert_eq!(arguments.plans, ["one", "two"]);
        assert!(!arguments.only_ask);
        assert!(read("--suite").unwrap_err().contains("needs a value"));
        assert!(read("--sweet x").unwrap_err().contains("no option --sweet"));
    }

    #[test]
    fn a_panic_says_what_was_waited_for() {
        let told = |panic: Box<dyn Any + Send>| said(panic.as_ref());
        assert_eq!(told(Box::new("in vain".to_owned())), "in vain");
        assert_eq!(told(Box::new("in vain")), "in vain");
        assert_eq!(told(Box::new(1)), "");
    }
}
