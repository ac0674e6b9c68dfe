//! Microsoft Entra's issuers for more than one tenant.

use super::*;

const ACME: &str = "5b1c2d3e-4f60-4a7b-8c9d-0e1f2a3b4c5d";
const OTHER: &str = "0e7d1b4c-5a3b-4d6e-8f10-9a2b3c4d5e6f";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

fn issuer_of(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

fn any() -> Issuer {
    Issuer::entra(EntraAccounts::Any)
}

fn discover_at(issuer: &Issuer, named: &str) -> Result<ProviderMetadata, Error> {
    ProviderMetadata::from_response(issuer, &answer(200, &document_with("issuer", json!(named))))
}

#[test]
fn the_document_is_looked_for_where_entra_has_it() {
    let table = [
        (EntraAccounts::Any, "common"),
        (EntraAccounts::WorkOrSchool, "organizations"),
        (EntraAccounts::Personal, "consumers"),
    ];
    for (accounts, tenant) in table {
        let issuer = Issuer::entra(accounts);
        assert_eq!(issuer.as_str(), issuer_of(tenant));
        let url = DiscoveryKind::OpenIdConnect.url(&issuer);
        assert_eq!(url, issuer_of(tenant) + "/.well-known/openid-configuration");
    }
}

#[test]
fn the_document_names_exactly_the_template() {
    let personal = issuer_of(PERSONAL);
    let table = [
        (EntraAccounts::Any, TEMPLATE, true),
        (EntraAccounts::WorkOrSchool, TEMPLATE, true),
        (EntraAccounts::Personal, personal.as_str(), true),
        (EntraAccounts::Any, personal.as_str(), false),
        (EntraAccounts::Personal, TEMPLATE, false),
        (EntraAccounts::Any, "https://login.microsoftonline.com/common/v2.0", false),
        (EntraAccounts::Any, "https://login.microsoftonline.com/{tenantid}/v2.0/", false),
        (EntraAccounts::Any, "https://evil.test/{tenantid}/v2.0", false),
        (EntraAccounts::Any, "https://login.microsoftonline.com/{tenantid}", false),
    ];
    for (accounts, named, accepted) in table {
        let found = discover_at(&Issuer::entra(accounts), named);
        assert_eq!(found.is_ok(), accepted, "{accounts:?} {named}");
    }
}

#[test]
fn a_token_is_of_its_own_tenant_and_of_no_other() {
    let acme = issuer_of(ACME);
    let personal = issuer_of(PERSONAL);
    let table = [
        (EntraAccounts::Any, acme.as_str(), Some(ACME), true),
        (EntraAccounts::Any, personal.as_str(), Some(PERSONAL), true),
        (EntraAccounts::WorkOrSchool, acme.as_str(), Some(ACME), true),
        (EntraAccounts::WorkOrSchool, personal.as_str(), Some(PERSONAL), false),
        (EntraAccounts::Personal, personal.as_str(), Some(PERSONAL), true),
        (EntraAccounts::Personal, acme.as_str(), Some(ACME), false),
        (EntraAccounts::Any, acme.as_str(), Some(OTHER), false),
        (EntraAccounts::Any, acme.as_str(), None, false),
        (EntraAccounts::Any, acme.as_str(), Some(""), false),
        (EntraAccounts::Any, TEMPLATE, Some("{tenantid}"), false),
        (EntraAccounts::Any, TEMPLATE, None, false),
        (
            EntraAccounts::Any,
            "https://login.microsoftonline.com/common/v2.0",
            Some("common"),
            false,
        ),
        (
            EntraAccounts::Any,
            "https://login.microsoftonline.com/a/../b/v2.0",
            Some("a/../b"),
            false,
        ),
        (EntraAccounts::Any, "https://login.microsoftonline.us/x/v2.0", Some(ACME), false),
    ];
    for (accounts, iss, tenant, accepted) in table {
        let accepts = Issuer::entra(accounts).accepts_token(iss, tenant);
        assert_eq!(accepts, accepted, "{accounts:?} {iss} {tenant:?}");
    }
    for host in
        ["evil.test", "login.microsoftonline.com.evil.test", "login.microsoftonline.com:444"]
    {
        let iss = format!("https://{host}/{ACME}/v2.0");
        assert!(!any().accepts_token(&iss, Some(ACME)), "{iss}");
    }
    for odd in [
        "5b1c2d3e4f604a7b8c9d0e1f2a3b4c5d",
        "5b1c2d3e-4f60-4a7b-8c9d-0e1f2a3b4c5",
        "-----",
        "5b1c2d3e-4f60-4a7b-8c9d-0e1f2a3b4c5d-",
        "5b1c2d3g-4f60-4a7b-8c9d-0e1f2a3b4c5d",
    ] {
        assert!(!any().accepts_token(&issuer_of(odd), Some(odd)), "{odd}");
    }
}

#[test]
fn an_exact_issuer_is_not_loosened() {
    for exact in [issuer_of(ACME), issuer_of("common"), ISSUER.to_owned()] {
        let issuer = Issuer::parse(&exact).unwrap();
        assert!(issuer.accepts_document(&exact) && issuer.accepts_token(&exact, None));
        assert!(issuer.accepts_token(&exact, Some(OTHER)), "`tid` means nothing elsewhere");
        assert!(!issuer.accepts_document(TEMPLATE), "{exact}");
        assert!(!issuer.accepts_token(&issuer_of(OTHER), Some(OTHER)), "{exact}");
        assert_ne!(issuer, any());
    }
    for name in ["entra:common", "entra:organizations", "entra:consumers", TEMPLATE] {
        assert!(Issuer::parse(name).is_err(), "{name}");
    }
}

/// An ID token with this issuer and tenant, as the answer to a login at `accounts`, after the storage.
fn sign_in(accounts: EntraAccounts, iss: &str, tenant: serde_json::Value) -> Result<String, Error> {
    let named = accounts.named_in_document();
    let metadata = discover_at(&Issuer::entra(accounts), named).unwrap();
    let stored = login_at(&metadata).to_json();
    let login = PendingLogin::from_json(&stored).expect("the record comes back");
    let mut claims = claims_with("iss", json!(iss));
    claims["tid"] = tenant;
    let token = jws(r#"{"alg":"RS256"}"#, &claims.to_string());
    verify_by(&token, login, NOW).map(|token| token.subject().to_owned())
}

#[test]
fn the_choice_survives_the_storage_and_the_token_is_judged_by_it() {
    let acme = issuer_of(ACME);
    assert_eq!(sign_in(EntraAccounts::Any, &acme, json!(ACME)).unwrap(), "hanako");
    for (iss, tenant) in [
        (acme.as_str(), json!(OTHER)),
        (acme.as_str(), json!(null)),
        (acme.as_str(), json!(1)),
        (acme.as_str(), json!([ACME])),
        (TEMPLATE, json!(ACME)),
        ("https://login.microsoftonline.com/common/v2.0", json!(ACME)),
    ] {
        let error = sign_in(EntraAccounts::Any, iss, tenant.clone()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::IdTokenInvalid, "{iss} {tenant}");
        assert_eq!(error.subject(), Some("iss"), "{iss} {tenant}");
    }
}

#[test]
fn the_choice_survives_the_cache_and_belongs_to_its_own_settings() {
    let metadata = discover_at(&any(), TEMPLATE).unwrap();
    let cached = CachedMetadata { fetched: NOW, metadata: metadata.clone() };
    let back = CachedMetadata::from_json(&cached.to_json()).unwrap();
    assert_eq!(back.metadata, metadata);
    assert_eq!(back.metadata.issuer(), &any());

    let config = Config::with_issuer(any(), CLIENT_ID, REDIRECT_URI).unwrap();
    let login = PendingLogin::from_json(&login_at(&metadata).to_json()).unwrap();
    assert!(login.is_of(&config));
    let exact = Config::new(any().as_str(), CLIENT_ID, REDIRECT_URI).unwrap();
    assert!(!login.is_of(&exact));
}

#[test]
fn a_tenant_claim_of_any_type_means_nothing_elsewhere() {
    for tenant in [json!(1), json!(null), json!({}), json!("x")] {
        assert_eq!(verify(&claims_with("tid", tenant)).as_deref(), Ok("hanako"));
    }
}
