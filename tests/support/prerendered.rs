//! A page that the browser has loaded before anybody comes to it, or that nobody sees any more.

use core::time::Duration;

use js_sys::{Object, Reflect};
use pixy_login::browser::timer::pause;
use pixy_login::client::Client;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Event};

/// What a page waits for, and a little longer than other tabs are asked.
pub const A_WHILE: Duration = Duration::from_millis(500);

/// Starts a client in such a page, and gives it time to do what it should not.
pub async fn start_beforehand(client: &Client) {
    let starting = client.clone();
    spawn_local(async move { drop(starting.start().await) });
    pause(A_WHILE).await;
}

/// As long as it lives, nobody has come to the page. Dropped, somebody does.
pub struct Prerendered(());

impl Prerendered {
    /// The page is loaded beforehand.
    pub fn begin() -> Self {
        tell("prerendering");
        Self(())
    }
}

impl Drop for Prerendered {
    fn drop(&mut self) {
        Reflect::delete_property(&document(), &"prerendering".into()).expect("its own property");
        let event = Event::new("prerenderingchange").expect("an event");
        document().dispatch_event(&event).expect("an event");
    }
}

/// As long as it lives, nobody sees the page. Neither end of it is told.
pub struct Hidden(());

impl Hidden {
    /// Another tab is in front.
    pub fn begin() -> Self {
        tell("hidden");
        Self(())
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        Reflect::delete_property(&document(), &"hidden".into()).expect("its own property");
    }
}

/// Has the document say that it is so.
fn tell(property: &str) {
    let told = Object::new();
    for name in ["value", "configurable"] {
        Reflect::set(&told, &name.into(), &true.into()).expect("a property");
    }
    Object::define_property(&document(), &property.into(), &told);
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}
