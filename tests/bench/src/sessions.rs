//! Sessions that go on: how often they are renewed when several tabs share them, and what renewals and requests
//! leave behind. The page is that of `tests/bench/client`.

use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::{Duration, Instant};

use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::host::Host;
use crate::plan::{App, Plan};
use crate::words::{problem_text, rounded};

const TABS: [usize; 3] = [1, 10, 50];
const FEW_TABS: [usize; 1] = [3];
/// How often all tabs renew at once.
const BURSTS: usize = 5;
const FEW_BURSTS: usize = 2;
/// The tokens of the tabs live so long, and the tabs are left alone for twice as long.
const LIFE: u64 = 30;
const SHORT_LIFE: u64 = 6;
/// After a renewal, so that the next is one of its own.
const PAUSE: Duration = Duration::from_secs(1);

const REFRESHES: u32 = 1_000;
const FETCHES: u32 = 10_000;
/// What is measured in between, so often.
const PARTS: u32 = 10;

/// What came out for a number of tabs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tabs {
    /// How many tabs.
    pub tabs: usize,
    /// Token requests each time that all of them renewed at once.
    pub requests: Vec<usize>,
    /// Milliseconds until the last of them was done.
    pub took: Vec<f64>,
    /// For how many seconds they were left alone then.
    pub alone: u64,
    /// Token requests meanwhile.
    pub requests_alone: usize,
}

/// What was left behind by doing one thing again and again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Memory {
    /// What: `refresh` or `fetch`.
    pub action: String,
    /// How often in all.
    pub times: u32,
    /// Milliseconds each.
    pub each: f64,
    /// Bytes of the JavaScript heap, behind each tenth.
    pub heap: Vec<f64>,
    /// Bytes of WebAssembly memory then.
    pub wasm: Vec<f64>,
}

/// Measures what several tabs ask of the provider.
pub fn tabs(plan: &Plan, failures: &mut Vec<String>) -> Result<Vec<Tabs>, String> {
    let client = client(plan)?;
    let counts = if plan.quick { &FEW_TABS[..] } else { &TABS };
    let mut rows = Vec::new();
    for count in counts {
        match caught(|| share(plan, client, *count)) {
            Ok(row) => {
                println!(
                    "  {count} tabs: {:?} token requests, {:.0?} ms; {} in {} s alone",
                    row.requests, row.took, row.requests_alone, row.alone
                );
                rows.push(row);
            }
            Err(problem) => failures.push(format!("{count} tabs: {problem}")),
        }
    }
    Ok(rows)
}

/// Measures what is left behind.
pub fn memory(plan: &Plan, failures: &mut Vec<String>) -> Result<Vec<Memory>, String> {
    let client = client(plan)?;
    let divisor = if plan.quick { 20 } else { 1 };
    let mut rows = Vec::new();
    for (action, times) in [("refresh", REFRESHES / divisor), ("fetch", FETCHES / divisor)] {
        match caught(|| repeat(plan, client, action, times)) {
            Ok(row) => {
                println!("  {action}: heap {:.0?}, wasm {:.0?}", row.heap, row.wasm);
                rows.push(row);
            }
            Err(problem) => failures.push(format!("{action}: {problem}")),
        }
    }
    Ok(rows)
}

fn client(plan: &Plan) -> Result<&App, String> {
    plan.client.as_ref().ok_or_else(|| "the page for sessions was not built".to_owned())
}

fn caught<T>(measure: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let result = panic::catch_unwind(AssertUnwindSafe(measure));
    result.unwrap_or_else(|problem| Err(problem_text(&*problem)))
}

fn share(plan: &Plan, client: &App, count: usize) -> Result<Tabs, String> {
    let (life, bursts) = if plan.quick { (SHORT_LIFE, FEW_BURSTS) } else { (LIFE, BURSTS) };
    let (host, browser) = signed_in(plan, client, life)?;
    for _ in 1..count {
        browser.new_tab(&Options::default());
        browser.open(&host.home(client));
        wait_for_state(&browser, "signed-in");
    }
    let asked = || host.provider.token_requests().len();
    let (mut requests, mut took) = (Vec::new(), Vec::new());
    for _ in 0..bursts {
        thread::sleep(PAUSE);
        let before = asked();
        took.push(rounded(everywhere(&browser, "refresh", count)?));
        requests.push(asked() - before);
    }
    let before = asked();
    thread::sleep(Duration::from_secs(2 * life));
    // Whoever was left with an older token would renew it now.
    everywhere(&browser, "fetch", count)?;
    let requests_alone = asked() - before;
    Ok(Tabs { tabs: count, requests, took, alone: 2 * life, requests_alone })
}

