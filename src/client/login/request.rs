//! What an app asks for when somebody is to sign in.

use crate::protocol::{
    Error, PendingLogin, RefusedRequest, RequestOptions, ReturnTo, Scope, StepUp, UnixTime,
};

/// How to sign in.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SignIn {
    pub(in crate::client) return_to: Option<String>,
    pub(in crate::client) more_scope: Scope,
    pub(in crate::client) options: RequestOptions,
    pub(in crate::client) needed: Option<Scope>,
    pub(super) refused: Option<RefusedRequest>,
    pub(super) step_ups: u64,
    pub(super) resumes: Option<UnixTime>,
    in_popup: bool,
    pub(super) is_again: bool,
}

impl SignIn {
    /// With the app's own scope, and back to the page where it began.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes to this page of the app afterwards. Relative to the redirect URI's folder; what is not of
    /// the app's own origin becomes that folder.
    pub fn return_to(mut self, page: &str) -> Self {
        self.return_to = Some(page.to_owned());
        self
    }

    /// Signs in in a window beside the page, which stays as it is. [`Client::sign_in`](crate::client::Client::sign_in) must then be called
    /// in the click's own listener, before anything is awaited, or the browser blocks the window. Where it
    /// does, with a vault, and in builds without the feature `popup`, the page is left as usual. In a frame of
    /// another site no window is of use, and none is opened.
    pub fn in_popup(mut self) -> Self {
        self.in_popup = true;
        self
    }

    /// Whether it is to be in a window beside the page.
    pub const fn is_in_popup(&self) -> bool {
        self.in_popup
    }

    /// Asks for these, before the app's own options.
    pub fn options(mut self, options: RequestOptions) -> Self {
        self.options = options;
        self
    }

    /// Asks for what a resource server asks for. What comes of it is checked in the ID token and in the
    /// granted scope; [`Client::repeated`](crate::client::Client::repeated) says when it is not enough.
    pub fn step_up(mut self, asked: &StepUp) -> Self {
        self.more_scope = self.more_scope.union(asked.scope());
        self.options = asked.options().or(&self.options);
        self.needed = Some(asked.scope().clone());
        self
    }

    /// Sends this request once more afterwards; `step_ups` sign-ins in a row are for such requests.
    #[cfg(feature = "step-up")]
    pub(in crate::client) fn repeating(mut self, refused: RefusedRequest, step_ups: u64) -> Self {
        self.refused = Some(refused);
        self.step_ups = step_ups;
        self
    }

    /// Without a word to the person, to go on with the session that began then, if the provider still knows
    /// them. Of several who are signed in there, the `hint` says who is meant.
    pub(in crate::client) fn resuming(began: UnixTime, hint: Option<&str>) -> Result<Self, Error> {
        let options = RequestOptions::new().prompt("none")?;
        let options = hint.map_or(options.clone(), |hint| options.login_hint(hint));
        Ok(Self { options, resumes: Some(began), ..Self::default() })
    }

    /// A login in the place of one that was begun in another tab, and answered in this one.
    pub(in crate::client) fn elsewhere(return_to: &ReturnTo) -> Self {
        Self { return_to: Some(return_to.as_str().to_owned()), is_again: true, ..Self::default() }
    }

    /// The same as a login that failed, in its place.
    pub(in crate::client) fn again(login: &PendingLogin) -> Self {
        Self {
            return_to: Some(login.return_to().as_str().to_owned()),
            more_scope: login.scope().clone(),
            // The person has just been shown what was to be shown.
            options: login.options().clone().without_prompt(),
            needed: login.needed_scope().cloned(),
            refused: login.refused_request().cloned(),
            step_ups: login.step_ups(),
            resumes: login.resumes(),
            in_popup: false,
            is_again: true,
        }
    }

    /// Asks for this scope too, beside the app's own and what was granted before.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidScope`](crate::protocol::ErrorCode::InvalidScope).
    pub fn add_scope(mut self, scope: &str) -> Result<Self, Error> {
        self.more_scope = self.more_scope.union(&Scope::parse(scope)?);
        Ok(self)
    }
}
