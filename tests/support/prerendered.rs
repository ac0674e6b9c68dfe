//! A page that the browser has loaded before anybody comes to it.

use js_sys::{Object, Reflect};
use web_sys::{Document, Event};

/// As long as it lives, nobody has come to the page. Dropped, somebody does.
pub struct Prerendered(());

impl Prerendered {
    /// The page is loaded beforehand.
    pub fn begin() -> Self {
        let told = Object::new();
        for name in ["value", "configurable"] {
            Reflect::set(&told, &name.into(), &true.into()).expect("a property");
        }
        Object::define_property(&document(), &"prerendering".into(), &told);
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

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}