fn everywhere(browser: &Browser, action: &str, tabs: usize) -> Result<f64, String> {
    let script = format!("return bench.everywhere('{action}', {tabs})");
    let took = browser.try_execute(&script).and_then(|took| took.as_f64());
    took.ok_or_else(|| format!("{action} in {tabs} tabs failed: {:?}", browser.console()))
}

fn repeat(plan: &Plan, client: &App, action: &str, times: u32) -> Result<Memory, String> {
    let (_host, browser) = signed_in(plan, client, 3600)?;
    let (mut heap, mut wasm) = (Vec::new(), Vec::new());
    let mut took = Duration::ZERO;
    for _ in 0..PARTS {
        let begin = Instant::now();
        let done = browser.try_execute(&format!("return bench.{action}({})", times / PARTS));
        done.ok_or_else(|| format!("{action} failed: {:?}", browser.console()))?;
        took += begin.elapsed();
        browser.devtools("HeapProfiler.collectGarbage", &json!({}));
        let usage = browser.devtools("Runtime.getHeapUsage", &json!({}));
        heap.push(usage["usedSize"].as_f64().unwrap_or_default());
        wasm.push(browser.execute("return bench.wasm()").as_f64().unwrap_or_default());
    }
    let each = rounded(took.as_secs_f64() * 1000.0 / f64::from(times));
    Ok(Memory { action: action.to_owned(), times, each, heap, wasm })
}

/// A browser in which somebody is signed in, at a provider whose access tokens live so long.
fn signed_in(plan: &Plan, client: &App, life: u64) -> Result<(Host, Browser), String> {
    let life = life.to_string();
    let options = ["--refresh-tokens", "--token-lifetime", &life];
    let host = Host::start(plan, std::slice::from_ref(client), &options)?;
    let browser = Browser::start();
    browser.open(&host.home(client));
    browser.click(part::SIGN_IN);
    host.provider.sign_in(&browser, host.provider.account());
    host.provider.allow(&browser);
    wait_for_state(&browser, "signed-in");
    Ok((host, browser))
}

/// The section about tabs.
pub fn tabs_text(rows: &[Tabs]) -> String {
    let mut text = "\n## Tabs\n\n\
         A session that several tabs share, of the built client without components. All of them renew at once, \
         as often as the list is long; then nobody does anything while the access tokens are renewed by \
         themselves, which live half as long as the last column says. At the end every tab asks the API, \
         for which one with an older token would renew it.\n\n\
         | tabs | token requests when all renew at once | until the last has the new token | token requests, left \
         alone |\n| ---: | --- | ---: | ---: |\n"
        .to_owned();
    for row in rows {
        let requests: Vec<String> = row.requests.iter().map(ToString::to_string).collect();
        let mut took = row.took.clone();
        took.sort_by(f64::total_cmp);
        text.push_str(&format!(
            "| {} | {} | {:.0} ms | {} in {} s |\n",
            row.tabs,
            requests.join(", "),
            took.get(took.len() / 2).copied().unwrap_or_default(),
            row.requests_alone,
            row.alone,
        ));
    }
    text
}

/// The section about memory.
pub fn memory_text(rows: &[Memory]) -> String {
    let mut text = "\n## Memory\n\n\
         One tab does the same again and again. The figures are of what is in use after the garbage was \
         collected, in kB: behind the first tenth, in the middle, and at the end.\n\n\
         | | times | each | JavaScript heap | WebAssembly memory |\n| --- | ---: | ---: | --- | --- |\n"
        .to_owned();
    let course = |values: &[f64]| {
        let kilobytes = |index: usize| values.get(index).map_or(0.0, |bytes| bytes / 1000.0);
        let points = [0, values.len() / 2, values.len().saturating_sub(1)];
        points.map(|index| format!("{:.0}", kilobytes(index))).join(" → ")
    };
    for row in rows {
        text.push_str(&format!(
            "| `client.{}` | {} | {:.1} ms | {} | {} |\n",
            row.action,
            row.times,
            row.each,
            course(&row.heap),
            course(&row.wasm),
        ));
    }
    text
}
