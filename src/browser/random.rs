//! Random numbers fit for secrets, from `crypto.getRandomValues`.

/// The browser gives no secure random numbers. There is no fallback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RandomUnavailable;

/// 32 random bytes, 256 bits.
///
/// # Errors
///
/// [`RandomUnavailable`].
pub fn bytes() -> Result<[u8; 32], RandomUnavailable> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| RandomUnavailable)?;
    Ok(bytes)
}
