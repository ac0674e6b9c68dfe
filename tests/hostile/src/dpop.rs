//! Proofs of possession (RFC 9449), checked as section 4.3 says.

use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use crate::cases::Nonces;
use crate::encoding::{base64url, base64url_decode};
use crate::exchange::{Exchange, error};
use crate::http::{Request, Response};
use crate::responses::now;

/// Clocks may differ by this many seconds.
const LEEWAY: u64 = 60;

/// A proof that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub thumbprint: String,
    jti: String,
    nonce: Option<String>,
}

/// The two servers that demand nonces, each for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The token and PAR endpoints.
    AuthorizationServer,
    /// Userinfo and the resource server.
    ResourceServer,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The proof does not hold, or is missing.
    InvalidProof,
    /// The proof lacks the nonce that is demanded.
    UseNonce,
}

impl Refused {
    /// The error code (RFC 9449 sections 5, 8 and 9).
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidProof => "invalid_dpop_proof",
            Self::UseNonce => "use_dpop_nonce",
        }
    }
}

impl Exchange<'_> {
    /// The proof of a request to the token or PAR endpoint, where one is `required` or there.
    pub fn proof(&self, required: bool) -> Result<Option<Proof>, Response> {
        if !required && self.request.header("dpop").is_none() {
            return Ok(None);
        }
        let side = Side::AuthorizationServer;
        let proof = self.check_proof(side, None);
        proof.map(Some).map_err(|refused| self.with_nonce(side, error(refused.code())))
    }

    /// Checks the proof of a request, and notes what is wrong with it.
    pub fn check_proof(&self, side: Side, access_token: Option<&str>) -> Result<Proof, Refused> {
        let target = format!("{}{}", self.place.origin, self.request.path);
        let proof = check(self.request, &target, access_token, now()).map_err(|fault| {
            self.violation(&format!("DPoP: {fault}"));
            Refused::InvalidProof
        })?;
        if !self.session(|session| session.is_new(&format!("jti:{}", proof.jti))) {
            self.violation("DPoP: the jti came before");
            return Err(Refused::InvalidProof);
        }
        if !self.is_nonce_right(side, proof.nonce.as_deref()) {
            return Err(Refused::UseNonce);
        }
        Ok(proof)
    }

    fn nonces(&self, side: Side) -> Nonces {
        match (self.case.dpop, side) {
            (None, _) => Nonces::None,
            (Some(dpop), Side::AuthorizationServer) => dpop.authorization_server,
            (Some(dpop), Side::ResourceServer) => dpop.resource_server,
        }
    }

    fn is_nonce_right(&self, side: Side, nonce: Option<&str>) -> bool {
        match self.nonces(side) {
            Nonces::None => true,
            Nonces::NeverRight => false,
            _ => {
                nonce.is_some_and(|nonce| self.current_nonces(side).iter().any(|one| one == nonce))
            }
        }
    }

    fn current_nonces(&self, side: Side) -> Vec<String> {
        let number = self.session(|session| session.nonces[side as usize]);
        let name = match side {
            Side::AuthorizationServer => "as",
            Side::ResourceServer => "rs",
        };
        match self.nonces(side) {
            Nonces::None => Vec::new(),
            // Before the first was given out there is none to know.
            Nonces::Newest | Nonces::NeverRight if number == 0 => Vec::new(),
            Nonces::Newest | Nonces::NeverRight => {
                vec![format!("{name}-nonce-{number}-of-{}", self.place.segment)]
            }
            Nonces::Huge => vec!["n".repeat(8 << 10)],
            Nonces::Illegal => vec!["a \"nonce\"".to_owned()],
            Nonces::Twice => vec!["first-nonce".to_owned(), "second-nonce".to_owned()],
        }
    }

    /// Hands out the next nonce (RFC 9449 section 8.2).
    pub fn with_nonce(&self, side: Side, response: Response) -> Response {
        self.session(|session| session.nonces[side as usize] += 1);
        let nonces = self.current_nonces(side);
        nonces.iter().fold(response, |response, nonce| response.with_header("DPoP-Nonce", nonce))
    }
}

/// Checks a request's proof; the error says what is wrong. `jti` and nonce are left to the caller.
fn check(
    request: &Request,
    target: &str,
    access_token: Option<&str>,
    now: u64,
) -> Result<Proof, &'static str> {
    let mut proofs = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("dpop"));
    let (Some((_, proof)), None) = (proofs.next(), proofs.next()) else {
        return Err("not one proof");
    };
    let parts: Vec<&str> = proof.split('.').collect();
    let [header_part, payload_part, signature_part] = parts[..] else {
        return Err("the proof is no JWS");
    };
    let header = read_json(header_part).ok_or("the header is no JSON")?;
    let claims = read_json(payload_part).ok_or("the claims are no JSON")?;
    let signature = base64url_decode(signature_part).ok_or("the signature is no base64url")?;
    if header["typ"] != "dpop+jwt" {
        return Err("typ is not dpop+jwt");
    }
    if header["alg"] != "ES256" {
        return Err("alg is not ES256");
    }
    let jwk = Jwk::read(&header["jwk"])?;
    let signed = format!("{header_part}.{payload_part}");
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, jwk.point()?);
    key.verify(signed.as_bytes(), &signature).map_err(|_| "the signature is wrong")?;
    check_claims(&claims, request, target, access_token, now)?;
    let jti = claims["jti"].as_str().filter(|jti| !jti.is_empty()).ok_or("there is no jti")?;
    Ok(Proof {
        thumbprint: jwk.thumbprint(),
        jti: jti.to_owned(),
        nonce: claims["nonce"].as_str().map(str::to_owned),
    })
}

fn check_claims(
    claims: &Value,
    request: &Request,
    target: &str,
    access_token: Option<&str>,
    now: u64,
) -> Result<(), &'static str> {
    if claims["htm"] != request.method {
        return Err("htm is not the method");
    }
    if claims["htu"] != target {
        return Err("htu is not the address without query and fragment");
    }
    let iat = claims["iat"].as_u64().ok_or("iat is no whole number")?;
    if iat.abs_diff(now) > LEEWAY {
        return Err("iat is not now");
    }
    match access_token {
        Some(token) if claims["ath"] != hash(token) => Err("ath is not the access token's hash"),
        None if !claims["ath"].is_null() => Err("ath without an access token"),
        _ => Ok(()),
    }
}

fn read_json(part: &str) -> Option<Value> {
    serde_json::from_slice(&base64url_decode(part)?).ok()
}

fn hash(text: &str) -> String {
    base64url(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The public P-256 key of a proof.
struct Jwk<'a> {
    x: &'a str,
    y: &'a str,
}

impl<'a> Jwk<'a> {
    fn read(jwk: &'a Value) -> Result<Self, &'static str> {
        if !jwk["d"].is_null() {
            return Err("the jwk holds the private key");
        }
        if jwk["kty"] != "EC" || jwk["crv"] != "P-256" {
            return Err("the jwk is no P-256 key");
        }
        let coordinate = |name: &str| jwk[name].as_str().ok_or("the jwk lacks a coordinate");
        Ok(Self { x: coordinate("x")?, y: coordinate("y")? })
    }

    fn point(&self) -> Result<Vec<u8>, &'static str> {
        let coordinate =
            |text| base64url_decode(text).ok_or("a coordinate of the jwk is no base64url");
        Ok([vec![4], coordinate(self.x)?, coordinate(self.y)?].concat())
    }

    /// RFC 7638 section 3.
    fn thumbprint(&self) -> String {
        let (x, y) = (self.x, self.y);
        hash(&format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}"))
    }
}
