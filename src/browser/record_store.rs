//! IndexedDB: records that all tabs of the origin see, each of which may hold a key that can't be
//! exported, as the browser's own object.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction, IdbTransactionMode,
};

use super::crypto::SigningKey;
use super::method;
use super::storage::StorageDenied;
use super::timer::within;

/// How long the browser may take to open the database, and then for a transaction. WebKit is
/// known to never answer, and most of a sign-in goes on without.
const PATIENCE: Duration = Duration::from_secs(2);
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
            let found = Rc::new(RefCell::new(None));
            let seen = found.clone();
            let ask = move |store: &IdbObjectStore| store.get(&name.into());
            let answered = move |_: &IdbObjectStore, record: JsValue| {
                seen.replace(read(&record));
            };
            run(IdbTransactionMode::Readonly, Box::new(ask), Box::new(answered)).await?;
            Ok(found.take())
        }
        .boxed_local()
    }

    fn change(
        &self,
        name: String,
        decision: Decision,
    ) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        async move {
            let before = Rc::new(RefCell::new(None));
            let failed = Rc::new(Cell::new(false));
            let (seen, refused) = (before.clone(), failed.clone());
            let name = JsValue::from(name);
            let key = name.clone();
            let ask = move |store: &IdbObjectStore| store.get(&key);
            let answered = move |store: &IdbObjectStore, record: JsValue| {
                let record = read(&record);
                let change = decision(record.as_ref());
                refused.set(apply(store, &name, change).is_err());
                seen.replace(record);
            };
            run(IdbTransactionMode::Readwrite, Box::new(ask), Box::new(answered)).await?;
            if failed.get() {
                return Err(StorageDenied);
            }
            Ok(before.take())
        }
        .boxed_local()
    }

    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        let ask = move |store: &IdbObjectStore| {
            let old = IdbKeyRange::upper_bound(&date(now))?;
            store.index(BY_END)?.get_all_keys_with_key(&old)
        };
        let answered = |store: &IdbObjectStore, names: JsValue| {
            for name in names.dyn_into::<Array>().unwrap_or_default().iter() {
                // What can't be taken out now is tried again next time.
                let _ = store.delete(&name);
            }
        };
        run(IdbTransactionMode::Readwrite, Box::new(ask), Box::new(answered)).boxed_local()
    }
}

fn apply(store: &IdbObjectStore, name: &JsValue, change: Change) -> Result<(), JsValue> {
    match change {
        Change::Leave => Ok(()),
        Change::Write(record) => store.put_with_key(&write(&record), name).map(drop),
        Change::Remove => store.delete(name).map(drop),
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

/// What a transaction begins with.
type Ask = Box<dyn FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>>;

/// What it does with the answer.
type Answered = Box<dyn FnOnce(&IdbObjectStore, JsValue)>;

/// One transaction, until everything is written: the page may be left next.
async fn run(mode: IdbTransactionMode, ask: Ask, answered: Answered) -> Result<(), StorageDenied> {
    let Connection(database) = &open().await?;
    let transaction = database.transaction_with_str_and_mode(STORE, mode).map_err(denied)?;
    let store = transaction.object_store(STORE).map_err(denied)?;
    let request = ask(&store).map_err(denied)?;
    if mode == IdbTransactionMode::Readonly {
        commit(&transaction);
    }
    let (asked, answering) = (request.clone(), transaction.clone());
    // In the request's own event: a transaction waits for nothing else.
    let listener = Closure::once(move || {
        answered(&store, asked.result().unwrap_or_default());
        commit(&answering);
    });
    request.set_onsuccess(Some(listener.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    let _running = Running { transaction, request };
    let ended = within(PATIENCE, JsFuture::from(ended)).await;
    ended.ok_or(StorageDenied)?.map(drop).map_err(denied)
}

/// Has the browser finish with what was asked for until now, also when the page is frozen before it hears of it: no
/// other tab writes before the end of a transaction, and none reads before the end of one that writes.
fn commit(transaction: &IdbTransaction) {
    // Browsers from before 2021 know no such thing, and finish when the page has heard; one that was told before
    // refuses. `web-sys` calls it deprecated, which it is not.
    let _ = method(transaction, "commit").map(|commit| commit.call0(transaction));
}

/// A transaction. Dropped before it is to be finished, it changes nothing: whoever was told that nothing can be kept is
/// not to find it later.
struct Running {
    transaction: IdbTransaction,
    request: IdbRequest,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.request.set_onsuccess(None);
        // One that is at its end refuses.
        let _ = self.transaction.abort();
    }
}

/// An open database. Dropped, it is closed.
struct Connection(IdbDatabase);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.close();
    }
}

async fn open() -> Result<Connection, StorageDenied> {
    within(PATIENCE, Opening(Some(connect().boxed_local()))).await.ok_or(StorageDenied)?
}

/// A database on its way. When nobody waits for it any more, it may still come, and is closed then: an open one
/// would hold up each tab that brings another version.
struct Opening(Option<LocalBoxFuture<'static, Result<Connection, StorageDenied>>>);

impl Future for Opening {
    type Output = Result<Connection, StorageDenied>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(opening) = &mut self.0 else { return Poll::Pending };
        let opened = opening.as_mut().poll(context);
        if opened.is_ready() {
            self.0 = None;
        }
        opened
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if let Some(opening) = self.0.take() {
            spawn_local(async move { drop(opening.await) });
        }
    }
}

/// Opens the database, as soon as no other tab is at another version: one of those closes it when it is told.
async fn connect() -> Result<Connection, StorageDenied> {
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
    });
    JsFuture::from(opened).await.map_err(denied)?;
    let database: IdbDatabase = request.result().map_err(denied)?.unchecked_into();
    // Another version waits until nobody has this one open.
    let close = method(&database, "close").map(|close| close.bind0(&database));
    database.set_onversionchange(close.as_ref());
    Ok(Connection(database))
}

#[allow(clippy::needless_pass_by_value)]
fn denied(_: JsValue) -> StorageDenied {
    StorageDenied
}
