//! Microsoft Entra's issuers for more than one tenant.
//!
//! A tenant's own issuer is compared to the letter, as any other. These can't be: their discovery
//! document names a template, and each token names its tenant's own issuer.

/// Whose accounts may sign in at Microsoft Entra, when it is not one tenant's only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EntraAccounts {
    /// Work, school and personal accounts (`common`). Anybody can have one, so that it is up to the app
    /// whom it lets in. An e-mail address says nothing there: each tenant writes its own.
    Any,
    /// Work and school accounts of every tenant (`organizations`).
    WorkOrSchool,
    /// Personal accounts (`consumers`), which are all of one tenant.
    Personal,
}

/// The discovery document's issuer: a tenant's own, with a hole in it.
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
/// The issuer of personal accounts.
const PERSONAL: &str =
    "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

impl EntraAccounts {
    /// The issuer below which the discovery document is.
    pub(super) const fn issuer(self) -> &'static str {
        match self {
            Self::Any => "https://login.microsoftonline.com/common/v2.0",
            Self::WorkOrSchool => "https://login.microsoftonline.com/organizations/v2.0",
            Self::Personal => "https://login.microsoftonline.com/consumers/v2.0",
        }
    }

    /// The issuer that the document names.
    pub(super) const fn named_in_document(self) -> &'static str {
        match self {
            Self::Any | Self::WorkOrSchool => TEMPLATE,
            Self::Personal => PERSONAL,
        }
    }

    /// Whether an ID token is from one of these accounts: its issuer is the template, filled with its
    /// own tenant.
    pub(super) fn accept_token(self, iss: &str, tenant: Option<&str>) -> bool {
        let Some(tenant) = tenant.filter(|tenant| is_guid(tenant)) else { return false };
        let is_personal = iss.eq_ignore_ascii_case(PERSONAL);
        let is_allowed = match self {
            Self::Any => true,
            Self::WorkOrSchool => !is_personal,
            Self::Personal => is_personal,
        };
        is_allowed && iss == ["https://login.microsoftonline.com/", tenant, "/v2.0"].concat()
    }

    /// The name in a storage, which is no URL.
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::Any => "entra:common",
            Self::WorkOrSchool => "entra:organizations",
            Self::Personal => "entra:consumers",
        }
    }

    /// By the name that stands in the issuer in a tenant's place: `common`, `organizations` or `consumers`.
    #[cfg(all(feature = "presets", feature = "widget"))]
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::from_stored(&["entra:", name].concat())
    }

    pub(super) fn from_stored(text: &str) -> Option<Self> {
        [Self::Any, Self::WorkOrSchool, Self::Personal]
            .into_iter()
            .find(|accounts| accounts.stored() == text)
    }
}

/// `8-4-4-4-12` hexadecimal digits (RFC 9562 section 4).
pub(super) fn is_guid(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('-').all(is_hex) && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
