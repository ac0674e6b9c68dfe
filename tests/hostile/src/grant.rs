//! What the token endpoint must know of the authorization request. It travels in the code itself,
//! so the server keeps no state until there are tokens.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::encoding::{base64url, base64url_decode, first};
use crate::responses::now;

/// What somebody granted by signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    pub nonce: Option<String>,
    pub client_id: String,
    pub scope: String,
    /// The time of the sign-in, where `max_age` asks for it.
    pub auth_time: Option<u64>,
    /// The first of the `acr_values`.
    pub acr: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// The APIs that were named (RFC 8707 section 2).
    pub resources: Vec<String>,
}

impl Grant {
    pub fn of(request: &[(String, String)]) -> Self {
        let text = |name| first(request, name).map(str::to_owned);
        let acr_values = first(request, "acr_values").unwrap_or_default();
        Self {
            nonce: text("nonce"),
            client_id: text("client_id").unwrap_or_default(),
            scope: text("scope").unwrap_or_default(),
            auth_time: first(request, "max_age").map(|_| now()),
            acr: acr_values.split_whitespace().next().map(str::to_owned),
            dpop_jkt: text("dpop_jkt"),
            resources: request
                .iter()
                .filter(|(name, _)| name == "resource")
                .map(|(_, uri)| uri.clone())
                .collect(),
        }
    }

    /// A code for this grant; no two are the same.
    pub fn write_code(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let content = json!([
            self.nonce,
            self.client_id,
            self.scope,
            self.auth_time,
            self.acr,
            self.dpop_jkt,
            self.resources,
            NUMBER.fetch_add(1, Ordering::Relaxed)
        ]);
        base64url(content.to_string().as_bytes())
    }

    pub fn read_code(code: &str) -> Option<Self> {
        let content: Value = serde_json::from_slice(&base64url_decode(code)?).ok()?;
        let text = |index: usize| content.get(index)?.as_str().map(str::to_owned);
        Some(Self {
            nonce: text(0),
            client_id: text(1)?,
            scope: text(2)?,
            auth_time: content.get(3)?.as_u64(),
            acr: text(4),
            dpop_jkt: text(5),
            resources: serde_json::from_value(content.get(6)?.clone()).ok()?,
        })
    }

    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::parse_form;

    #[test]
    fn a_grant_survives_in_the_code() {
        let request = parse_form(
            "client_id=pixy&scope=openid+mail&nonce=N&max_age=5&acr_values=gold+silver&dpop_jkt=K\
             &resource=urn%3Aa&resource=urn%3Ab",
        );
        let grant = Grant::of(&request);
        assert_eq!(grant.acr.as_deref(), Some("gold"));
        assert!(grant.auth_time.is_some() && grant.has_scope("mail") && !grant.has_scope("ma"));
        assert_ne!(grant.write_code(), grant.write_code());
        assert_eq!(Grant::read_code(&grant.write_code()), Some(grant));
        assert_eq!(Grant::read_code("x"), None);
    }
}
