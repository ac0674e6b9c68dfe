//! What the tabs of an app agree on: a ledger that all of them read, what they tell each other, and who of them is
//! there.
//!
//! What a tab makes of that for its own session is in `session/elsewhere.rs`.

mod ledger;
pub(in crate::client) mod message;

use std::cell::RefCell;
use std::rc::Rc;

pub(in crate::client) use ledger::is_later;
use message::Message;

use super::context::Context;
use crate::browser::Channel;
use crate::browser::locks::Guard;

/// What a tab is there for.
#[derive(Clone, Copy)]
pub(in crate::client) enum Part {
    /// It has a session to share.
    Sharing,
    /// It found none, and would take one.
    Wanting,
}

/// The tabs of this app at this provider.
pub(in crate::client) struct Tabs {
    context: Rc<Context>,
    channel: RefCell<Option<Box<dyn Channel>>>,
}

impl Tabs {
    pub(in crate::client) fn new(context: Rc<Context>) -> Self {
        Self { context, channel: RefCell::default() }
    }

    /// Begins to listen to the other tabs.
    pub(in crate::client) fn join(&self, hearing: impl Fn(&Message) + 'static) {
        let hearing = move |text: String| {
            if let Some(message) = Message::from_json(&text) {
                hearing(&message);
            }
        };
        let name = ["pixy-login:", &self.context.app()].concat();
        let channel = self.context.browser().channels.open(&name, Box::new(hearing));
        self.channel.replace(channel);
    }

    /// Neither hears nor says anything any more.
    pub(in crate::client) fn leave(&self) {
        drop(self.channel.take());
    }

    pub(in crate::client) fn tell(&self, message: &Message) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.tell(&message.to_json());
        }
    }

    /// From now on, until the guard is dropped, this tab counts as one that is there so.
    pub(in crate::client) fn announce(&self, part: Part) -> Guard {
        self.context.browser().presence.announce(self.name_of(part))
    }

    /// Whether any tab is there so; `None` where the browser can't tell.
    pub(in crate::client) fn is_anybody(&self, part: Part) -> impl Future<Output = Option<bool>> {
        self.context.browser().presence.is_anybody(self.name_of(part))
    }

    fn name_of(&self, part: Part) -> String {
        let name = match part {
            Part::Sharing => "pixy-login:present:",
            Part::Wanting => "pixy-login:wanting:",
        };
        [name, &self.context.app()].concat()
    }
}
