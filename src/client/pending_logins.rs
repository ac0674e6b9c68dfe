//! The logins that this tab has begun, in session storage, one record for each, under its state.

use crate::browser::Storage;
use crate::browser::storage::StorageDenied;
use crate::protocol::{Config, PendingLogin, UnixTime};

/// How the keys of the records begin.
pub(super) const PREFIX: &str = "pixy-login:pending:";

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

/// Forgets every login of this tab: an answer that belongs to none of them came in their place.
pub(super) fn forget_all(storage: &dyn Storage) -> Result<(), StorageDenied> {
    keys(storage)?.iter().try_for_each(|key| storage.remove(key))
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
