//! A sign-in that begins again by itself, once, where the one before failed for a reason that another one does
//! not meet.

use std::rc::Rc;

use super::{Login, Outcome, SignIn};
use crate::client::provider::Offer;
use crate::client::session::Tokens;
use crate::protocol::refused_token::is_about_proof;
use crate::protocol::{
    Dpop, Error, ErrorCode, PendingLogin, ServerResponse, State, TokenType, UnixTime,
};

/// For how many seconds a token is as good as new.
const FRESH: u64 = 30;

/// What was found out on the way to a failure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Findings {
    /// The provider answers this page, but to no request with a proof.
    pub(super) keeps_proofs_out: bool,
    /// This computer's clock was found to be wrong, and is corrected by now.
    pub(super) clock_was_corrected: bool,
}

/// What another attempt does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// It asks for tokens that are not bound to a key.
    Unbound,
    /// It asks for bound ones after all.
    Bound,
    /// It comes later, or by the right time.
    Later,
}

impl Login {
    /// Begins a failed login again, if that can help, and nobody would lose a page by it.
    ///
    /// # Errors
    ///
    /// The failure, where it stands, and what keeps another login from beginning.
    pub(super) async fn begin_again(
        self: &Rc<Self>,
        login: &PendingLogin,
        error: Error,
        findings: Findings,
    ) -> Result<Outcome, Error> {
        let begun = self.sessions.begun();
        let has_key = login.dpop_jkt().is_some();
        let is_bound = has_key && self.context.config().wanted_dpop() != Dpop::Required;
        #[cfg(feature = "dpop")]
        let (error, findings) = self.look_at_proofs(login, error, findings).await;
        let did_without = login.dpop_jkt().is_none()
            && login.metadata().supports_dpop()
            && self.provider.is_unusable(Offer::Binding);
        let remedy = match did_without {
            true => missed_binding(&error),
            false => remedy(&error, is_bound, findings),
        };
        let Some(remedy) = remedy else { return Err(error) };
        match remedy {
            Remedy::Unbound if self.provider.needs_binding() => return Err(error),
            Remedy::Unbound => self.provider.note_unusable(Offer::Binding),
            Remedy::Bound => self.provider.note_binding_needed(),
            Remedy::Later => {}
        }
        if login.is_again() {
            return Err(error);
        }
        self.context.emit_refusal(&error);
        // Meanwhile, or at that, somebody may have signed out.
        if self.sessions.is_called_off(begun) {
            return Ok(Outcome::CalledOff);
        }
        let again = SignIn::again(login);
        match State::is_of_popup(login.state_key()) {
            // Whoever has taken the answer sends the window beside the page.
            #[cfg(feature = "popup")]
            true => self.window.begin_again(again),
            #[cfg(not(feature = "popup"))]
            true => return Err(ErrorCode::LoginNotFound.into()),
            false => self.leave_at_once(again).await?,
        }
        Ok(Outcome::SigningIn)
    }

    /// Finds out whether it is for the sake of the proof that the request did not get through.
    #[cfg(feature = "dpop")]
    async fn look_at_proofs(
        &self,
        login: &PendingLogin,
        error: Error,
        findings: Findings,
    ) -> (Error, Findings) {
        let has_key = login.dpop_jkt().is_some();
        if !has_key || error.code() != ErrorCode::NetworkOrCors {
            return (error, findings);
        }
        let endpoint = login.metadata().token_endpoint();
        if !self.wire.keeps_proofs_out(endpoint).await {
            return (error, findings);
        }
        let error = error.about(&["header DPoP at ", endpoint.as_str()].concat());
        (error, Findings { keeps_proofs_out: true, ..findings })
    }

    /// The provider's own endpoint refuses a bound token that has just been made: it binds tokens and can't
    /// read them. The sign-in begins again without, if nobody would lose a page by it.
    pub(in crate::client) async fn begin_again_unbound(
        self: &Rc<Self>,
        tokens: &Tokens,
        response: &ServerResponse,
    ) {
        let set = &tokens.set;
        let is_fresh = |since: UnixTime| self.context.now().since(since) < FRESH;
        let is_refused = response.status == 401 && set.token_type == TokenType::Dpop;
        let must_be_bound =
            self.context.config().wanted_dpop() == Dpop::Required || self.provider.needs_binding();
        if !is_refused || must_be_bound || !is_fresh(set.received) {
            return;
        }
        self.provider.note_unusable(Offer::Binding);
        if is_fresh(set.began) && !self.was_in_window() && !self.is_under_way() {
            self.context.emit_refusal(&ErrorCode::TokenRefused.into());
            // What keeps it from beginning is told by the status.
            let _ = self.sign_in(SignIn::new()).await;
        }
    }

