//! How a page loads on a slow computer: when it paints, how much of it jumps, how long it is deaf, what it
//! loads. Only Chromium tells.

use serde_json::{Value, json};

use crate::browser::Browser;

/// Writes down in each page what happens while it loads.
const OBSERVER: &str = "
    const seen = window.pixyFigures = {shift: 0, moved: [], tasks: [], ready: 0, last: 0};
    const observe = (type, note) => new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            seen.last = performance.now();
            note(entry);
        }
    }).observe({type, buffered: true});
    observe('longtask', task => seen.tasks.push(task.duration));
    observe('resource', () => {});
    observe('paint', () => {});
    const name = node => {
        const element = node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement;
        return element ? element.tagName.toLowerCase() + '.' + element.className : '';
    };
    const place = ({x, y, width, height}) => [x, y, width, height].map(Math.round).join(' ');
    observe('layout-shift', shift => {
        if (shift.hadRecentInput) return;
        seen.shift += shift.value;
        for (const {node, previousRect, currentRect} of shift.sources)
            seen.moved.push(`${name(node)}: ${place(previousRect)} to ${place(currentRect)}`);
    });
    new MutationObserver(() => {
        const settled = ['signed-out', 'signed-in'];
        if (!seen.ready && settled.includes(document.documentElement.dataset.pixyState))
            seen.ready = performance.now();
    }).observe(document, {subtree: true, attributeFilter: ['data-pixy-state']});";

/// What was written down, once nothing has happened for a second.
const FIGURES: &str = "
    const seen = window.pixyFigures;
    if (!seen?.ready || performance.now() - Math.max(seen.last, seen.ready) < 1000) return null;
    const paint = name => performance.getEntriesByName(name)[0]?.startTime ?? 0;
    const loaded = performance.getEntriesByType('resource').map(entry => entry.name);
    return {
        ...seen,
        first_paint: paint('first-paint'),
        first_contentful_paint: paint('first-contentful-paint'),
        loaded: [location.href, ...loaded],
    };";

/// How one visit of a page went. Times are in milliseconds since its navigation began.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Something was painted.
    pub first_paint: f64,
    /// There was something to read.
    pub first_contentful_paint: f64,
    /// It is known whether anybody is signed in: the buttons do what they say.
    pub ready: f64,
    /// How much of the page jumped, and how far; from 0.1 on people mind.
    pub layout_shift: f64,
    /// What jumped.
    pub moved: Vec<String>,
    /// How long each task took that kept the page from answering for more than 50 milliseconds.
    pub long_tasks: Vec<f64>,
    /// The addresses that it loaded, its own among them.
    pub loaded: Vec<String>,
}

/// What a tab has to make do with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// How many times as long its processor takes.
    pub slowdown: f64,
    /// How long an answer is on its way, in milliseconds.
    pub latency: f64,
    /// How many bytes come in a second; -1 for all that there are.
    pub download: f64,
    /// How many bytes go in a second; -1 for all that there are.
    pub upload: f64,
}

/// This computer as it is.
pub const UNHINDERED: Conditions =
    Conditions { slowdown: 1.0, latency: 0.0, download: -1.0, upload: -1.0 };

/// A phone of the cheaper kind, where the network is not good: what Chromium's developer tools call slow 4G.
pub const SLOW_PHONE: Conditions =
    Conditions { slowdown: 4.0, latency: 562.5, download: 180_000.0, upload: 84_375.0 };

/// Puts this tab into other conditions.
pub fn set_conditions(browser: &Browser, conditions: &Conditions) {
    set_slowdown(browser, conditions.slowdown);
    let network = json!({
        "offline": false,
        "latency": conditions.latency,
        "downloadThroughput": conditions.download,
        "uploadThroughput": conditions.upload,
    });
    browser.devtools("Network.emulateNetworkConditions", &network);
}

fn set_slowdown(browser: &Browser, slowdown: f64) {
    browser.devtools("Emulation.setCPUThrottlingRate", &json!({"rate": slowdown}));
}

/// From now on this tab has a processor that takes so many times as long, and its pages are watched.
pub fn watch(browser: &Browser, slowdown: f64) {
    set_slowdown(browser, slowdown);
    browser.before_every_page(OBSERVER);
}

/// How the page that is shown has loaded, once it is at rest.
pub fn figures(browser: &Browser) -> Figures {
    let seen = browser.wait_until("the page to be at rest", || {
        browser.try_execute(FIGURES).filter(|seen| !seen.is_null())
    });
    let number = |name: &str| seen[name].as_f64().unwrap_or_default();
    Figures {
        first_paint: number("first_paint"),
        first_contentful_paint: number("first_contentful_paint"),
        ready: number("ready"),
        layout_shift: number("shift"),
        moved: list(&seen["moved"], |value| value.as_str().map(str::to_owned)),
        long_tasks: list(&seen["tasks"], Value::as_f64),
        loaded: list(&seen["loaded"], |value| value.as_str().map(str::to_owned)),
    }
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    value.as_array().into_iter().flatten().filter_map(read).collect()
}
