//! The demo app.

fn main() {
    pixy_login::demo::app::run();
}
