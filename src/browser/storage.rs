//! Session storage: text that lives as long as the tab, and is seen by this tab alone. A copy of the tab
//! begins with a copy of it, and browsers restore it with a tab that is opened again.

use gloo_storage::Storage as _;

/// The browser refuses to keep or show anything: blocked site data, a sandboxed frame, a full store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageDenied;

/// A store of texts by key.
pub trait Storage {
    /// The text under `key`.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn get(&self, key: &str) -> Result<Option<String>, StorageDenied>;

    /// Keeps `text` under `key`.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`], also when the store is full.
    fn set(&self, key: &str, text: &str) -> Result<(), StorageDenied>;

    /// Forgets what is under `key`.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn remove(&self, key: &str) -> Result<(), StorageDenied>;

    /// All keys, in no order.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn keys(&self) -> Result<Vec<String>, StorageDenied>;
}

/// The tab's session storage.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SessionStorage;

impl Storage for SessionStorage {
    fn get(&self, key: &str) -> Result<Option<String>, StorageDenied> {
        open()?.get_item(key).map_err(denied)
    }

    fn set(&self, key: &str, text: &str) -> Result<(), StorageDenied> {
        open()?.set_item(key, text).map_err(denied)
    }

    fn remove(&self, key: &str) -> Result<(), StorageDenied> {
        open()?.remove_item(key).map_err(denied)
    }

    fn keys(&self) -> Result<Vec<String>, StorageDenied> {
        let storage = open()?;
        let length = storage.length().map_err(denied)?;
        Ok((0..length).filter_map(|index| storage.key(index).ok().flatten()).collect())
    }
}

/// `gloo-storage` throws where storage is denied, so it is asked for once before.
fn open() -> Result<web_sys::Storage, StorageDenied> {
    let allowed = super::window().and_then(|window| window.session_storage().ok().flatten());
    allowed.ok_or(StorageDenied)?;
    Ok(gloo_storage::SessionStorage::raw())
}

#[allow(clippy::needless_pass_by_value)]
fn denied(_: wasm_bindgen::JsValue) -> StorageDenied {
    StorageDenied
}
