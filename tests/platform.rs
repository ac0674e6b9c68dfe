//! What the browser gives to all tabs: records, locks, presence, messages, seals.

#![cfg(target_arch = "wasm32")]

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{join, join_all, select};
use js_sys::{Date, Object, Promise, Reflect};
use pixy_login::browser::crypto::{SealingKey, SigningKey};
use pixy_login::browser::events::on_wake;
use pixy_login::browser::locks::Leases;
use pixy_login::browser::record_store::{Change, Record};
use pixy_login::browser::timer::{after, pause};
use pixy_login::browser::{
    Broadcast, Channels, IndexedDb, Locks, Presence, RecordStore, StorageDenied, WebLocks,
    WebPresence,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbTransactionMode};

wasm_bindgen_test_configure!(run_in_browser);

async fn change(name: &str, change: Change) -> Option<Record> {
    let store = IndexedDb::default();
    store.change(name.to_owned(), Box::new(|_| change)).await.expect("a store")
}

fn record(until: u64, text: &str) -> Record {
    Record { until, text: text.to_owned(), ..Record::default() }
}

#[wasm_bindgen_test]
async fn a_record_comes_back_whole() {
    let key = SigningKey::generate().await.expect("a key");
    let written = Record { sealed: vec![0, 255, 7], key: Some(key), ..record(5_000_000_000, "é") };
    assert!(change("test:whole", Change::Write(written.clone())).await.is_none());
    let read = change("test:whole", Change::Remove).await.expect("a record");
    assert_eq!((read.until, read.text.as_str()), (5_000_000_000, "é"));
    assert_eq!(read.sealed, written.sealed);
    let (read, written) = (read.key.expect("a key"), written.key.expect("a key"));
    let points = (read.public_point().await, written.public_point().await);
    assert_eq!(points.0.expect("a point"), points.1.expect("a point"));
    assert!(change("test:whole", Change::Leave).await.is_none());
}

#[wasm_bindgen_test]
async fn a_change_is_one_step() {
    let add = || {
        let decision = |before: Option<&Record>| {
            let count = before.map_or(0, |before| before.text.len());
            Change::Write(record(u64::MAX, &"i".repeat(count + 1)))
        };
        IndexedDb::default().change("test:count".to_owned(), Box::new(decision))
    };
    join_all((0..20).map(|_| add())).await;
    let counted = change("test:count", Change::Remove).await.expect("a record");
    assert_eq!(counted.text.len(), 20);
}

#[wasm_bindgen_test]
async fn a_record_is_put_read_and_taken() {
    let store = IndexedDb::default();
    let name = || "test:plain".to_owned();
    let text = |found: Option<Record>| found.map(|found| found.text);
    assert_eq!(text(store.get(name()).await.expect("a store")), None);
    store.put(name(), record(u64::MAX, "first")).await.expect("a store");
    store.put(name(), record(u64::MAX, "second")).await.expect("a store");
    assert_eq!(text(store.get(name()).await.expect("a store")).as_deref(), Some("second"));
    let taken = join_all([store.take(name()), store.take(name())]).await;
    let taken: Vec<_> =
        taken.into_iter().filter_map(|taken| text(taken.expect("a store"))).collect();
    assert_eq!(taken, ["second"], "one of the two gets it");
    assert_eq!(text(store.get(name()).await.expect("a store")), None);
}

#[wasm_bindgen_test]
async fn records_are_forgotten_when_their_time_has_come() {
    change("test:old", Change::Write(record(10, ""))).await;
    change("test:new", Change::Write(record(11, ""))).await;
    IndexedDb::default().forget_until(10).await.expect("a store");
    assert!(change("test:old", Change::Leave).await.is_none());
    assert!(change("test:new", Change::Remove).await.is_some());
}

/// The database of the library, as somebody else opens it.
async fn open_database(version: u32) -> IdbDatabase {
    let request = indexed_db().open_with_u32("pixy-login", version).expect("a request");
    settled(&request).await;
    request.result().expect("a database").unchecked_into()
}

