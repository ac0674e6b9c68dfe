//! Points in time. The clock itself belongs to [`crate::browser`].

/// Seconds since 1970-01-01T00:00:00Z, as in `exp` and `iat` (RFC 7519 section 2, NumericDate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(pub u64);

impl UnixTime {
    /// The time `seconds` later. Stops at the end of the range instead of overflowing.
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds between the two, whichever is earlier: what was noted then is older than it seems, where the clock was
    /// set back.
    ///
    /// ```
    /// # use pixy_login::protocol::UnixTime;
    /// assert_eq!(UnixTime(60).apart(UnixTime(100)), 40);
    /// assert_eq!(UnixTime(100).apart(UnixTime(60)), 40);
    /// ```
    pub const fn apart(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Seconds from `earlier` to this time, 0 when `earlier` is not earlier.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
