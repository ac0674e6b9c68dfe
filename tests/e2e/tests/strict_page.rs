//! The strict policy of the README: nothing inline, no eval, Trusted Types, and only known origins.

use std::fs;

use end_to_end::site::{built, strict_policy};
use end_to_end::stage::{part, wait_for_error, wait_for_state};
use end_to_end::{Browser, Stage, checks};

/// Tells the console of each violation: it outlives the pages.
const LISTENER: &str = "addEventListener('securitypolicyviolation', event =>
    console.error('violated', event.violatedDirective, event.blockedURI, event.sample))";

fn violations(browser: &Browser) -> Vec<String> {
    let tells = |line: &String| line.contains("violated") || checks::tells_of_a_violation(line);
    let console = browser.console().expect("the console is told");
    console.into_iter().filter(tells).collect()
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no console")]
fn t93_a_whole_sign_in_violates_no_strict_policy() {
    let stage = Stage::new();
    let browser = &stage.browser;
    let (issuer, resource) = (stage.provider.issuer.as_str(), stage.provider.resource.as_str());
    stage.site.set_headers(vec![strict_policy(&[issuer, resource], &[issuer])]);
    browser.before_every_page(LISTENER);

    stage.sign_in();
    browser.click(part::MAIL_LINK);
    browser.click(part::ASK_MAIL);
    stage.provider.allow(browser);
    browser.wait_for(part::MAIL);
    browser.click(part::SIGN_OUT);
    browser.wait_for(part::SIGN_IN);
    assert_eq!(violations(browser), Vec::<String>::new());

    // The policy does hold, and a violation would have been noticed.
    browser.execute(
        "const script = document.createElement('script');
         try { script.textContent = 'window.ran = true'; } catch { return; }
         document.body.append(script);",
    );
    assert!(!violations(browser).is_empty());
    assert!(browser.execute("return window.ran === undefined") == true);
}

/// The pages check the app's script by its hash, and that checks the lesson's.
#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no console")]
fn a_lesson_that_was_changed_on_its_way_does_not_run() {
    let stage = Stage::new();
    let entries = fs::read_dir(built("demo")).expect("the built demo").flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_script = |name: &String| name.starts_with("pixy-lesson-") && name.ends_with(".js");
    let script = names.find(is_script).expect("the lesson's script");
    let changed =
        "window.changedLessonRan = true; export default () => {}; export const show = () => {};";
    stage.site.add_page(&script, changed);
    let browser = &stage.browser;
    browser.open(&stage.site.url("pkce.html"));
    browser.wait_until("a complaint", || {
        let console = browser.console().unwrap_or_default();
        console.iter().any(|line| line.contains("integrity")).then_some(())
    });
    wait_for_state(browser, "signed-out");
    // An article says what it says; the mail page has nothing else.
    stage.sign_in();
    browser.click(part::MAIL_LINK);
    assert_eq!(wait_for_error(browser), "network_or_cors");
    assert_eq!(browser.execute("return window.changedLessonRan === undefined"), true);
}
