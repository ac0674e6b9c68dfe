//! What time it is. `std::time` panics in the browser, so `Date` is asked.

/// A clock.
pub trait Clock {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;
}

/// Milliseconds since 1970-01-01T00:00:00Z, for showing how long something took.
#[cfg(any(feature = "demo", feature = "lesson"))]
pub(crate) fn milliseconds() -> u64 {
    // `as` saturates: a clock before 1970 is 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let milliseconds = js_sys::Date::now() as u64;
    milliseconds
}

/// The seconds of a date as HTTP writes it (RFC 9110 section 5.6.7), or anything else that the browser reads.
pub fn seconds_of_date(text: &str) -> Option<u64> {
    let milliseconds = js_sys::Date::parse(text);
    // `as` saturates; what is no date is no number.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (milliseconds >= 0.0).then_some((milliseconds / 1000.0) as u64)
}

/// The computer's clock, right or wrong.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        // `as` saturates: a clock before 1970 is 0.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let seconds = (js_sys::Date::now() / 1000.0) as u64;
        seconds
    }
}
