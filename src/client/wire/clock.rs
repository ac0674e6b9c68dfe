//! The right time, where this computer's clock is wrong.
//!
//! Servers judge proofs by seconds, and ID tokens bear the provider's time. A page can't read a provider's
//! clock (CORS hides the `Date` header), but that of the server it came from: one request for the page's own
//! address, and only when something did not fit.

use super::{Wire, get, open};
use crate::browser::clock::seconds_of_date;
use crate::browser::fetch::Method;
use crate::client::context::Context;
use crate::client::stored::Stored;
use crate::protocol::{Error, ErrorCode, UnixTime};

/// By how many seconds this computer's clock is behind, for the pages of this tab.
#[derive(Default)]
struct Correction(i64);

impl Stored for Correction {
    fn key(_: &Context) -> String {
        "pixy-login:clock".to_owned()
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// A difference of so many seconds is none: `Date` counts whole seconds, and an answer takes a while.
const SAME: i64 = 2;

/// What came of comparing the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// This computer's clock was wrong by more than was known, and is corrected from now on.
    Corrected,
    /// It is right, as far as it is corrected already.
    Right,
    /// Nobody knows: the page's server does not tell the time.
    Unknown,
}

impl Wire {
    /// The time, corrected as far as it is known to be wrong. For what others compare with their own clocks;
    /// how long something takes is counted by this computer's.
    pub(in crate::client) fn right_time(&self) -> UnixTime {
        UnixTime(self.context.now().0.saturating_add_signed(self.correction()))
    }

    /// Compares this computer's clock with that of the page's own server.
    pub(super) async fn compare_clocks(&self) -> Compared {
        let Some(told) = self.time_of_server().await else { return Compared::Unknown };
        let known = self.correction();
        let difference = told.cast_signed().saturating_sub(self.context.now().0.cast_signed());
        let difference = if difference.abs() <= SAME { 0 } else { difference };
        if difference.abs_diff(known) <= SAME.unsigned_abs() {
            return Compared::Right;
        }
        self.correction.set(Some(difference));
        // Where it is denied, the next page finds it out for itself.
        self.context.store(&Correction(difference));
        Compared::Corrected
    }

    /// Judges something by the time; once more by the right time, where it does not fit this computer's.
    ///
    /// # Errors
    ///
    /// What the judge says.
    pub(in crate::client) async fn judge_by_right_time<T>(
        &self,
        judge: impl Fn(UnixTime) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match judge(self.right_time()) {
            Err(error) if error.code() == ErrorCode::ClockWrong => {
                let judged = match self.compare_clocks().await {
                    Compared::Corrected => judge(self.right_time()),
                    Compared::Right => Err(error),
                    Compared::Unknown => return Err(error),
                };
                // By the right time it is no matter of clocks any more.
                judged.map_err(|error| match error.code() {
                    ErrorCode::ClockWrong => {
                        let claim = error.subject().unwrap_or_default();
                        Error::new(ErrorCode::IdTokenInvalid).about(claim)
                    }
                    _ => error,
                })
            }
            judged => judged,
        }
    }

    /// By how many seconds this computer's clock is behind.
    pub(in crate::client) fn correction(&self) -> i64 {
        if let Some(known) = self.correction.get() {
            return known;
        }
        let Correction(kept) = self.context.stored().unwrap_or_default();
        self.correction.set(Some(kept));
        kept
    }

    /// What time it is at the server of the page, by its `Date`; what a cache has kept for a while is that
    /// much older (`Age`, RFC 9111 section 5.1).
    async fn time_of_server(&self) -> Option<u64> {
        let page = self.context.config().redirect_uri().without_query();
        let mut request = get(page);
        request.method = Method::HEAD;
        let answer = open(self.context.browser(), request).await.ok()?;
        let date = seconds_of_date(&answer.rest.header("Date")?)?;
        let age = answer.rest.header("Age").and_then(|age| age.trim().parse().ok());
        Some(date + age.unwrap_or(0))
    }
}
