//! What the lesson shows of this browser's own sign-in: the flow, step by step if wanted, and PKCE.

use end_to_end::pages;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, NetworkRequest, Options, Stage, checks, provider};
use hostile_server::encoding::{first, parse_form};

const ENTER: char = '\u{e007}';

/// What this sign-in sent, as the browser's own log has it.
struct Sent {
    verifier: String,
    code: String,
    challenge: String,
}

impl Sent {
    fn by(browser: &Browser) -> Self {
        let requests = browser.requests();
        let form = |name: &str| {
            let sent = |request: &&NetworkRequest| request.body.contains(name);
            parse_form(&requests.iter().find(sent).expect("a request with a form").body)
        };
        let value =
            |form: &[(String, String)], name| first(form, name).expect("a parameter").to_owned();
        let (pushed, exchange) = (form("code_challenge="), form("code_verifier="));
        Self {
            verifier: value(&exchange, "code_verifier"),
            code: value(&exchange, "code"),
            challenge: value(&pushed, "code_challenge"),
        }
    }
}

/// Follows a link of the navigation, and waits until the lesson has filled the page.
fn go_to(browser: &Browser, link: &str) {
    browser.click(link);
    pages::wait_until_ready(browser);
}

fn document(browser: &Browser) -> String {
    browser.execute("return document.documentElement.outerHTML").to_string()
}

/// The names of the steps that are shown.
fn steps(browser: &Browser) -> Vec<String> {
    let script =
        "return [...document.querySelectorAll('[data-pixy=step]')].map(step => step.dataset.step)";
    let steps = browser.execute(script);
    let names = steps.as_array().into_iter().flatten().filter_map(|name| name.as_str());
    names.map(str::to_owned).collect()
}

/// The value of a parameter or a member, as a step shows it.
fn value(browser: &Browser, step: &str, name: &str) -> String {
    browser.text(&format!("[data-step='{step}'] [data-name='{name}'] dd .value"))
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn each_step_opens_to_what_was_sent_and_shows_secrets_to_who_asks() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    stage.sign_in();
    if !browser.tells_bodies() {
        return;
    }
    let sent = Sent::by(browser);
    go_to(browser, part::FLOW_LINK);
    let names = browser.wait_until("the whole sign-in", || {
        Some(steps(browser)).filter(|names| names.iter().any(|name| name == "profile-answer"))
    });
    let mut rest = names.iter();
    for step in [
        "wish",
        "push",
        "push-answer",
        "redirect",
        "callback",
        "exchange",
        "exchange-answer",
        "profile",
        "profile-answer",
    ] {
        assert!(rest.any(|name| name == step), "{step} in its place: {names:?}");
    }

    browser.click("[data-pixy=open-all]");
    assert_eq!(value(browser, "push", "code_challenge"), sent.challenge);
    let hidden = document(browser);
    for secret in [&sent.verifier, &sent.code] {
        assert!(!hidden.contains(secret), "{secret} is shown to who did not ask");
    }
    assert!(!hidden.contains("eyJ"), "a token or a proof is shown to who did not ask");

    browser.click("[data-step=exchange] [data-name=code_verifier] [data-pixy=show]");
    let verifier = value(browser, "exchange", "code_verifier");
    assert_eq!(verifier, sent.verifier);
    // It is the one of the challenge that went ahead, as the browser's own SHA-256 says.
    assert_eq!(challenge_of(browser, &verifier), value(browser, "push", "code_challenge"));
    assert!(!document(browser).contains(&sent.code), "one secret at a time");
    browser.click("[data-pixy=show-all]");
    assert_eq!(value(browser, "callback", "code"), sent.code);
    assert_eq!(value(browser, "exchange", "code"), sent.code);
    browser.click("[data-pixy=show-all]");
    assert!(!document(browser).contains(&sent.code), "hidden again");

    let sentences = "[data-pixy=text] li";
    let count = browser.execute(&format!("return document.querySelectorAll('{sentences}').length"));
    assert!(count.as_u64() > Some(10), "a sentence for each step: {count}");
    browser.click("[data-pixy=as-text]");
    assert!(browser.text(sentences).contains("sign in"));

    // What was recorded goes with the page, and nothing of it is kept.
    browser.reload();
    wait_for_state(browser, "signed-in");
    pages::wait_until_ready(browser);
    assert!(steps(browser).is_empty());
    let said = browser.text("#article [lang=en] [data-lesson=flow] .without");
    assert!(said.contains("loaded anew"), "{said}");
    checks::nothing_is_left(browser, &stage.site, &[sent.verifier, sent.code]);
}

fn challenge_of(browser: &Browser, verifier: &str) -> String {
    let challenge = browser.execute(&format!(
        "return crypto.subtle.digest('SHA-256', new TextEncoder().encode('{verifier}')).then(hash =>
            btoa(String.fromCharCode(...new Uint8Array(hash)))
                .replaceAll('+', '-').replaceAll('/', '_').replace('=', ''))"
    ));
    challenge.as_str().expect("a text").to_owned()
}

/// Waits until the sign-in waits for the person at this step, with the focus on the button for the next.
fn wait_for_step(browser: &Browser, number: u32) {
    let step = format!("Step {number} of 4");
    browser.wait_until(&step, || {
        browser.try_text("[data-pixy=next-step]")?.contains(&step).then_some(())
    });
    browser.wait_until("the focus on the button", || {
        let focused = browser.try_execute("return document.activeElement.dataset.pixy")?;
        (focused == "next").then_some(())
    });
}

