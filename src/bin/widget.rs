//! The wasm of the `<pixy-login>` element. It has no start of its own: `entry.js` makes a
//! [`pixy_login::widget::Widget`] for each element in the page.

use pixy_login as _;

/// Smaller than that of the standard library. It joins no large pieces, so it is not for the vault, through which the
/// answers of APIs go.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}
