//! Measures how the built demo loads on a slow computer, and prints a table: `cargo xtask measure`.
//!
//! `PIXY_DIST` names the folder of the build, `PIXY_RUNS` how often each page is visited; the table has the
//! medians.

use std::path::Path;
use std::{env, fs};

use end_to_end::performance::{self, Figures};
use end_to_end::site::built;
use end_to_end::stage::part;
use end_to_end::{Options, SiteOptions, Stage};

/// A processor that is four times as slow.
const SLOWDOWN: f64 = 4.0;
const RUNS: usize = 5;

const HEAD: &str = "\
| page | first paint | with content | ready | layout shift | long tasks | blocked | loads (brotli) |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

fn main() {
    let runs = env::var("PIXY_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    let demo = built("demo");
    println!("Measuring with a processor {SLOWDOWN} times as slow; medians of {runs} visits.");
    let visits: Vec<Vec<(&str, Figures)>> = (0..runs).map(|_| visit(&demo)).collect();
    let Some(first) = visits.first() else { return };
    println!("\n{HEAD}");
    for (index, (page, _)) in first.iter().enumerate() {
        let of_page: Vec<&Figures> = visits.iter().map(|visit| &visit[index].1).collect();
        println!("{}", row(page, &of_page, &demo));
    }
    println!(
        "\nready: it is known whether anybody is signed in. blocked: how long the long tasks (more than 50 ms)"
    );
    println!(
        "kept the page from answering. loads: what a first visit loads of the demo's own files."
    );
}

/// Goes through the demo as a person does who has never been there.
fn visit(demo: &Path) -> Vec<(&'static str, Figures)> {
    let options = Options { reduced_motion: false, ..Options::default() };
    let stage = Stage::with(SiteOptions::default(), &options);
    let browser = &stage.browser;
    performance::watch(browser, SLOWDOWN);
    stage.open_home();
    let mut visits = vec![("home, nobody signed in", performance::figures(browser))];
    browser.click(part::SIGN_IN);
    stage.finish_sign_in();
    visits.push(("callback, then home", performance::figures(browser)));
    for (page, file) in [("profile", "profile.html"), ("the flow", "flow.html")] {
        // A demo of former days has fewer pages.
        if demo.join(file).is_file() {
            browser.open(&stage.site.url(file));
            visits.push((page, performance::figures(browser)));
        }
    }
    visits
}

fn row(page: &str, visits: &[&Figures], demo: &Path) -> String {
    let median = |of: &dyn Fn(&Figures) -> f64| {
        let mut values: Vec<f64> = visits.iter().map(|figures| of(figures)).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    // A task blocks from its fiftieth millisecond on.
    let blocked = |figures: &Figures| figures.long_tasks.iter().map(|task| task - 50.0).sum();
    format!(
        "| {page} | {:.0} ms | {:.0} ms | {:.0} ms | {:.3} | {:.0} | {:.0} ms | {:.1} kB |",
        median(&|figures| figures.first_paint),
        median(&|figures| figures.first_contentful_paint),
        median(&|figures| figures.ready),
        median(&|figures| figures.layout_shift),
        median(&|figures| figures.long_tasks.len() as f64),
        median(&blocked),
        median(&|figures| weight(figures, demo)),
    )
}

/// What the files weigh that were loaded, in kilobytes, as a host sends them that has the compressed copies.
fn weight(figures: &Figures, demo: &Path) -> f64 {
    let bytes: u64 = figures.loaded.iter().map(|address| weight_of(address, demo)).sum();
    bytes as f64 / 1000.0
}

/// Zero for what is not of the demo's own files.
fn weight_of(address: &str, demo: &Path) -> u64 {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = if name.is_empty() { "index.html" } else { name };
    let file = demo.join(name);
    let compressed = demo.join(format!("{name}.br"));
    fs::metadata(compressed).or_else(|_| fs::metadata(file)).map_or(0, |file| file.len())
}