    /// Whether the person signed in in a window beside this page, which they would not want to lose.
    fn was_in_window(&self) -> bool {
        #[cfg(feature = "popup")]
        return self.window.was_used();
        #[cfg(not(feature = "popup"))]
        false
    }
}

/// What helps a login that did without a proof, at a provider that refuses it for whatever reason: perhaps it
/// wants one.
fn missed_binding(error: &Error) -> Option<Remedy> {
    let is_refusal =
        matches!(error.code(), ErrorCode::ProviderError | ErrorCode::TokenRequestRefused);
    is_refusal.then_some(Remedy::Bound)
}

fn remedy(error: &Error, is_bound: bool, findings: Findings) -> Option<Remedy> {
    let said = error.provider();
    let description = said.and_then(|said| said.description.as_deref()).unwrap_or_default();
    let said = said.map(|said| said.error.as_str()).unwrap_or_default();
    match error.code() {
        // Keycloak: the person was too slow at its own pages, and it knows them yet.
        ErrorCode::ProviderUnavailable if description == "authentication_expired" => {
            Some(Remedy::Later)
        }
        ErrorCode::TokenRequestRefused if is_bound && is_about_proof(said, description) => {
            Some(Remedy::Unbound)
        }
        // The refusal of the proof has spent the code.
        ErrorCode::TokenRequestRefused if is_bound && findings.clock_was_corrected => {
            Some(Remedy::Later)
        }
        ErrorCode::DpopNonceRefused | ErrorCode::ClockWrong if is_bound => Some(Remedy::Unbound),
        ErrorCode::StorageDenied if is_bound => Some(Remedy::Unbound),
        // Its CORS does not let the header DPoP in.
        ErrorCode::NetworkOrCors if is_bound && findings.keeps_proofs_out => Some(Remedy::Unbound),
        _ => None,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::protocol::ProviderError;

    const NOTHING: Findings = Findings { keeps_proofs_out: false, clock_was_corrected: false };

    fn refused(error: &str, description: Option<&str>) -> Error {
        Error::new(ErrorCode::TokenRequestRefused).said(ProviderError::new(error, description))
    }

    #[test]
    fn a_proof_that_nobody_takes_is_done_without() {
        let kept_out = Findings { keeps_proofs_out: true, ..NOTHING };
        for (error, findings) in [
            (refused("invalid_dpop_proof", None), NOTHING),
            (refused("invalid_request", Some("DPoP proof is not active")), NOTHING),
            (ErrorCode::DpopNonceRefused.into(), NOTHING),
            (ErrorCode::ClockWrong.into(), NOTHING),
            (ErrorCode::StorageDenied.into(), NOTHING),
            (ErrorCode::NetworkOrCors.into(), kept_out),
        ] {
            assert_eq!(remedy(&error, true, findings), Some(Remedy::Unbound), "{error}");
            assert_eq!(remedy(&error, false, findings), None, "unbound already: {error}");
        }
    }

    #[test]
    fn what_another_login_would_meet_again_stands() {
        for error in [
            refused("invalid_grant", None),
            refused("invalid_client", Some("no such client")),
            ErrorCode::NetworkOrCors.into(),
            ErrorCode::AccessDenied.into(),
            ErrorCode::IdTokenInvalid.into(),
            ErrorCode::ProviderUnavailable.into(),
        ] {
            assert_eq!(remedy(&error, true, NOTHING), None, "{error}");
        }
    }

    #[test]
    fn a_code_that_a_wrong_clock_has_spent_is_asked_for_again() {
        let corrected = Findings { clock_was_corrected: true, ..NOTHING };
        let spent = refused("invalid_grant", None);
        assert_eq!(remedy(&spent, true, corrected), Some(Remedy::Later));
    }

    #[test]
    fn a_provider_that_wants_a_proof_after_all_gets_one() {
        assert_eq!(missed_binding(&refused("invalid_request", None)), Some(Remedy::Bound));
        assert_eq!(missed_binding(&ErrorCode::ProviderError.into()), Some(Remedy::Bound));
        assert_eq!(missed_binding(&ErrorCode::AccessDenied.into()), None);
        assert_eq!(missed_binding(&ErrorCode::NetworkOrCors.into()), None);
    }

    #[test]
    fn a_person_who_was_slow_at_keycloak_begins_again() {
        let said = ProviderError::new("temporarily_unavailable", Some("authentication_expired"));
        let slow = Error::new(ErrorCode::ProviderUnavailable).said(said);
        assert_eq!(remedy(&slow, false, NOTHING), Some(Remedy::Later));
        let said = ProviderError::new("temporarily_unavailable", Some("maintenance"));
        let down = Error::new(ErrorCode::ProviderUnavailable).said(said);
        assert_eq!(remedy(&down, true, NOTHING), None);
    }
}
