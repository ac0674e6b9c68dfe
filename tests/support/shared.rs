//! What the tabs of one browser share: records, locks, channels, and who is there.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};
use pixy_login::browser::channel::{Channel, Channels, Hearing};
use pixy_login::browser::locks::{Guard, Locks};
use pixy_login::browser::record_store::{Change, Decision, Record};
use pixy_login::browser::timer::pause;
use pixy_login::browser::timer::within;
use pixy_login::browser::{Presence, RecordStore, StorageDenied};
use wasm_bindgen_futures::spawn_local;

use super::next_task;

/// What the tabs of one browser share.
#[derive(Clone, Default)]
pub struct Shared {
    pub records: Rc<MemoryRecords>,
    pub locks: Rc<MemoryLocks>,
    pub presence: MemoryPresence,
    pub channels: Rc<MemoryChannels>,
}

/// Records that can be denied.
#[derive(Default)]
pub struct MemoryRecords {
    pub records: RefCell<BTreeMap<String, Record>>,
    pub denied: Cell<bool>,
    /// They can be read, but not changed.
    pub read_only: Cell<bool>,
}

/// The kinds of records, by the beginnings of their names.
const KINDS: [&str; 5] = ["key:", "lease:", "login:", "session:", "tabs:"];

impl MemoryRecords {
    /// The names of all records of a kind.
    pub fn names(&self, beginning: &str) -> Vec<String> {
        assert!(KINDS.contains(&beginning), "no record is called {beginning}…");
        let records = self.records.borrow();
        records.keys().filter(|name| name.starts_with(beginning)).cloned().collect()
    }
}

impl RecordStore for MemoryRecords {
    fn change(
        &self,
        name: String,
        decision: Decision,
    ) -> LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>> {
        // What gets another name, no test would find any more that looks whether it is gone.
        let is_known = KINDS.iter().any(|kind| name.starts_with(kind));
        assert!(is_known, "{name} is a record that the tests don't know");
        if self.denied.get() {
            return ready(Err(StorageDenied::default())).boxed_local();
        }
        let mut records = self.records.borrow_mut();
        let before = records.get(&name).cloned();
        let change = decision(before.as_ref());
        if self.read_only.get() && !matches!(change, Change::Leave) {
            return ready(Err(StorageDenied::default())).boxed_local();
        }
        match change {
            Change::Write(record) => drop(records.insert(name, record)),
            Change::Remove => drop(records.remove(&name)),
            _ => {}
        }
        ready(Ok(before)).boxed_local()
    }

    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        self.records.borrow_mut().retain(|_, record| record.until > now);
        ready(Ok(())).boxed_local()
    }
}

/// Locks, given in the order in which they were asked for.
#[derive(Clone, Default)]
pub struct MemoryLocks {
    waiting: Rc<RefCell<BTreeMap<String, Queue>>>,
}

/// Who waits for a lock, the holder first.
type Queue = VecDeque<Rc<Cell<bool>>>;

impl Locks for MemoryLocks {
    fn acquire(&self, name: String, patience: Duration) -> LocalBoxFuture<'static, Option<Guard>> {
        let locks = self.clone();
        let place = Rc::new(Cell::new(true));
        locks.waiting.borrow_mut().entry(name.clone()).or_default().push_back(place.clone());
        let (left, own, queue) = (self.clone(), place.clone(), name.clone());
        let guard = Guard::new(move || {
            own.set(false);
            if let Some(queue) = left.waiting.borrow_mut().get_mut(&queue) {
                queue.retain(|place| place.get());
            }
        });
        async move {
            let is_first = || {
                let waiting = locks.waiting.borrow();
                waiting
                    .get(&name)
                    .and_then(VecDeque::front)
                    .is_some_and(|first| Rc::ptr_eq(first, &place))
            };
            let turn = async {
                while !is_first() {
                    next_task().await;
                }
            };
            within(patience, turn.boxed_local()).await.map(|()| guard)
        }
        .boxed_local()
    }
}

/// Who is there: what each has announced, and whether its tab is away.
#[derive(Clone, Default)]
pub struct MemoryPresence {
    announced: Rc<RefCell<Vec<Rc<Announced>>>>,
    /// Whether the browser can't tell.
    pub unknown: Rc<Cell<bool>>,
}

struct Announced {
    name: String,
    away: Rc<Cell<bool>>,
}

impl MemoryPresence {
    /// What the pages of one tab see.
    pub fn of_tab(&self, away: Rc<Cell<bool>>) -> TabPresence {
        TabPresence { all: self.clone(), away }
    }