/// Waits for a request, or its failure.
async fn settled(request: &IdbOpenDbRequest) {
    let settled = Promise::new(&mut |done, _| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&done));
    });
    JsFuture::from(settled).await.expect("no failure");
}

fn indexed_db() -> IdbFactory {
    web_sys::window().and_then(|window| window.indexed_db().ok()?).expect("IndexedDB")
}

/// Deletes the database as soon as nobody has it open, and counts how often somebody was in the way.
struct Deletion {
    request: IdbOpenDbRequest,
    blocked: Rc<Cell<u32>>,
    _closure: Closure<dyn FnMut()>,
}

impl Deletion {
    fn begin() -> Self {
        let request = indexed_db().delete_database("pixy-login").expect("a request");
        let blocked = Rc::new(Cell::new(0));
        let count = blocked.clone();
        let closure = Closure::new(move || count.set(count.get() + 1));
        request.set_onblocked(Some(closure.as_ref().unchecked_ref()));
        Self { request, blocked, _closure: closure }
    }

    async fn end(self) -> u32 {
        settled(&self.request).await;
        self.blocked.get()
    }
}

/// What asks once more when it is answered.
type Again = Rc<RefCell<Option<Closure<dyn FnMut()>>>>;

/// As long as it lives, nobody else gets a transaction.
struct Occupied {
    database: IdbDatabase,
    _again: Again,
    going: Rc<Cell<bool>>,
}

impl Occupied {
    async fn begin() -> Self {
        change("test:there", Change::Leave).await;
        let database = open_database(2).await;
        let mode = IdbTransactionMode::Readwrite;
        let transaction = database.transaction_with_str_and_mode("records", mode);
        let store = transaction.and_then(|it| it.object_store("records")).expect("a store");
        let going = Rc::new(Cell::new(true));
        let again = Again::default();
        let (goes_on, next) = (going.clone(), Rc::downgrade(&again));
        let ask = move || {
            let Some(next) = next.upgrade().filter(|_| goes_on.get()) else { return };
            let request = store.get(&"test:none".into()).expect("a request");
            let next = next.borrow();
            request.set_onsuccess(next.as_ref().map(|next| next.as_ref().unchecked_ref()));
        };
        again.replace(Some(Closure::new(ask.clone())));
        ask();
        Self { database, _again: again, going }
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        self.going.set(false);
        self.database.close();
    }
}

async fn change_or_denial(name: &str, text: &str) -> Result<Option<Record>, StorageDenied> {
    let record = record(u64::MAX, text);
    let decision = Box::new(|_: Option<&Record>| Change::Write(record));
    IndexedDb::default().change(name.to_owned(), decision).await
}

#[wasm_bindgen_test]
async fn a_store_that_does_not_answer_is_denied_and_keeps_nothing_later() {
    let occupied = Occupied::begin().await;
    let begun = Date::now();
    assert!(change_or_denial("test:late", "late").await.is_err());
    assert!(IndexedDb::default().get("test:late".to_owned()).await.is_err());
    assert!(IndexedDb::default().forget_until(10).await.is_err());
    assert!(Date::now() - begun < 10_000.0, "two seconds each");
    drop(occupied);
    assert!(change("test:late", Change::Remove).await.is_none(), "it was denied");
}

