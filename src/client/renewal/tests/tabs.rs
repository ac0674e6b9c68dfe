//! Every order of events of two to four tabs that share a session: the decisions are the client's own
//! ([`Turn`], [`reaction`]), the world around them is a model of store, lock, channel and provider. The
//! provider ends the session when a spent refresh token comes a second time.

use std::collections::{HashSet, VecDeque};

use crate::client::message::{Message, Own, Reaction, reaction};
use crate::client::renewal::turn::{Answer, End, Found, Generation, Step, Turn, Written};

const SESSION: &str = "s";

/// What may still happen, and how often. What the world does of itself needs no limit: it ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Budget {
    renewals: u8,
    faults: u8,
    deaths: u8,
    sign_outs: u8,
    sleeps: u8,
    /// How often a tab finds that what it adopted is old again.
    worn: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum News {
    Renewed(Generation),
    SignedOut(Generation),
    Over,
}

impl News {
    fn message(self) -> Message {
        let session = SESSION.to_owned();
        match self {
            Self::Renewed(generation) => Message::Renewed { session, generation },
            Self::SignedOut(generation) => {
                Message::SignedOut { session: Some(session), generation: Some(generation) }
            }
            Self::Over => Message::Over { session },
        }
    }
}

/// How far a renewal has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// The step is to be taken.
    At(Step),
    /// The request was sent, and is not there yet.
    Sent,
    /// The provider has answered, and nobody has heard it yet.
    Answered(Answer),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Tab {
    is_alive: bool,
    is_asleep: bool,
    is_signed_in: bool,
    generation: Generation,
    renewal: Option<(Turn, Place)>,
    inbox: VecDeque<News>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    tabs: Vec<Tab>,
    kept: Option<Generation>,
    lock: Option<usize>,
    /// The refresh token that the provider expects.
    expected: Generation,
    is_over: bool,
    requests: u8,
    signed_out: bool,
    /// The answer got lost on the way, or its tab was closed before it was kept: nobody can mend that.
    is_answer_lost: bool,
    budget: Budget,
}

impl World {
    fn new(tabs: usize, budget: Budget) -> Self {
        let tab = Tab {
            is_alive: true,
            is_asleep: false,
            is_signed_in: true,
            generation: 0,
            renewal: None,
            inbox: VecDeque::new(),
        };
        Self {
            tabs: vec![tab; tabs],
            kept: Some(0),
            lock: None,
            expected: 0,
            is_over: false,
            requests: 0,
            signed_out: false,
            is_answer_lost: false,
            budget,
        }
    }

    /// All worlds that may come next.
    fn successors(&self) -> Vec<Self> {
        let mut next = Vec::new();
        for tab in 0..self.tabs.len() {
            if !self.tabs[tab].is_alive {
                continue;
            }
            self.wake_or_sleep(tab, &mut next);
            if self.tabs[tab].is_asleep {
                // What was sent before is on its way all the same.
                self.arrive(tab, &mut next);
                continue;
            }
            self.begin(tab, &mut next);
            self.proceed(tab, &mut next);
            self.arrive(tab, &mut next);
            self.hear(tab, &mut next);
            self.sign_out(tab, &mut next);
            self.die(tab, &mut next);
        }
        next
    }

    fn wake_or_sleep(&self, tab: usize, next: &mut Vec<Self>) {
        let mut world = self.clone();
        let is_asleep = world.tabs[tab].is_asleep;
        if is_asleep {
            world.tabs[tab].is_asleep = false;
        } else if world.budget.sleeps > 0 && self.lock != Some(tab) {
            // A browser lets no page sleep that holds a lock.
            world.budget.sleeps -= 1;
            world.tabs[tab].is_asleep = true;
        } else {
            return;
        }
        next.push(world);
    }

    fn begin(&self, tab: usize, next: &mut Vec<Self>) {
        let own = &self.tabs[tab];
        if own.is_signed_in && own.renewal.is_none() && self.budget.renewals > 0 {
            let mut world = self.clone();
            world.budget.renewals -= 1;
            let (turn, step) = Turn::begin(own.generation, true);
            world.tabs[tab].renewal = Some((turn, Place::At(step)));
            next.push(world);
        }
    }