    /// The names under which anybody is there, once for each who is.
    pub fn names(&self) -> Vec<String> {
        let announced = self.announced.borrow();
        let present = announced.iter().filter(|announced| !announced.away.get());
        present.map(|announced| announced.name.clone()).collect()
    }
}

/// The same for the pages of one tab.
pub struct TabPresence {
    all: MemoryPresence,
    away: Rc<Cell<bool>>,
}

impl Presence for TabPresence {
    fn announce(&self, name: String) -> Guard {
        let announced = self.all.announced.clone();
        let own = Rc::new(Announced { name, away: self.away.clone() });
        announced.borrow_mut().push(own.clone());
        Guard::new(move || announced.borrow_mut().retain(|other| !Rc::ptr_eq(other, &own)))
    }

    fn is_anybody(&self, name: String) -> LocalBoxFuture<'static, Option<bool>> {
        let all = self.all.clone();
        async move {
            next_task().await;
            (!all.unknown.get()).then(|| all.names().contains(&name))
        }
        .boxed_local()
    }
}

/// What arrives later, in the order in which it was sent. Timers alone don't keep that: those that are set by
/// timers run later than others.
pub struct InOrder<T>(Rc<RefCell<VecDeque<T>>>);

impl<T: 'static> InOrder<T> {
    /// Sends something.
    pub fn push(&self, item: T, arrive: impl FnOnce(T) + 'static) {
        self.0.borrow_mut().push_back(item);
        let queue = self.0.clone();
        spawn_local(async move {
            next_task().await;
            let first = queue.borrow_mut().pop_front();
            first.map(arrive);
        });
    }
}

impl<T> Clone for InOrder<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

/// A store that takes its time.
pub struct SlowRecords(pub Rc<MemoryRecords>);

impl RecordStore for SlowRecords {
    fn change(&self, name: String, decision: Decision) -> Changed {
        let records = self.0.clone();
        async move {
            pause(Duration::from_millis(50)).await;
            records.change(name, decision).await
        }
        .boxed_local()
    }

    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        self.0.forget_until(now)
    }
}

/// A store that tells the name of each record that it is asked for.
pub struct AskedRecords(pub Rc<MemoryRecords>, pub Rc<dyn Fn(&str)>);

impl RecordStore for AskedRecords {
    fn change(&self, name: String, decision: Decision) -> Changed {
        let asked = name.clone();
        let changed = self.0.change(name, decision);
        (self.1)(&asked);
        changed
    }

    fn forget_until(&self, now: u64) -> LocalBoxFuture<'static, Result<(), StorageDenied>> {
        self.0.forget_until(now)
    }
}

type Changed = LocalBoxFuture<'static, Result<Option<Record>, StorageDenied>>;

type Hearer = (u64, String, Weak<Hearing>);

/// Channels whose messages arrive later, as the browser's do.
#[derive(Clone, Default)]
pub struct MemoryChannels {
    hearers: Rc<RefCell<Vec<Hearer>>>,
    next: Rc<Cell<u64>>,
    under_way: InOrder<(Vec<Weak<Hearing>>, String)>,
    /// Whether what is said is lost: everybody else is asleep.
    pub deaf: Rc<Cell<bool>>,
    /// Everything that was ever said.
    pub said: Rc<RefCell<Vec<String>>>,
}

impl Channels for MemoryChannels {
    fn open(&self, name: &str, hearing: Hearing) -> Option<Box<dyn Channel>> {
        let id = self.next.get();
        self.next.set(id + 1);
        let hearing = Rc::new(hearing);
        self.hearers.borrow_mut().push((id, name.to_owned(), Rc::downgrade(&hearing)));
        let name = name.to_owned();
        Some(Box::new(MemoryChannel { id, name, channels: self.clone(), _hearing: hearing }))
    }
}

struct MemoryChannel {
    id: u64,
    name: String,
    channels: MemoryChannels,
    _hearing: Rc<Hearing>,
}

impl Channel for MemoryChannel {
    fn tell(&self, message: &str) {
        self.channels.said.borrow_mut().push(message.to_owned());
        if self.channels.deaf.get() {
            return;
        }
        let hearers: Vec<Weak<Hearing>> = {
            let hearers = self.channels.hearers.borrow();
            let others =
                hearers.iter().filter(|(id, name, _)| *id != self.id && *name == self.name);
            others.map(|(_, _, hearing)| hearing.clone()).collect()
        };
        self.channels.under_way.push((hearers, message.to_owned()), |(hearers, message)| {
            for hearing in hearers.iter().filter_map(Weak::upgrade) {
                hearing(message.clone());
            }
        });
    }
}
