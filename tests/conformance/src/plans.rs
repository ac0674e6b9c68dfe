//! What is asked of the suite: which plans, and what a person does at the demo in each module.

use serde_json::{Value, json};

use crate::verdict::Verdict;

/// A plan of the suite.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The suite's name of it.
    pub(crate) name: &'static str,
    /// A heading.
    pub(crate) title: &'static str,
    /// Whether it says itself that the response type is `code`, and refuses to be told.
    says_code: bool,
}

/// The plans, in their order.
pub(crate) const PLANS: [Plan; 6] = [
    Plan { name: "oidcc-client-test-plan", title: "Comprehensive", says_code: false },
    Plan {
        name: "oidcc-client-config-certification-test-plan",
        title: "Configuration",
        says_code: true,
    },
    Plan { name: "oidcc-client-refreshtoken-test-plan", title: "Refresh tokens", says_code: false },
    Plan {
        name: "oidcc-client-rp-initiated-logout-rp-basic",
        title: "Signing out at the provider",
        says_code: true,
    },
    Plan {
        name: "oidcc-client-front-channel-logout-rp-basic",
        title: "Front-channel logout",
        says_code: true,
    },
    Plan {
        name: "oidcc-client-test-3rd-party-init-login-test-plan",
        title: "Logins that begin elsewhere",
        says_code: false,
    },
];

impl Plan {
    /// What the plan is asked for: a public client with a code that is spent once.
    pub(crate) fn variant(&self) -> Value {
        let mut variant = json!({
            "client_auth_type": "none",
            "client_registration": "static_client",
            "request_type": "plain_http_request",
            "response_mode": "default",
        });
        if !self.says_code {
            variant["response_type"] = "code".into();
        }
        variant
    }
}

/// The plans of these names, or all.
pub(crate) fn wanted(names: &[String]) -> Result<Vec<&'static Plan>, String> {
    if names.is_empty() {
        return Ok(PLANS.iter().collect());
    }
    let find = |name: &String| {
        let plan = PLANS.iter().find(|plan| plan.name == name);
        plan.ok_or_else(|| {
            let known: Vec<&str> = PLANS.iter().map(|plan| plan.name).collect();
            format!("there is no plan '{name}' here; there are:\n  {}", known.join("\n  "))
        })
    };
    names.iter().map(find).collect()
}

