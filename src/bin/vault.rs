//! The wasm of a vault's worker.

use pixy_login::client::vault;

/// Smaller than that of the standard library.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    vault::inside::serve();
}
