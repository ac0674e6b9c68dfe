//! The wasm of a vault's worker.

use pixy_login::client::vault;

fn main() {
    vault::inside::serve();
}
