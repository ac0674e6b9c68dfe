//! Messages between the pages and workers of an origin.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::IS_HERE;

/// What is called with each message.
pub type Hearing = Box<dyn Fn(String)>;

/// Opens channels.
pub trait Channels {
    /// The channel of this name; `hearing` is called with what others say there. `None` where the browser
    /// has no such thing.
    fn open(&self, name: &str, hearing: Hearing) -> Option<Box<dyn Channel>>;
}

/// An open channel. Dropped, it hears no more.
pub trait Channel {
    /// Tells all others. Whether anybody hears it nobody knows.
    fn tell(&self, message: &str);
}

/// `BroadcastChannel`: only pages and workers of the same origin, in the same storage partition, hear
/// each other.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Broadcast;

impl Channels for Broadcast {
    fn open(&self, name: &str, hearing: Hearing) -> Option<Box<dyn Channel>> {
        if !IS_HERE {
            return None;
        }
        let channel = BroadcastChannel::new(name).ok()?;
        let closure = Closure::new(move |event: MessageEvent| {
            // Whatever is no text is not ours.
            if let Some(message) = event.data().as_string() {
                hearing(message);
            }
        });
        channel.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Some(Box::new(Open { channel, _closure: closure }))
    }
}

struct Open {
    channel: BroadcastChannel,
    _closure: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel for Open {
    fn tell(&self, message: &str) {
        // Only a closed channel refuses, and it is open as long as it is.
        let _ = self.channel.post_message(&message.into());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
