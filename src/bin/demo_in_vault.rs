//! The demo app again, where its settings want the tokens in a vault.

fn main() {
    pixy_login::demo::app::run();
}
