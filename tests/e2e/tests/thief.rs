//! The attacks and the refused tokens, acted out at the real servers: what the page shows, and what the
//! servers themselves wrote down.

use end_to_end::lab::play;
use end_to_end::pages;
use end_to_end::provider::Recorded;
use end_to_end::stage::{part, wait_for_state};
use end_to_end::{Browser, Options, Provider, Stage};
use serde_json::Value;

/// A person who is signed in, on a page of the demo.
fn stage(link: &str) -> Stage {
    let stage = Stage::with_lessons(&Options::default());
    stage.sign_in();
    stage.browser.click(link);
    pages::wait_until_ready(&stage.browser);
    stage
}

/// What the page says of each step that somebody judged: who, with what outcome, by whom, and the error's code.
fn verdicts(browser: &Browser, case: &str, side: &str) -> Vec<String> {
    let script = format!(
        "const found = document.querySelectorAll('[data-pixy={case}] [data-pixy={side}] [data-pixy=verdict]');
         return [...found].map(({{dataset}}) => `${{dataset.outcome}} ${{dataset.by}} ${{dataset.code}}`.trim())"
    );
    let told = browser.execute(&script);
    told.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether each came with a verifier, and what it was answered.
fn exchanges(record: &[Recorded]) -> Vec<(bool, u64)> {
    let told = record.iter().map(|line| (line.has_parameter("code_verifier"), line.status()));
    told.collect()
}

fn statuses(record: &[Recorded]) -> Vec<u64> {
    record.iter().map(Recorded::status).collect()
}

/// Who was asked for the profile so far, at either server, in the order of time.
fn profile_requests(provider: &Provider) -> Vec<Recorded> {
    let mut asked = provider.of_target(&provider.issuer, "GET /me");
    asked.extend(provider.of_target(&provider.resource, "GET /profile"));
    asked.sort_by(|one, other| one.text("time").cmp(other.text("time")));
    asked
}

/// What a server was asked while `work` was done.
fn meanwhile<T>(record: impl Fn() -> Vec<T>, work: impl FnOnce()) -> Vec<T> {
    let before = record().len();
    work();
    record().into_iter().skip(before).collect()
}

const REFUSED: &str = "refused authorization-server invalid_grant";

#[test]
fn a_stolen_code_is_worthless_without_the_verifier() {
    let stage = stage(part::THIEF_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    for (case, has_verifier) in [("attack-no-verifier", false), ("attack-wrong-verifier", true)] {
        let asked = meanwhile(|| provider.token_requests(), || play(browser, case));
        assert_eq!(exchanges(&asked), [(has_verifier, 400), (true, 200)], "{case}");
        assert_eq!(verdicts(browser, case, "attacker"), [REFUSED], "{case}");
        assert_eq!(verdicts(browser, case, "person"), ["accepted authorization-server"], "{case}");
    }
    // The person's own session has nothing to do with it.
    wait_for_state(browser, "signed-in");
    browser.click(part::PROFILE_LINK);
    stage.wait_for_profile();
}

#[test]
fn a_code_works_once_and_who_spends_it_again_ends_its_tokens() {
    let stage = stage(part::THIEF_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    let case = "attack-spent-code";
    let mut exchanged = Vec::new();
    let asked = meanwhile(
        || profile_requests(provider),
        || {
            exchanged = meanwhile(|| provider.token_requests(), || play(browser, case));
        },
    );
    assert_eq!(exchanges(&exchanged), [(true, 200), (true, 400)]);
    assert_eq!(statuses(&asked), [200, 401], "the token worked until the code came again");
    assert_eq!(verdicts(browser, case, "attacker"), [REFUSED]);
    let person = verdicts(browser, case, "person");
    assert_eq!(person.len(), 2, "{person:?}");
    assert!(person[0].starts_with("accepted") && person[1].starts_with("refused"), "{person:?}");
    wait_for_state(browser, "signed-in");
}

#[test]
fn without_pkce_the_same_theft_works() {
    let stage = stage(part::THIEF_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    let case = "attack-without-pkce";
    let asked = meanwhile(|| provider.token_requests(), || play(browser, case));
    assert_eq!(exchanges(&asked), [(false, 200), (false, 400)], "the thief was first");
    let attacker = verdicts(browser, case, "attacker");
    assert_eq!(attacker.len(), 2, "{attacker:?}");
    assert!(attacker.iter().all(|verdict| verdict.starts_with("accepted")), "{attacker:?}");
    assert_eq!(verdicts(browser, case, "person"), [REFUSED]);
    let stolen = browser.text(&format!("[data-pixy={case}] [data-pixy=stolen-profile]"));
    assert!(stolen.contains(&stage.account().name), "the attacker sees who it is: {stolen}");
}

#[test]
fn answers_that_nobody_asked_for_are_refused_by_the_app_itself() {
    let stage = stage(part::THIEF_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    let asked = meanwhile(
        || provider.token_requests(),
        || {
            play(browser, "attack-forged-callback");
            play(browser, "attack-mix-up");
        },
    );
    assert!(asked.is_empty(), "no code was sent anywhere: {asked:?}");
    assert_eq!(
        verdicts(browser, "attack-forged-callback", "person"),
        ["refused app login_not_found", "refused app state_mismatch"]
    );
    assert_eq!(
        verdicts(browser, "attack-mix-up", "person"),
        ["refused app issuer_mismatch", "refused app issuer_missing", "accepted app"]
    );
}

#[test]
fn a_stolen_token_works_unless_it_is_bound() {
    let stage = stage(part::THIEF_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    let case = "attack-stolen-token";
    let profile = || profile_requests(provider);
    let asked = meanwhile(profile, || play(browser, case));
    let told: Vec<_> = asked
        .iter()
        .map(|line| (line.text("authorization"), line.has_proof(), line.status()))
        .collect();
    assert_eq!(
        told,
        [("Bearer", false, 200), ("Bearer", false, 401), ("DPoP", true, 401), ("DPoP", true, 200),]
    );
    let outcomes = |side: &str| {
        let told = verdicts(browser, case, side).into_iter();
        told.map(|verdict| verdict.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes("attacker"), ["accepted", "refused", "refused"]);
    assert_eq!(outcomes("person"), ["accepted"]);
    let stolen = browser.text(&format!("[data-pixy={case}] [data-pixy=stolen-profile]"));
    assert!(stolen.contains(&stage.account().name), "{stolen}");
}

#[test]
fn scopes_times_and_audiences_are_enforced_by_the_resource_server() {
    let stage = stage(part::SCOPES_LINK);
    let (browser, provider) = (&stage.browser, &stage.provider);
    let mail = || provider.of_target(&provider.resource, "GET /mail");
    let profile = || profile_requests(provider);
    let outcomes = |case: &str| verdicts(browser, case, "person");

    let asked = meanwhile(mail, || play(browser, "scopes-insufficient"));
    assert_eq!(statuses(&asked), [403, 200]);
    assert_eq!(
        outcomes("scopes-insufficient"),
        ["refused resource-server insufficient_scope", "accepted resource-server"]
    );

    let asked = meanwhile(profile, || play(browser, "scopes-expired"));
    assert_eq!(statuses(&asked), [200, 401]);
    let told = outcomes("scopes-expired");
    assert!(told[0].starts_with("accepted") && told[1].contains("invalid_token"), "{told:?}");

    let revoked = || provider.of_target(&provider.issuer, "POST /token/revocation");
    let mut handed_back = Vec::new();
    let asked = meanwhile(profile, || {
        handed_back = meanwhile(revoked, || play(browser, "scopes-revoked"));
    });
    assert_eq!(statuses(&handed_back), [200]);
    assert_eq!(statuses(&asked), [200, 401]);
    assert!(outcomes("scopes-revoked").last().is_some_and(|told| told.contains("invalid_token")));

    let mut refused = Vec::new();
    let asked = meanwhile(profile, || {
        refused = meanwhile(mail, || play(browser, "scopes-other-api"));
    });
    assert_eq!(statuses(&asked), [200]);
    assert_eq!(refused.len(), 1);
    assert!([401, 403].contains(&refused[0].status()), "{refused:?}");
    let told = outcomes("scopes-other-api");
    assert!(told[0].starts_with("accepted") && told[1].starts_with("refused"), "{told:?}");
}