    fn proceed(&self, tab: usize, next: &mut Vec<Self>) {
        let Some((mut turn, place)) = self.tabs[tab].renewal else { return };
        let mut world = self.clone();
        let place = match place {
            Place::Sent => return,
            Place::Answered(answer) => Place::At(turn.answered(answer)),
            Place::At(Step::Lock) if self.lock.is_some() => return,
            Place::At(Step::Lock) => {
                world.lock = Some(tab);
                Place::At(turn.locked())
            }
            Place::At(Step::Read) => {
                Place::At(turn.read(self.kept.map_or(Found::Gone, Found::Kept)))
            }
            Place::At(Step::Adopt) => {
                world.tabs[tab].generation = turn.generation();
                if self.budget.worn > 0 {
                    let (mut world, mut turn) = (world.clone(), turn);
                    world.budget.worn -= 1;
                    let place = Place::At(turn.adopted(true));
                    world.tabs[tab].renewal = Some((turn, place));
                    next.push(world);
                }
                Place::At(turn.adopted(false))
            }
            Place::At(Step::Send) => {
                assert!(
                    self.tabs.iter().all(|other| !is_under_way(other)),
                    "two requests at the same time"
                );
                world.requests += 1;
                Place::Sent
            }
            Place::At(Step::Write(generation)) => {
                let written = if self.kept.is_some() { Written::Kept } else { Written::Gone };
                if written == Written::Kept {
                    world.kept = Some(generation);
                    world.tabs[tab].generation = generation;
                }
                Place::At(turn.written(written))
            }
            Place::At(Step::Remove(end)) => {
                world.kept = None;
                Place::At(Step::End(end))
            }
            Place::At(Step::End(end)) => {
                world.end(tab, end);
                next.push(world);
                return;
            }
        };
        world.tabs[tab].renewal = Some((turn, place));
        next.push(world);
    }

    fn end(&mut self, tab: usize, end: End) {
        self.lock = None;
        self.tabs[tab].renewal = None;
        match end {
            End::Renewed => self.tell(tab, News::Renewed(self.tabs[tab].generation)),
            End::Over => {
                self.tabs[tab].is_signed_in = false;
                self.tell(tab, News::Over);
            }
            End::SignedOut => self.tabs[tab].is_signed_in = false,
            End::Adopted | End::Failed | End::Detached => {}
        }
    }

    /// The request is there, or gets lost before.
    fn arrive(&self, tab: usize, next: &mut Vec<Self>) {
        let Some((turn, Place::Sent)) = self.tabs[tab].renewal else { return };
        if self.budget.faults > 0 {
            let mut world = self.clone();
            world.budget.faults -= 1;
            world.tabs[tab].renewal = Some((turn, Place::Answered(Answer::Fault)));
            let mut answered = world.clone();
            next.push(world);
            // Or the answer does.
            let is_spent = answered.answer(self.tabs[tab].generation) == Answer::Tokens;
            answered.is_answer_lost |= is_spent;
            next.push(answered);
        }
        let mut world = self.clone();
        let answer = world.answer(self.tabs[tab].generation);
        world.tabs[tab].renewal = Some((turn, Place::Answered(answer)));
        next.push(world);
    }

    fn answer(&mut self, token: Generation) -> Answer {
        if self.is_over || token != self.expected {
            self.is_over = true;
            return Answer::Over;
        }
        self.expected += 1;
        Answer::Tokens
    }

    fn hear(&self, tab: usize, next: &mut Vec<Self>) {
        let mut world = self.clone();
        let Some(news) = world.tabs[tab].inbox.pop_front() else { return };
        let own = &mut world.tabs[tab];
        let knows = Own {
            is_signed_in: own.is_signed_in,
            session: own.is_signed_in.then(|| SESSION.to_owned()),
            generation: own.generation,
            ..Own::default()
        };
        match reaction(&knows, &news.message()) {
            Reaction::Look => match self.kept {
                Some(generation) => own.generation = own.generation.max(generation),
                None => own.is_signed_in = false,
            },
            Reaction::SignOut { .. } | Reaction::End => own.is_signed_in = false,
            _ => {}
        }
        next.push(world);
    }

    fn sign_out(&self, tab: usize, next: &mut Vec<Self>) {
        if self.budget.sign_outs > 0 && self.tabs[tab].is_signed_in {
            let mut world = self.clone();
            world.budget.sign_outs -= 1;
            world.tabs[tab].is_signed_in = false;
            world.kept = None;
            world.signed_out = true;
            let generation = world.tabs[tab].generation;
            world.tell(tab, News::SignedOut(generation));
            next.push(world);
        }
    }

    fn deaths(&self) -> usize {
        self.tabs.iter().filter(|tab| !tab.is_alive).count()
    }