/// What a person does at the demo, and how it has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Sign in, and see the name.
    SignIn,
    /// The same twice, signing out in between.
    SignInTwice,
    /// Sign in, and be told by this code why not.
    Refused(&'static str),
    /// Sign in, and be told by this code that the profile is not believed.
    ProfileRefused(&'static str),
    /// Open the demo, which gets the provider's document, and do nothing.
    Document,
    /// Sign in, but what comes after the keys never arrives.
    Keys,
    /// Sign in, renew the access token, and ask for the profile with it.
    Renew,
    /// Sign in, and be told by this code why the token is not renewed.
    RenewalRefused(&'static str),
    /// Sign in, and sign out at the provider.
    SignOut,
    /// Be sent to the demo from elsewhere, to sign in.
    Initiated,
}

/// What becomes of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is run in this way, and ends with this verdict.
    Run(Way, Verdict),
    /// It is not run, for this reason.
    LeftOut(&'static str),
}

const fn passes(way: Way) -> Part {
    Part::Run(way, Verdict::Passed)
}

const SECRET: Part = Part::LeftOut("The client shows a secret. A public client has none.");
const BODY: Part = Part::LeftOut(
    "The access token goes into the body. The library shows it in the header (RFC 6750, section \
     2.1), which every provider takes.",
);
const DISTRIBUTED: Part = Part::LeftOut(
    "For some claims the profile points at another server. The library shows what the profile says \
     itself, and asks nobody else.",
);
const WEBFINGER: Part =
    Part::LeftOut("The provider is found by a person's address. Here the app names its provider.");

/// The modules, by the suite's names.
const MODULES: [(&str, Part); 36] = [
    ("oidcc-client-test", passes(Way::SignIn)),
    ("oidcc-client-test-nonce-invalid", passes(Way::Refused("nonce_mismatch"))),
    ("oidcc-client-test-client-secret-basic", SECRET),
    ("oidcc-client-test-scope-userinfo-claims", passes(Way::SignIn)),
    ("oidcc-client-test-kid-absent-single-jwks", passes(Way::SignIn)),
    ("oidcc-client-test-kid-absent-multiple-jwks", passes(Way::SignIn)),
    ("oidcc-client-test-missing-iat", passes(Way::Refused("id_token_invalid"))),
    ("oidcc-client-test-missing-aud", passes(Way::Refused("id_token_invalid"))),
    ("oidcc-client-test-invalid-aud", passes(Way::Refused("id_token_invalid"))),
    // A client need not take unsigned tokens. One that doesn't has nothing to show.
    (
        "oidcc-client-test-idtoken-sig-none",
        Part::Run(Way::Refused("id_token_invalid"), Verdict::Skipped),
    ),
    ("oidcc-client-test-idtoken-sig-rs256", passes(Way::SignIn)),
    ("oidcc-client-test-missing-sub", passes(Way::Refused("id_token_invalid"))),
    ("oidcc-client-test-invalid-sig-rs256", passes(Way::Refused("signature_invalid"))),
    ("oidcc-client-test-invalid-sig-es256", passes(Way::Refused("signature_invalid"))),
    ("oidcc-client-test-invalid-iss", passes(Way::Refused("id_token_invalid"))),
    ("oidcc-client-test-userinfo-invalid-sub", passes(Way::ProfileRefused("subject_mismatch"))),
    ("oidcc-client-test-userinfo-bearer-header", passes(Way::SignIn)),
    ("oidcc-client-test-userinfo-bearer-body", BODY),
    ("oidcc-client-test-userinfo-signed", passes(Way::SignIn)),
    ("oidcc-client-test-aggregated-claims", passes(Way::SignIn)),
    ("oidcc-client-test-distributed-claims", DISTRIBUTED),
    ("oidcc-client-test-discovery-openid-config", passes(Way::Document)),
    ("oidcc-client-test-discovery-jwks-uri-keys", passes(Way::Keys)),
    (
        "oidcc-client-test-discovery-issuer-mismatch",
        passes(Way::Refused("discovery_issuer_mismatch")),
    ),
    ("oidcc-client-test-discovery-webfinger-acct", WEBFINGER),
    ("oidcc-client-test-discovery-webfinger-url", WEBFINGER),
    ("oidcc-client-test-signing-key-rotation-just-before-signing", passes(Way::SignIn)),
    ("oidcc-client-test-signing-key-rotation", passes(Way::SignInTwice)),
    ("oidcc-client-test-refresh-token", passes(Way::Renew)),
    (
        "oidcc-client-test-refresh-token-invalid-issuer",
        passes(Way::RenewalRefused("id_token_invalid")),
    ),
    (
        "oidcc-client-test-refresh-token-invalid-sub",
        passes(Way::RenewalRefused("subject_mismatch")),
    ),
    // The suite sees only that the page in its frame is loaded, and leaves the rest to a person.
    ("oidcc-client-test-rp-init-logout", Part::Run(Way::SignOut, Verdict::Review)),
    ("oidcc-client-test-rp-init-logout-other-state", Part::Run(Way::SignOut, Verdict::Review)),
    ("oidcc-client-test-rp-init-logout-no-state", Part::Run(Way::SignOut, Verdict::Review)),
    ("oidcc-client-test-rp-frontchannel-rpinitlogout", Part::Run(Way::SignOut, Verdict::Review)),
    ("oidcc-client-test-3rd-party-init-login", passes(Way::Initiated)),
];

/// What becomes of a module of this name, if it is known here.
pub(crate) fn part(module: &str) -> Option<Part> {
    MODULES.iter().find(|(name, _)| *name == module).map(|(_, part)| *part)
}

/// A module that fails for a fault of ours, which is not mended yet.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) module: &'static str,
    pub(crate) fault: &'static str,
    pub(crate) what: &'static str,
}

/// The known faults. One that is mended has to leave this list.
pub(crate) const KNOWN: [Known; 2] = [
    Known {
        module: "oidcc-client-test-refresh-token",
        fault: "F52",
        what: "The profile is asked for once in a session: nothing asks again, with the new token.",
    },
    Known {
        module: "oidcc-client-test-3rd-party-init-login",
        fault: "F52",
        what: "Demo and widget have no page where a login that begins elsewhere goes on; the library has.",
    },
];

/// The known fault of a module.
pub(crate) fn known(module: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.module == module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_module_is_listed_once() {
        let names: BTreeSet<&str> = MODULES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), MODULES.len());
    }

    #[test]
    fn a_known_fault_is_of_a_module_that_is_run() {
        for known in &KNOWN {
            assert!(matches!(part(known.module), Some(Part::Run(..))), "{}", known.module);
        }
    }

    #[test]
    fn a_plan_that_says_code_is_not_told() {
        assert_eq!(PLANS[0].variant()["response_type"], "code");
        assert_eq!(PLANS[1].variant().get("response_type"), None);
    }

    #[test]
    fn plans_are_named_or_all_are_meant() {
        assert_eq!(wanted(&[]).unwrap().len(), PLANS.len());
        let name = "oidcc-client-refreshtoken-test-plan".to_owned();
        assert_eq!(wanted(&[name]).unwrap()[0].title, "Refresh tokens");
        let error = wanted(&["everything".to_owned()]).unwrap_err();
        assert!(
            error.contains("there is no plan 'everything'")
                && error.contains("oidcc-client-test-plan")
        );
    }
}
