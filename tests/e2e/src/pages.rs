//! The pages of the demo, and when they have all they show.

use crate::browser::Browser;

/// The pages that the navigation leads to, by file name; home is the folder itself. All but the last two have
/// an article.
pub const LINKED: [&str; 8] = [
    "",
    "flow.html",
    "pkce.html",
    "thief.html",
    "scopes.html",
    "analogy.html",
    "profile.html",
    "mail.html",
];

/// A callback that nobody asked for, which the app refuses.
pub const FORGED_CALLBACK: &str =
    "callback.html?code=forged&state=Zm9yZWlnbi1zdGF0ZS1vZi0zMi1ieXRlcy1hbHRvZ2U";

/// The pages with an article.
pub fn articles() -> &'static [&'static str] {
    &LINKED[..6]
}

/// All pages.
pub fn all() -> Vec<&'static str> {
    [&LINKED[..], &["errors.html", FORGED_CALLBACK]].concat()
}

/// Whether the page is as it stays until somebody does something: the sign-in has an outcome, nothing is being
/// loaded, and the lesson has filled what it fills.
const IS_READY: &str = "
    const {dataset, lang} = document.documentElement;
    const settled = ['signed-out', 'signed-in', 'failed'].includes(dataset.pixyState);
    const busy = [...document.querySelectorAll('[data-pixy=busy], [aria-busy=true]')];
    const waits = busy.some(element => element.getClientRects().length > 0);
    const islands = [...document.querySelectorAll(`#article [lang=${lang}] [data-lesson]`)];
    // Home's article tells nothing of this sign-in before there was one.
    const isHome = document.querySelector('nav a[aria-current=page]')?.getAttribute('href') === './';
    const filled = islands.every(island => 'filled' in island.dataset);
    return settled && !waits && (filled || (isHome && dataset.pixyState !== 'signed-in'));";

/// Waits until the page has all it shows.
pub fn wait_until_ready(browser: &Browser) {
    browser.wait_until("the page to be ready", || {
        (browser.try_execute(IS_READY)? == true).then_some(())
    });
}

/// Waits until the page has painted what it shows now.
pub fn wait_for_paint(browser: &Browser) {
    browser.execute(
        "return document.fonts.ready.then(() => new Promise(done =>
            requestAnimationFrame(() => requestAnimationFrame(() => done()))))",
    );
    // Pictures are decoded apart from that.
    browser.wait_until("the pictures", || {
        let script = "return [...document.images].every(image => image.complete)";
        (browser.try_execute(script)? == true).then_some(())
    });
}
