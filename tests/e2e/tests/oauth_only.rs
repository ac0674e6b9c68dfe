//! A provider that speaks OAuth without OpenID Connect: no ID token, metadata at the place of
//! RFC 8414 or none at all, and the profile at an API of its own.

use end_to_end::stage::{CLIENT_ID, HOSTILE_NAME, part, wait_for_profile};
use end_to_end::{HostileStage, checks};
use hostile_server::Endpoint;
use serde_json::json;

fn signs_in(stage: &HostileStage) {
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    assert!(!stage.browser.shows(part::ERROR));
    assert_eq!(stage.count(Endpoint::Userinfo), 1);
    checks::nothing_is_left(&stage.browser, &stage.site, &stage.secrets());
}

#[test]
fn a_person_signs_in_without_an_id_token() {
    let stage = HostileStage::new("oauth-only");
    let issuer = stage.server.issuer("oauth-only");
    stage.site.set_settings(json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "read:user",
        "profile_endpoint": format!("{issuer}/userinfo"),
    }));
    signs_in(&stage);
}

#[test]
fn a_person_signs_in_without_any_metadata() {
    let stage = HostileStage::new("oauth-only");
    let issuer = stage.server.issuer("oauth-only");
    stage.site.set_settings(json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "read:user",
        "profile_endpoint": format!("{issuer}/userinfo"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "pkce": "documented",
    }));
    signs_in(&stage);
    assert_eq!(stage.count(Endpoint::Discovery), 0);
}
