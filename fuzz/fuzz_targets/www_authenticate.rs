//! The `WWW-Authenticate` header: what was written is read, whatever stands behind it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pixy_login::protocol::Challenge;
use pixy_login_fuzz::is_acting;

// A header, which also serves as a value to be quoted.
fuzz_target!(|text: &str| {
    for challenge in Challenge::parse(text) {
        if let Some(description) = challenge.description() {
            assert!(description.chars().count() <= 300);
            assert!(!description.chars().any(is_acting), "{description:?}");
        }
    }

    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let header = format!("DPoP realm=\"{quoted}\" , ERROR = \"use_dpop_nonce\"");
    let alone = Challenge::parse(&header);
    let [challenge] = &alone[..] else { panic!("{} challenges: {header:?}", alone.len()) };
    assert!(challenge.is("dpop") && !challenge.is("bearer"));
    assert_eq!(challenge.get("realm"), Some(text));
    assert_eq!(challenge.get("error"), Some("use_dpop_nonce"));

    // Another challenge, and whatever comes behind it, changes nothing before it.
    let more = Challenge::parse(&format!("{header}, Bearer scope=\"mail\", {text}"));
    assert_eq!(more.first(), Some(challenge));
    assert!(more.get(1).is_some_and(|second| second.is("bearer")));
});
