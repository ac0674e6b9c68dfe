//! IndexedDB, for keys only: a key that can't be exported can still be kept there, as the browser's own
//! object.

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbTransactionMode};

use super::crypto::SigningKey;
use super::storage::StorageDenied;

const DATABASE: &str = "pixy-login";
const STORE: &str = "keys";

/// A store of keys, by name and date.
pub trait KeyStore {
    /// Keeps a key, dated `now` (seconds since 1970), and forgets all that are from before `oldest`.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn keep(
        &self,
        name: String,
        key: SigningKey,
        now: u64,
        oldest: u64,
    ) -> LocalBoxFuture<'static, Result<(), StorageDenied>>;

    /// Takes the key of this name and date out of the store.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn take(
        &self,
        name: String,
        date: u64,
    ) -> LocalBoxFuture<'static, Result<Option<SigningKey>, StorageDenied>>;
}

/// The origin's IndexedDB.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct IndexedDb;

impl KeyStore for IndexedDb {
    fn keep(
        &self,
        name: String,
        key: SigningKey,
        now: u64,
        oldest: u64,
    ) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        async move {
            let database = open().await?;
            let store = store(&database)?;
            let old = IdbKeyRange::upper_bound(&entry(oldest, "")).map_err(denied)?;
            store.delete(&old).map_err(denied)?;
            store.put_with_key(key.as_value(), &entry(now, &name)).map_err(denied)?;
            finish(&database, &store).await
        }
        .boxed_local()
    }

    fn take(
        &self,
        name: String,
        date: u64,
    ) -> LocalBoxFuture<'static, Result<Option<SigningKey>, StorageDenied>> {
        async move {
            let database = open().await?;
            let store = store(&database)?;
            let found = store.get(&entry(date, &name)).map_err(denied)?;
            store.delete(&entry(date, &name)).map_err(denied)?;
            finish(&database, &store).await?;
            Ok(SigningKey::from_value(&found.result().map_err(denied)?))
        }
        .boxed_local()
    }
}

/// Sorted by date, so that the old ones are a range.
#[allow(clippy::cast_precision_loss)]
fn entry(date: u64, name: &str) -> JsValue {
    Array::of2(&(date as f64).into(), &name.into()).into()
}

async fn open() -> Result<IdbDatabase, StorageDenied> {
    let factory = web_sys::window().and_then(|window| window.indexed_db().ok().flatten());
    let request = factory.ok_or(StorageDenied)?.open_with_u32(DATABASE, 1).map_err(denied)?;
    let created: IdbOpenDbRequest = request.clone();
    let create = Closure::once(move || {
        let database = created.result().map(JsValue::unchecked_into::<IdbDatabase>);
        // Where this fails the store is missing, and the request to it says so.
        let _ = database.map(|database| database.create_object_store(STORE));
    });
    request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
    let opened = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onblocked(Some(&reject));
    });
    JsFuture::from(opened).await.map_err(denied)?;
    Ok(request.result().map_err(denied)?.unchecked_into())
}

fn store(database: &IdbDatabase) -> Result<IdbObjectStore, StorageDenied> {
    let mode = IdbTransactionMode::Readwrite;
    let transaction = database.transaction_with_str_and_mode(STORE, mode).map_err(denied)?;
    transaction.object_store(STORE).map_err(denied)
}

/// Waits until everything is written: the page may be left next.
async fn finish(database: &IdbDatabase, store: &IdbObjectStore) -> Result<(), StorageDenied> {
    let transaction = store.transaction();
    let written = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    let written = JsFuture::from(written).await;
    database.close();
    written.map(drop).map_err(denied)
}

#[allow(clippy::needless_pass_by_value)]
fn denied(_: JsValue) -> StorageDenied {
    StorageDenied
}