    /// The tab is closed, at whatever point.
    fn die(&self, tab: usize, next: &mut Vec<Self>) {
        if self.budget.deaths == 0 {
            return;
        }
        let mut world = self.clone();
        world.budget.deaths -= 1;
        let own = &mut world.tabs[tab];
        let is_spent = match own.renewal.take() {
            Some((_, Place::Answered(Answer::Tokens) | Place::At(Step::Write(_)))) => true,
            Some((_, Place::Sent)) => {
                // Without the page the request may arrive or not.
                let mut arrived = self.clone();
                arrived.budget.deaths -= 1;
                let answer = arrived.answer(self.tabs[tab].generation);
                arrived.is_answer_lost |= answer == Answer::Tokens;
                arrived.bury(tab);
                next.push(arrived);
                false
            }
            _ => false,
        };
        world.is_answer_lost |= is_spent;
        world.bury(tab);
        next.push(world);
    }

    fn bury(&mut self, tab: usize) {
        self.tabs[tab].is_alive = false;
        self.tabs[tab].renewal = None;
        self.tabs[tab].inbox.clear();
        if self.lock == Some(tab) {
            self.lock = None;
        }
    }

    fn tell(&mut self, teller: usize, news: News) {
        for (index, tab) in self.tabs.iter_mut().enumerate() {
            if index != teller && tab.is_alive {
                tab.inbox.push_back(news);
            }
        }
    }

    /// What must hold at any time.
    fn check(&self) {
        if !self.is_answer_lost {
            assert!(!self.is_over, "a refresh token was sent twice");
            let asked_for = self.signed_out;
            let signed_in = |tab: &Tab| tab.is_signed_in || !tab.is_alive;
            assert!(asked_for || self.tabs.iter().all(signed_in), "signed out by nobody");
        }
        let is_idle = |tab: &Tab| tab.renewal.is_none() && tab.inbox.is_empty() && !tab.is_asleep;
        if self.tabs.iter().filter(|tab| tab.is_alive).all(is_idle) {
            self.check_at_rest();
        }
    }

    /// What must hold when everybody has heard everything.
    fn check_at_rest(&self) {
        assert_eq!(self.lock, None);
        // Who is gone may not have told what it did; then the next renewal finds it.
        let is_told = self.deaths() == 0;
        for tab in self.tabs.iter().filter(|tab| tab.is_alive) {
            let kept = self.kept.filter(|_| !self.signed_out);
            let own = tab.is_signed_in.then_some(tab.generation);
            assert!(own == kept || !is_told && own > None, "they disagree");
            assert!(kept.is_none() || own <= kept);
        }
        let is_spent = self.is_answer_lost || self.kept.is_none();
        assert!(is_spent || self.kept == Some(self.expected), "an old token is kept");
    }
}

fn is_under_way(tab: &Tab) -> bool {
    tab.is_alive && matches!(tab.renewal, Some((_, Place::Sent)))
}

/// Visits every world that can come of these, and returns how many there are.
fn explore(begin: World, check: impl Fn(&World)) -> usize {
    let mut known = HashSet::from([begin.clone()]);
    let mut waiting = vec![begin];
    while let Some(world) = waiting.pop() {
        check(&world);
        for next in world.successors() {
            if known.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    known.len()
}

const NONE: Budget = Budget { renewals: 0, faults: 0, deaths: 0, sign_outs: 0, sleeps: 0, worn: 0 };

#[test]
fn r65_no_order_of_events_sends_a_refresh_token_twice() {
    for (tabs, budget) in [
        (2, Budget { renewals: 4, faults: 2, deaths: 1, sign_outs: 1, sleeps: 1, worn: 1 }),
        (3, Budget { renewals: 3, faults: 1, deaths: 1, sign_outs: 1, ..NONE }),
        (4, Budget { renewals: 4, ..NONE }),
    ] {
        let worlds = explore(World::new(tabs, budget), World::check);
        println!("{tabs} tabs: {worlds} worlds");
        assert!(worlds > 1000, "{tabs} tabs: only {worlds}");
    }
}

#[test]
fn t70_tabs_that_come_at_once_make_one_request() {
    for tabs in 2..=4 {
        let mut world = World::new(tabs, NONE);
        for tab in &mut world.tabs {
            let (turn, step) = Turn::begin(0, true);
            tab.renewal = Some((turn, Place::At(step)));
        }
        explore(world, |world| {
            world.check();
            assert!(world.requests <= 1);
        });
    }
}

#[test]
fn a_message_is_read_as_it_was_written() {
    for news in [News::Renewed(7), News::SignedOut(3), News::Over] {
        let message = news.message();
        assert_eq!(Message::from_json(&message.to_json()), Some(message));
    }
    for text in ["", "{}", "[]", r#"{"kind":"token"}"#, r#"{"kind":"renewed","session":"s"}"#] {
        assert_eq!(Message::from_json(text), None, "{text}");
    }
}