/// Freezes this page for three seconds once it has called a method of a store, as soon as it waits for what comes of it.
/// Meanwhile a worker writes, which says when it has. The promise ends with both times: of the writing and of the thaw.
const FROZEN: &str = r#"
    const [method] = arguments;
    const script = `
        const opening = indexedDB.open("pixy-login");
        opening.onsuccess = () => {
            onmessage = () => {
                const writing = opening.result.transaction("records", "readwrite");
                writing.objectStore("records").put({}, "test:other");
                writing.oncomplete = () => {
                    opening.result.close();
                    postMessage(Date.now());
                };
            };
            postMessage("ready");
        };`;
    const worker = new Worker(URL.createObjectURL(new Blob([script])));
    const next = () => new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
    const stores = IDBObjectStore.prototype;
    const own = stores[method];
    return next().then(() => ({
        ended: new Promise((resolve) => {
            stores[method] = function (...given) {
                stores[method] = own;
                const request = own.apply(this, given);
                queueMicrotask(() => {
                    const written = next();
                    worker.postMessage("write");
                    const end = Date.now() + 3000;
                    while (Date.now() < end);
                    const thawed = Date.now();
                    written.then((written) => resolve([written, thawed]));
                });
                return request;
            };
        }),
    }));
"#;

/// When another thread has written, and when this page was thawed that was frozen while it used a store so.
async fn times_around_a_freeze(method: &str, usage: impl Future<Output = ()>) -> (f64, f64) {
    let freeze = js_sys::Function::new_no_args(FROZEN);
    let prepared = freeze.call1(&JsValue::NULL, &method.into()).expect("a worker");
    let prepared = JsFuture::from(js_sys::Promise::resolve(&prepared)).await.expect("a worker");
    let ended = js_sys::Reflect::get(&prepared, &"ended".into()).expect("a promise");
    usage.await;
    let times = JsFuture::from(js_sys::Promise::resolve(&ended)).await.expect("both times");
    let times: js_sys::Array = times.unchecked_into();
    let time = |place| times.get(place).as_f64().expect("a time");
    (time(0), time(1))
}

#[wasm_bindgen_test]
async fn r65_a_page_that_is_frozen_while_it_reads_or_writes_keeps_nobody_waiting() {
    change("test:there", Change::Leave).await;
    let reads = async { drop(IndexedDb::default().get("test:frozen".to_owned()).await) };
    let (written, thawed) = times_around_a_freeze("get", reads).await;
    assert!(written < thawed, "while it reads: {written}, {thawed}");
    let writes = async { drop(change_or_denial("test:frozen", "").await) };
    let (written, thawed) = times_around_a_freeze("put", writes).await;
    assert!(written < thawed, "while it writes: {written}, {thawed}");
}

#[wasm_bindgen_test]
async fn a_database_that_comes_too_late_is_closed() {
    change("test:there", Change::Leave).await;
    let stranger = open_database(2).await;
    // Another version waits for the stranger, and who opens the database waits for it. It comes to nothing.
    let other = indexed_db().open_with_u32("pixy-login", 3).expect("a request");
    let upgrading = other.clone();
    let give_up = Closure::<dyn FnMut()>::new(move || {
        upgrading.transaction().expect("an upgrade").abort().expect("an end");
    });
    other.set_onupgradeneeded(Some(give_up.as_ref().unchecked_ref()));
    assert!(change_or_denial("test:late", "late").await.is_err());
    stranger.close();
    settled(&other).await;
    // Now it comes.
    pause(Duration::from_millis(100)).await;
    assert_eq!(Deletion::begin().end().await, 0, "nobody is in the way");
    assert!(change_or_denial("test:again", "").await.is_ok());
}

#[wasm_bindgen_test]
async fn a_database_of_another_version_is_waited_for() {
    Deletion::begin().end().await;
    let former = open_database(1).await;
    let (changed, ()) = join(change_or_denial("test:upgraded", "kept"), async {
        pause(Duration::from_millis(300)).await;
        former.close();
    })
    .await;
    assert!(changed.is_ok(), "blocked is not denied");
    let kept = change("test:upgraded", Change::Remove).await;
    assert_eq!(kept.expect("a record").text, "kept");
}