#[test]
fn a_sign_in_goes_step_by_step_when_the_person_says_so() {
    let stage = Stage::with_lessons(&Options::default());
    let (browser, provider) = (&stage.browser, &stage.provider);
    stage.open("flow.html");
    pages::wait_until_ready(browser);
    browser.click("[data-pixy=step-by-step]");
    browser.wait_until("the focus on the next step", || {
        (browser.execute("return document.activeElement.dataset.pixy") == "next").then_some(())
    });
    wait_for_step(browser, 1);
    assert!(provider.of_target(&provider.issuer, "GET /auth").is_empty(), "nobody went there");
    browser.press(ENTER);
    provider.sign_in(browser, provider.account());
    provider.allow(browser);

    wait_for_step(browser, 2);
    assert!(browser.url().contains("code="), "the answer is in the address still");
    let kept = browser.session_storage();
    assert!(kept.iter().all(|(key, _)| key != "pixy-demo:recording"), "{kept:?}");
    browser.press(ENTER);
    wait_for_step(browser, 3);
    assert!(!browser.url().contains("code="), "the answer was taken from the address");
    assert!(provider.token_requests().is_empty(), "the code is not spent yet");
    browser.press(ENTER);
    wait_for_step(browser, 4);
    assert_eq!(provider.token_requests().len(), 1);
    let userinfo = || provider.of_target(&provider.issuer, "GET /me");
    assert!(userinfo().is_empty(), "nobody asked for the profile yet");
    browser.press(ENTER);
    browser.wait_until_gone("[data-pixy=next]");
    browser.wait_for("[data-step=profile-answer]");
    assert_eq!(userinfo().len(), 1);
    wait_for_state(browser, "signed-in");
    assert_eq!(browser.url(), stage.site.url("flow.html"));
    let names = steps(browser);
    for step in ["push", "redirect", "callback", "exchange", "profile"] {
        assert!(names.iter().any(|name| name == step), "{step} was seen: {names:?}");
    }
    browser.click(part::HOME_LINK);
    stage.wait_for_profile();
    checks::nothing_is_left(browser, &stage.site, &[]);
}

#[test]
fn a_step_by_step_sign_in_that_is_given_up_leaves_nothing() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    stage.open("flow.html");
    pages::wait_until_ready(browser);
    browser.click("[data-pixy=step-by-step]");
    wait_for_step(browser, 1);
    browser.press(ENTER);
    browser.wait_for(provider::LOGIN);
    browser.back();
    browser.wait_until("the page before", || {
        browser.try_execute("return document.documentElement.dataset.pixyState !== undefined")
    });
    stage.open("flow.html");
    pages::wait_until_ready(browser);
    assert!(!browser.shows("[data-pixy=next]"));
    let kept = browser.session_storage();
    assert!(kept.iter().all(|(key, _)| key != "pixy-demo:recording"), "{kept:?}");
    browser.click("[data-pixy=sign-in-here]");
    stage.provider.sign_in(browser, stage.account());
    stage.provider.allow(browser);
    wait_for_state(browser, "signed-in");
    browser.wait_for("[data-step=profile-answer]");
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver tells no requests")]
fn the_verifier_is_hashed_before_ones_eyes() {
    let stage = Stage::with_lessons(&Options::default());
    let browser = &stage.browser;
    stage.sign_in();
    if !browser.tells_bodies() {
        return;
    }
    let sent = Sent::by(browser);
    go_to(browser, part::PKCE_LINK);
    // The value of a field is a property, the others are texts that only who listens gets.
    let hidden = |name: &str| {
        let script = format!(
            "const found = document.querySelector('[data-pixy={name}]');
             return found.value || found.textContent"
        );
        browser.execute(&script).as_str().unwrap_or_default().to_owned()
    };
    let is_equal = |equal: &str| {
        browser.wait_for(&format!("[data-pixy=fits][data-equal={equal}]"));
    };
    assert_eq!(hidden("verifier"), sent.verifier);
    assert_eq!(hidden("challenge"), sent.challenge);
    is_equal("true");

    browser.click("[data-pixy=change-character]");
    is_equal("false");
    assert_ne!(hidden("challenge"), sent.challenge);
    assert_eq!(hidden("challenge"), challenge_of(browser, &hidden("verifier")));
    assert!(browser.text("[data-pixy=changed]").contains("256"));
    browser.click("[data-pixy=own-verifier]");
    is_equal("true");
    assert_eq!(hidden("verifier"), sent.verifier);

    // RFC 7636, appendix B.
    browser.click("[data-pixy=appendix-b]");
    is_equal("true");
    assert_eq!(hidden("verifier"), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(hidden("challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    browser.type_into("[data-pixy=verifier]", "!");
    assert!(browser.text("[data-pixy=flaw]").contains("7636"));

    // The server's own record says the same.
    let compared = "[data-pixy=compared] [data-pixy=comparison]";
    assert_eq!(browser.attribute(compared, "data-equal").as_deref(), Some("true"));
    assert_eq!(browser.attribute(compared, "data-outcome").as_deref(), Some("token"));
    let told = browser.text(compared);
    assert_eq!(told.matches(&sent.challenge).count(), 2, "kept and computed: {told}");
    assert!(!told.contains(&sent.verifier), "{told}");
    let asked = stage.provider.of_target(&stage.provider.issuer, "GET /_compared");
    assert!(asked.iter().any(|line| line.status() == 200), "the page has asked the server");

    browser.reload();
    wait_for_state(browser, "signed-in");
    pages::wait_until_ready(browser);
    assert_ne!(hidden("verifier"), sent.verifier, "one's own is forgotten");
}
