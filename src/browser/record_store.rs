//! IndexedDB: records that all tabs of the origin see, each of which may hold a key that can't be
//! exported, as the browser's own object.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction, IdbTransactionMode,
};

use super::crypto::SigningKey;
use super::storage::StorageDenied;

const DATABASE: &str = "pixy-login";
const VERSION: u32 = 2;
const STORE: &str = "records";
const BY_END: &str = "until";
/// The store of the version before.
const FORMER_STORE: &str = "keys";

/// What is kept under a name.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// When it may be forgotten, in seconds since 1970.
    pub until: u64,
    /// Text that anybody may read.
    pub text: String,
    /// Bytes that were sealed before.
    pub sealed: Vec<u8>,
    /// A key pair.
    pub key: Option<SigningKey>,
}

/// What becomes of a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum Change {
    /// It stays as it is, or stays away.
    Leave,
    /// It is written.
    Write(Record),
    /// It is forgotten.
    Remove,
}

/// Decides what becomes of a record, given what it is now.
pub type Decision = Box<dyn FnOnce(Option<&Record>) -> Change>;

/// A store of records, by name.
pub trait RecordStore {
    /// Reads a record and changes it, in one step that no other tab can come between. Returns what it was
    /// before.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn change(
        &self,
        name: String,
        decision: Decision,
    ) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>>;

    /// The record of this name.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn get(&self, name: String) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        self.change(name, Box::new(|_| Change::Leave))
    }

    /// Writes the record of this name, whatever was there.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn put(
        &self,
        name: String,
        record: Record,
    ) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        let changed = self.change(name, Box::new(|_| Change::Write(record)));
        changed.map(|before| before.map(drop)).boxed_local()
    }

    /// Forgets the record of this name, and returns it. Of all who take it at once, one gets it.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn take(&self, name: String) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        self.change(name, Box::new(|_| Change::Remove))
    }

    /// Forgets every record that may be forgotten at this time, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`StorageDenied`].
    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>>;
}

/// The origin's IndexedDB.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct IndexedDb;

impl RecordStore for IndexedDb {
    fn get(&self, name: String) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        async move {
            let database = open().await?;
            let transaction = transaction(&database, IdbTransactionMode::Readonly)?;
            let store = transaction.object_store(STORE).map_err(denied)?;
            let found = store.get(&name.into()).map_err(denied)?;
            finish(&database, &transaction).await?;
            Ok(found.result().ok().as_ref().and_then(read))
        }
        .boxed_local()
    }

    fn change(
        &self,
        name: String,
        decision: Decision,
    ) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        async move {
            let database = open().await?;
            let transaction = transaction(&database, IdbTransactionMode::Readwrite)?;
            let store = transaction.object_store(STORE).map_err(denied)?;
            let found = store.get(&name.as_str().into()).map_err(denied)?;
            let before = Rc::new(RefCell::new(None));
            let failed = Rc::new(Cell::new(false));
            let (seen, refused, request) = (before.clone(), failed.clone(), found.clone());
            // In the request's own event: a transaction waits for nothing else.
            let decide = Closure::once(move || {
                let record = request.result().ok().as_ref().and_then(read);
                let change = decision(record.as_ref());
                refused.set(apply(&store, &name, change).is_err());
                seen.replace(record);
            });
            found.set_onsuccess(Some(decide.as_ref().unchecked_ref()));
            finish(&database, &transaction).await?;
            if failed.get() {
                return Err(StorageDenied);
            }
            let before = before.take();
            Ok(before)
        }
        .boxed_local()
    }

    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        async move {
            let database = open().await?;
            let transaction = transaction(&database, IdbTransactionMode::Readwrite)?;
            let store = transaction.object_store(STORE).map_err(denied)?;
            let old = IdbKeyRange::upper_bound(&date(now)).map_err(denied)?;
            let found = store.index(BY_END).and_then(|index| index.get_all_keys_with_key(&old));
            let found: IdbRequest = found.map_err(denied)?;
            let request = found.clone();
            let forget = Closure::once(move || {
                let names = request.result().map(|names| Array::from(&names)).unwrap_or_default();
                for name in names.iter() {
                    // What can't be taken out now is tried again next time.
                    let _ = store.delete(&name);
                }
            });
            found.set_onsuccess(Some(forget.as_ref().unchecked_ref()));
            finish(&database, &transaction).await
        }
        .boxed_local()
    }
}

fn apply(store: &IdbObjectStore, name: &str, change: Change) -> Result<(), JsValue> {
    let name = name.into();
    match change {
        Change::Leave => Ok(()),
        Change::Write(record) => store.put_with_key(&write(&record), &name).map(drop),
        Change::Remove => store.delete(&name).map(drop),
    }
}

fn read(value: &JsValue) -> Option<Record> {
    let member = |name: &str| Reflect::get(value, &name.into()).ok();
    // `as` saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(Record {
        until: member("until")?.as_f64()? as u64,
        text: member("text")?.as_string()?,
        sealed: Uint8Array::new(&member("sealed")?).to_vec(),
        key: member("key").as_ref().and_then(SigningKey::from_value),
    })
}

fn write(record: &Record) -> JsValue {
    let value = Object::new();
    let key = record.key.as_ref().map_or(JsValue::UNDEFINED, |key| key.as_value().clone());
    for (name, member) in [
        ("until", date(record.until)),
        ("text", record.text.as_str().into()),
        ("sealed", Uint8Array::from(record.sealed.as_slice()).into()),
        ("key", key),
    ] {
        // A plain object takes any member.
        let _ = Reflect::set(&value, &name.into(), &member);
    }
    value.into()
}

#[allow(clippy::cast_precision_loss)]
fn date(seconds: u64) -> JsValue {
    (seconds as f64).into()
}

async fn open() -> Result<IdbDatabase, StorageDenied> {
    // Windows and workers have it alike; where it is denied, it is missing or throws.
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(denied)?;
    let factory: IdbFactory = factory.dyn_into().map_err(denied)?;
    let request = factory.open_with_u32(DATABASE, VERSION).map_err(denied)?;
    let created: IdbOpenDbRequest = request.clone();
    let create = Closure::once(move || {
        let database = created.result().map(JsValue::unchecked_into::<IdbDatabase>);
        // Where this fails the store is missing, and the request to it says so.
        let _ = database.and_then(|database| {
            if database.object_store_names().contains(FORMER_STORE) {
                database.delete_object_store(FORMER_STORE)?;
            }
            let store = database.create_object_store(STORE)?;
            store.create_index_with_str(BY_END, BY_END)
        });
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

fn transaction(
    database: &IdbDatabase,
    mode: IdbTransactionMode,
) -> Result<IdbTransaction, StorageDenied> {
    database.transaction_with_str_and_mode(STORE, mode).map_err(denied)
}

/// Waits until everything is written: the page may be left next.
async fn finish(database: &IdbDatabase, transaction: &IdbTransaction) -> Result<(), StorageDenied> {
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
