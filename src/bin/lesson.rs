//! The demo's lesson. It has no start of its own: the app calls [`pixy_login::demo::lesson::show`].

use pixy_login as _;

fn main() {}