#[wasm_bindgen_test]
async fn whoever_brings_another_version_is_not_held_up() {
    let occupied = Occupied::begin().await;
    // The stranger gives way, and only its transaction goes on.
    let stranger = occupied.database.clone();
    let give_way = Closure::<dyn FnMut()>::new(move || stranger.close());
    occupied.database.set_onversionchange(Some(give_way.as_ref().unchecked_ref()));
    let waiting = change_or_denial("test:open", "");
    let (_, blocked) = join(waiting, async {
        pause(Duration::from_millis(100)).await;
        let deletion = Deletion::begin();
        pause(Duration::from_millis(300)).await;
        drop(occupied);
        deletion.end().await
    })
    .await;
    assert_eq!(blocked, 0);
}

/// Lets ten ask at once, and returns how many ever held the lock at the same time.
async fn most_at_once(locks: Rc<dyn Locks>, name: &str) -> u32 {
    let (inside, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let visit = || {
        let (locks, inside, most) = (locks.clone(), inside.clone(), most.clone());
        async move {
            let guard = locks
                .acquire(name.to_owned(), Duration::from_millis(60_000))
                .await
                .expect("the lock");
            inside.set(inside.get() + 1);
            most.set(most.get().max(inside.get()));
            pause(Duration::from_millis(5)).await;
            inside.set(inside.get() - 1);
            drop(guard);
        }
    };
    join_all((0..10).map(|_| visit())).await;
    most.get()
}

#[wasm_bindgen_test]
async fn one_holds_a_lock_at_a_time() {
    assert_eq!(most_at_once(Rc::new(WebLocks::default()), "test:web").await, 1);
    assert_eq!(most_at_once(Rc::new(Leases::default()), "test:lease").await, 1);
}

#[wasm_bindgen_test]
async fn who_does_not_wait_any_more_does_not_get_the_lock() {
    for locks in [Rc::new(WebLocks::default()) as Rc<dyn Locks>, Rc::new(Leases::default())] {
        let name = "test:given-up";
        let held =
            locks.acquire(name.to_owned(), Duration::from_millis(60_000)).await.expect("the lock");
        let waiting = locks.acquire(name.to_owned(), Duration::from_millis(60_000));
        // It has asked, and gives up.
        let _ = select(waiting, pause(Duration::from_millis(20)).boxed_local()).await;
        drop(held);
        drop(
            locks.acquire(name.to_owned(), Duration::from_millis(60_000)).await.expect("the lock"),
        );
    }
}

#[wasm_bindgen_test]
async fn a_lock_that_does_not_come_in_time_is_not_waited_for() {
    for locks in [Rc::new(WebLocks::default()) as Rc<dyn Locks>, Rc::new(Leases::default())] {
        let name = || "test:in-vain".to_owned();
        let held = locks.acquire(name(), Duration::from_millis(5_000)).await.expect("the lock");
        assert!(locks.acquire(name(), Duration::from_millis(50)).await.is_none());
        drop(held);
        // Who waited in vain doesn't hold it up.
        assert!(locks.acquire(name(), Duration::from_millis(5_000)).await.is_some());
    }
}

#[wasm_bindgen_test]
async fn who_is_there_counts_until_the_guard_is_dropped() {
    let is_anybody = || WebPresence::default().is_anybody("test:here".to_owned());
    assert_eq!(is_anybody().await, Some(false));
    let one = WebPresence::default().announce("test:here".to_owned());
    let other = WebPresence::default().announce("test:here".to_owned());
    let elsewhere = WebPresence::default().announce("test:elsewhere".to_owned());
    assert_eq!(is_anybody().await, Some(true));
    drop(one);
    pause(Duration::from_millis(20)).await;
    assert_eq!(is_anybody().await, Some(true), "the other is still there");
    drop(other);
    pause(Duration::from_millis(20)).await;
    assert_eq!(is_anybody().await, Some(false));
    drop(elsewhere);
}

#[wasm_bindgen_test]
async fn a_page_that_rests_in_the_back_forward_cache_is_not_there() {
    let is_anybody = || WebPresence::default().is_anybody("test:cached".to_owned());
    let dispatch = |name: &str, persisted| {
        let init = web_sys::PageTransitionEventInit::new();
        init.set_persisted(persisted);
        let event = web_sys::PageTransitionEvent::new_with_event_init_dict(name, &init);
        let window = web_sys::window().expect("a window");
        window.dispatch_event(&event.expect("an event")).expect("an event");
    };
    let guard = WebPresence::default().announce("test:cached".to_owned());
    for _ in 0..2 {
        dispatch("pagehide", true);
        pause(Duration::from_millis(20)).await;
        assert_eq!(is_anybody().await, Some(false));
        dispatch("pageshow", true);
        assert_eq!(is_anybody().await, Some(true));
    }
    drop(guard);
    dispatch("pagehide", true);
    dispatch("pageshow", true);
    pause(Duration::from_millis(20)).await;
    assert_eq!(is_anybody().await, Some(false), "who has gone does not come back");
}

#[wasm_bindgen_test]
async fn who_is_there_nobody_knows_without_web_locks() {
    let hidden = Hidden::of("locks");
    let guard = WebPresence::default().announce("test:unknown".to_owned());
    assert_eq!(WebPresence::default().is_anybody("test:unknown".to_owned()).await, None);
    drop((guard, hidden));
}

/// As long as it lives, the browser has no such thing in `navigator`.
struct Hidden(&'static str);

impl Hidden {
    fn of(name: &'static str) -> Self {
        let shadow = Object::new();
        Reflect::set(&shadow, &"value".into(), &JsValue::UNDEFINED).expect("a property");
        Reflect::set(&shadow, &"configurable".into(), &JsValue::TRUE).expect("a property");
        Reflect::define_property(&navigator(), &name.into(), &shadow).expect("hidden");
        Self(name)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        Reflect::delete_property(&navigator(), &self.0.into()).expect("shown");
    }
}

fn navigator() -> Object {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).expect("a navigator");
    navigator.unchecked_into()
}

#[wasm_bindgen_test]
async fn without_web_locks_leases_are_taken() {
    let hidden = Hidden::of("locks");
    let guard =
        WebLocks::default().acquire("test:hidden".to_owned(), Duration::from_millis(60_000)).await;
    let lease = change("lease:test:hidden", Change::Leave).await;
    drop((guard, hidden));
    assert!(lease.is_some());
}

#[wasm_bindgen_test]
async fn a_lease_whose_page_is_gone_runs_out() {
    let now = pixy_login::browser::SystemClock::default();
    let now = pixy_login::browser::Clock::now(&now);
    for until in [now, now + 2 * Leases::LONGEST] {
        change("lease:test:left", Change::Write(record(until, "somebody"))).await;
        let lock =
            Leases::default().acquire("test:left".to_owned(), Duration::from_millis(5_000)).await;
        assert!(lock.is_some());
    }
}

#[wasm_bindgen_test]
async fn others_hear_what_is_said() {
    let heard: Rc<RefCell<Vec<String>>> = Rc::default();
    let open = |name: &str| {
        let heard = heard.clone();
        let hearing = move |message| heard.borrow_mut().push(message);
        Broadcast::default().open(name, Box::new(hearing)).expect("a channel")
    };
    let (one, other, elsewhere) = (open("test:a"), open("test:a"), open("test:b"));
    one.tell("first");
    elsewhere.tell("to nobody");
    one.tell("second");
    while heard.borrow().len() < 2 {
        pause(Duration::from_millis(1)).await;
    }
    assert_eq!(*heard.borrow(), ["first", "second"]);
    drop(other);
    one.tell("third");
    pause(Duration::from_millis(20)).await;
    assert_eq!(heard.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn only_its_key_and_context_open_a_seal() {
    let key = SealingKey::of(&[7; 32]).await.expect("a key");
    let sealed = key.seal("a token", "here").await.expect("sealed");
    assert_ne!(sealed, key.seal("a token", "here").await.expect("sealed"), "each has its nonce");
    let open = async |key: &SealingKey, sealed: &[u8], context| key.open(sealed, context).await;
    assert_eq!(open(&key, &sealed, "here").await, Ok(Some("a token".to_owned())));
    assert_eq!(open(&key, &sealed, "there").await, Ok(None));
    let other = SealingKey::of(&[8; 32]).await.expect("a key");
    assert_eq!(open(&other, &sealed, "here").await, Ok(None));
    assert_eq!(open(&key, &[1; 5], "here").await, Ok(None));
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert_eq!(open(&key, &changed, "here").await, Ok(None), "byte {index}");
    }
}

#[wasm_bindgen_test]
async fn a_dropped_timer_does_not_ring() {
    let rung = Rc::new(Cell::new(0));
    let ring = || {
        let rung = rung.clone();
        move || rung.set(rung.get() + 1)
    };
    let kept = after(Duration::from_millis(1), ring());
    drop(after(Duration::from_millis(1), ring()));
    let far = after(Duration::MAX, ring());
    pause(Duration::from_millis(30)).await;
    assert_eq!(rung.get(), 1);
    drop((kept, far));
}

#[wasm_bindgen_test]
fn of_a_pause_that_nobody_waits_for_nothing_is_left() {
    let before = wasm_bindgen::externref_heap_live_count();
    for _ in 0..10 {
        assert_eq!(pause(Duration::from_millis(60_000)).now_or_never(), None);
    }
    assert_eq!(wasm_bindgen::externref_heap_live_count(), before);
}

#[wasm_bindgen_test]
async fn of_a_record_that_was_read_nothing_is_left() {
    change("test:left", Change::Write(record(5_000_000_000, "without a key"))).await;
    let read = async || {
        for _ in 0..200 {
            assert!(change("test:left", Change::Leave).await.is_some());
        }
        wasm_bindgen::externref_heap_live_count()
    };
    // What other tests have begun may come and go meanwhile, but not in each of three turns.
    let mut grown = Vec::new();
    let mut before = read().await;
    for _ in 0..3 {
        let after = read().await;
        grown.push(after.saturating_sub(before));
        before = after;
    }
    assert!(grown.iter().any(|values| *values < 20), "in 200 readings each: {grown:?}");
    change("test:left", Change::Remove).await;
}

#[wasm_bindgen_test]
fn a_page_that_takes_the_focus_wakes_and_a_field_does_not() {
    let woken = Rc::new(Cell::new(0));
    let count = woken.clone();
    let _listeners = on_wake(move || count.set(count.get() + 1));
    let window = web_sys::window().expect("a window");
    let focus = || web_sys::Event::new("focus").expect("an event");
    let body = window.document().and_then(|document| document.body()).expect("a body");
    body.dispatch_event(&focus()).expect("an event");
    assert_eq!(woken.get(), 0);
    window.dispatch_event(&focus()).expect("an event");
    assert_eq!(woken.get(), 1);
}

#[wasm_bindgen_test]
fn a_page_that_is_hidden_does_not_wake() {
    let woken = Rc::new(Cell::new(0));
    let count = woken.clone();
    let _listeners = on_wake(move || count.set(count.get() + 1));
    let document = web_sys::window().and_then(|window| window.document()).expect("a document");
    let change = || {
        let event = web_sys::Event::new("visibilitychange").expect("an event");
        document.dispatch_event(&event).expect("an event");
    };
    let hidden = Object::new();
    for name in ["value", "configurable"] {
        Reflect::set(&hidden, &name.into(), &JsValue::TRUE).expect("a property");
    }
    Reflect::define_property::<Object>(document.unchecked_ref(), &"hidden".into(), &hidden)
        .expect("hidden");
    change();
    assert_eq!(woken.get(), 0);
    Reflect::delete_property::<Object>(document.unchecked_ref(), &"hidden".into()).expect("seen");
    change();
    assert_eq!(woken.get(), 1);
}
