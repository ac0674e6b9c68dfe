//! The parts of the browser that a page lends its vault: what it keeps for the tab, and its address.

use std::cell::RefCell;
use std::rc::Rc;

use super::command::Entries;
use super::report::ToPage;
use crate::browser::navigation::NavigationRefused;
use crate::browser::{Frame, Navigation, Storage, StorageDenied};
use crate::client::login::logout::STATE_KEY;
use crate::client::login::pending;
use crate::client::session::{ACTIVE, returning};

/// What the vault and the page share of session storage. The rest of it, such as the provider's metadata, the
/// vault keeps to itself: it must not come from where a script could have put it.
const SHARED: [&str; 4] = [pending::PREFIX, STATE_KEY, ACTIVE, returning::PREFIX];

/// Sends something to the page.
pub(super) type Tell = Rc<dyn Fn(ToPage)>;

fn is_shared(key: &str) -> bool {
    SHARED.iter().any(|beginning| key.starts_with(beginning))
}

/// Whether nothing goes on where this can't be kept: an answer would belong to no login.
pub(super) fn is_needed(key: &str) -> bool {
    key.starts_with(pending::PREFIX)
}

/// What a storage has for a vault; `None` where it is denied.
pub(super) fn entries(storage: &dyn Storage) -> Option<Entries> {
    let keys = storage.keys().ok()?.into_iter().filter(|key| is_shared(key));
    keys.map(|key| storage.get(&key).ok().map(|text| Some((key, text?))))
        .map(Option::flatten)
        .collect()
}

/// A copy of the page's session storage, of which the page writes down what changes.
pub(super) struct LentStorage {
    entries: RefCell<Option<Entries>>,
    tell: Tell,
}

impl LentStorage {
    /// With what was there; `None` where the page may not keep anything.
    pub(super) fn new(entries: Option<Entries>, tell: Tell) -> Self {
        let mut entries = entries;
        if let Some(entries) = &mut entries {
            entries.retain(|(key, _)| is_shared(key));
        }
        Self { entries: RefCell::new(entries), tell }
    }

    /// The page may not keep anything any more.
    pub(super) fn deny(&self) {
        self.entries.replace(None);
    }

    fn with<T>(&self, action: impl FnOnce(&mut Entries) -> T) -> Result<T, StorageDenied> {
        self.entries.borrow_mut().as_mut().map(action).ok_or(StorageDenied)
    }
}

impl Storage for LentStorage {
    fn get(&self, key: &str) -> Result<Option<String>, StorageDenied> {
        self.with(|entries| {
            let found = entries.iter().find(|(known, _)| known == key);
            found.map(|(_, text)| text.clone())
        })
    }

    fn set(&self, key: &str, text: &str) -> Result<(), StorageDenied> {
        self.with(|entries| {
            entries.retain(|(known, _)| known != key);
            entries.push((key.to_owned(), text.to_owned()));
        })?;
        if is_shared(key) {
            (self.tell)(ToPage::Keep { key: key.to_owned(), text: text.to_owned() });
        }
        Ok(())
    }

    fn remove(&self, key: &str) -> Result<(), StorageDenied> {
        self.with(|entries| entries.retain(|(known, _)| known != key))?;
        if is_shared(key) {
            (self.tell)(ToPage::Forget { key: key.to_owned() });
        }
        Ok(())
    }

    fn keys(&self) -> Result<Vec<String>, StorageDenied> {
        self.with(|entries| entries.iter().map(|(key, _)| key.clone()).collect())
    }
}

/// The page's address as the page last told it. The page goes where it is told to.
pub(super) struct LentNavigation {
    url: RefCell<String>,
    frame: Frame,
    tell: Tell,
}

impl LentNavigation {
    pub(super) fn new(frame: Frame, tell: Tell) -> Self {
        Self { url: RefCell::default(), frame, tell }
    }

    /// The page is there now.
    pub(super) fn is_at(&self, url: String) {
        self.url.replace(url);
    }
}

impl Navigation for LentNavigation {
    fn current_url(&self) -> String {
        self.url.borrow().clone()
    }

    fn frame(&self) -> Frame {
        self.frame
    }

    fn assign(&self, url: &str) -> Result<(), NavigationRefused> {
        (self.tell)(ToPage::Go { url: url.to_owned() });
        Ok(())
    }

    fn submit(&self, url: &str, fields: &[(String, String)]) -> Result<(), NavigationRefused> {
        (self.tell)(ToPage::Submit { url: url.to_owned(), fields: fields.to_vec() });
        Ok(())
    }

    fn replace_url(&self, url: &str) -> Result<(), NavigationRefused> {
        let from = self.url.replace(url.to_owned());
        (self.tell)(ToPage::Show { from, url: url.to_owned() });
        Ok(())
    }

    /// The page's own client does that, when it shows the page where the login began.
    fn announce(&self) {}
}
