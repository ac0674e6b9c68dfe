//! The logins that this tab has begun, in session storage, one record for each, under its state.

use std::rc::Rc;

use sha2::{Digest as _, Sha256};
use wasm_bindgen_futures::spawn_local;

use super::Login;
use crate::browser::Storage;
use crate::browser::record_store::Record;
use crate::browser::storage::StorageDenied;
use crate::protocol::secret::base64url;
use crate::protocol::{Config, PendingLogin, ReturnTo, UnixTime};

/// How the keys of the records begin.
pub(in crate::client) const PREFIX: &str = "pixy-login:pending:";

/// Keeps a login that is about to leave. Records that have run out go, and at [`PendingLogin::MOST`]
/// the oldest makes room.
pub(super) fn keep(
    storage: &dyn Storage,
    login: &PendingLogin,
    now: UnixTime,
) -> Result<(), StorageDenied> {
    make_room(storage, now)?;
    storage.set(&key(login.state_key()), &login.to_json())
}

/// Looks at the record of a state and leaves it where it is.
pub(super) fn peek(
    storage: &dyn Storage,
    state: &str,
) -> Result<Option<PendingLogin>, StorageDenied> {
    read(storage, &key(state))
}

/// Takes the record of a state out of the storage: it is answered once (RFC 9700 section 4.7.1).
pub(super) fn take(
    storage: &dyn Storage,
    state: &str,
) -> Result<Option<PendingLogin>, StorageDenied> {
    let login = peek(storage, state)?;
    storage.remove(&key(state))?;
    Ok(login)
}

/// Whether any login of this tab is under way.
pub(super) fn any(storage: &dyn Storage, now: UnixTime) -> Result<bool, StorageDenied> {
    Ok(!forget_expired(storage, now)?.is_empty())
}

/// Takes the logins that an app began out of the storage.
pub(super) fn take_of(
    storage: &dyn Storage,
    config: &Config,
) -> Result<Vec<PendingLogin>, StorageDenied> {
    let mut taken = Vec::new();
    for key in keys(storage)? {
        if let Some(login) = read(storage, &key)?.filter(|login| login.is_of(config)) {
            storage.remove(&key)?;
            taken.push(login);
        }
    }
    Ok(taken)
}

/// Forgets the logins that have run out, and returns the others: when each began, and its key.
pub(super) fn forget_expired(
    storage: &dyn Storage,
    now: UnixTime,
) -> Result<Vec<(UnixTime, String)>, StorageDenied> {
    let mut waiting = Vec::new();
    for key in keys(storage)? {
        match read(storage, &key)?.filter(|login| !login.is_expired(now)) {
            Some(login) => waiting.push((login.started(), key)),
            None => storage.remove(&key)?,
        }
    }
    Ok(waiting)
}

fn make_room(storage: &dyn Storage, now: UnixTime) -> Result<(), StorageDenied> {
    let mut waiting = forget_expired(storage, now)?;
    while waiting.len() >= PendingLogin::MOST {
        let oldest = waiting.iter().enumerate().min_by_key(|(_, (started, _))| *started);
        let Some((index, _)) = oldest else { break };
        storage.remove(&waiting.swap_remove(index).1)?;
    }
    Ok(())
}

fn read(storage: &dyn Storage, key: &str) -> Result<Option<PendingLogin>, StorageDenied> {
    Ok(storage.get(key)?.as_deref().and_then(PendingLogin::from_json))
}

fn keys(storage: &dyn Storage) -> Result<Vec<String>, StorageDenied> {
    Ok(storage.keys()?.into_iter().filter(|key| key.starts_with(PREFIX)).collect())
}

fn key(state: &str) -> String {
    [PREFIX, state].concat()
}

impl Login {
    /// No answer to a login that has begun signs anybody in any more. Where the storage is denied, there
    /// is none.
    pub(in crate::client) fn forget_pending(self: &Rc<Self>) {
        let storage = self.context.browser().storage.as_ref();
        let logins = take_of(storage, self.context.config()).unwrap_or_default();
        let login = self.clone();
        spawn_local(async move {
            for pending in logins {
                login.forget_key(&pending).await;
                login.forget_page_of(pending.state_key()).await;
            }
        });
    }

    /// Remembers for the other tabs of this browser that a login was begun, and where the person wanted to be,
    /// under a hash of its state: nothing by which anybody could answer it.
    pub(super) async fn note_page_of(&self, login: &PendingLogin) {
        let record = Record {
            until: login
                .started()
                .0
                .saturating_add(self.context.config().wanted_login_limit().as_secs()),
            text: login.return_to().as_str().to_owned(),
            ..Record::default()
        };
        let name = page_record(login.state_key());
        // Without it, an answer in another tab is refused.
        let _ = self.context.browser().records.put(name, record).await;
    }

    /// The answer has come.
    pub(super) async fn forget_page_of(&self, state: &str) {
        let records = &self.context.browser().records;
        let _ = records.take(page_record(state)).await;
    }

    /// Where the person wanted to be who began the login with this state, in whatever tab. Once.
    pub(super) async fn take_page_of(&self, state: &str) -> Option<ReturnTo> {
        let records = &self.context.browser().records;
        let taken = records.take(page_record(state)).await;
        let record = taken.ok()?.filter(|record| record.until > self.context.now().0)?;
        Some(ReturnTo::new(&record.text, self.context.config().redirect_uri()))
    }
}

fn page_record(state: &str) -> String {
    ["login:", &hash_of(state)].concat()
}

/// What names a login where others of the origin may look: nothing by which anybody could answer it.
pub(super) fn hash_of(state: &str) -> String {
    base64url(&Sha256::digest(state))
}
