//! Faults that a test turns on and off while the server runs: what happens on the way without anybody
//! meaning harm.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::exchange::{JSON, with_cors};
use crate::http::{Body, Response};
use crate::record::Endpoint;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `reset`: the connection is reset before the request is looked at, so nothing is spent.
    Reset,
    /// `lost`: the request is served, which spends its code or token; then the connection is reset.
    Lost,
    /// `slow-MILLISECONDS`: the request is served at once, the answer comes so much later.
    Slow(u64),
    /// `hang`: the request is served at once, the answer comes when it is released.
    Hang,
    /// `half`: the request is served, and half of the answer's body comes.
    Half,
    /// `500`, `429-SECONDS` and so on: the request is not looked at; the seconds are for `Retry-After`.
    Status(u16, Option<u64>),
    /// `html`: a page in the place of the answer; the request is not looked at.
    Html,
    /// `garbage`: what calls itself JSON and is none; the request is not looked at.
    Garbage,
}

impl Fault {
    /// The fault of a name.
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, number) = match name.split_once('-') {
            Some((kind, number)) => (kind, Some(number.parse().ok()?)),
            None => (name, None),
        };
        match (kind, number) {
            ("reset", None) => Some(Self::Reset),
            ("lost", None) => Some(Self::Lost),
            ("slow", Some(milliseconds)) => Some(Self::Slow(milliseconds)),
            ("hang", None) => Some(Self::Hang),
            ("half", None) => Some(Self::Half),
            ("html", None) => Some(Self::Html),
            ("garbage", None) => Some(Self::Garbage),
            (status, seconds) => {
                let status = status.parse().ok().filter(|status| (400..600).contains(status))?;
                Some(Self::Status(status, seconds))
            }
        }
    }

    /// What stands in the place of an answer, where the request is not looked at.
    pub fn instead(self) -> Option<Response> {
        let response = match self {
            Self::Reset => return Some(reset()),
            Self::Status(status, seconds) => {
                let response = Response::new(status, "text/plain", "Out of order");
                match seconds {
                    Some(seconds) => response.with_header("Retry-After", &seconds.to_string()),
                    None => response,
                }
            }
            Self::Html => Response::new(200, "text/html", "<!DOCTYPE html><title>Wi-Fi</title>"),
            Self::Garbage => Response::new(200, JSON, "{\"\u{0}"),
            Self::Lost | Self::Slow(_) | Self::Hang | Self::Half => return None,
        };
        Some(with_cors(response))
    }

    /// What is left of an answer on its way.
    pub fn damage(self, response: Response) -> Response {
        match (self, response.body) {
            (Self::Lost, _) => reset(),
            (Self::Half, Body::Bytes(bytes)) => Response { body: Body::Half(bytes), ..response },
            (_, body) => Response { body, ..response },
        }
    }
}

fn reset() -> Response {
    Response { body: Body::Reset, ..Response::empty(0) }
}

/// The faults of every case.
#[derive(Debug, Default)]
pub struct Faults {
    cases: Mutex<HashMap<String, Planned>>,
}

/// What is to go wrong in a case, in this order.
#[derive(Debug, Default)]
struct Planned {
    faults: Vec<(Endpoint, Fault, Times)>,
    /// How often what hangs was released.
    releases: u64,
}

/// How many requests a fault is for; `None` for all.
pub type Times = Option<u32>;

impl Faults {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Planned>> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something go wrong, after what was planned before.
    pub fn plan(&self, case: &str, endpoint: Endpoint, fault: Fault, times: Times) {
        let mut cases = self.lock();
        cases.entry(case.to_owned()).or_default().faults.push((endpoint, fault, times));
    }

    /// Has nothing go wrong at an endpoint any more.
    pub fn clear(&self, case: &str, endpoint: Endpoint) {
        if let Some(planned) = self.lock().get_mut(case) {
            planned.faults.retain(|(place, ..)| *place != endpoint);
        }
    }

    /// Has nothing go wrong in a case any more, and lets go what hangs.
    pub fn reset(&self, case: &str) {
        if let Some(planned) = self.lock().get_mut(case) {
            planned.faults.clear();
            planned.releases += 1;
        }
    }

    /// Lets go what hangs; nothing hangs after it.
    pub fn release(&self, case: &str) {
        if let Some(planned) = self.lock().get_mut(case) {
            planned.faults.retain(|(_, fault, _)| *fault != Fault::Hang);
            planned.releases += 1;
        }
    }

    /// How often what hangs was released.
    pub fn releases(&self, case: &str) -> u64 {
        self.lock().get(case).map_or(0, |planned| planned.releases)
    }

    /// What goes wrong with the request that has just come.
    pub fn take(&self, case: &str, endpoint: Endpoint) -> Option<Fault> {
        let mut cases = self.lock();
        let faults = &mut cases.get_mut(case)?.faults;
        let position = faults.iter().position(|(place, ..)| *place == endpoint)?;
        let (_, fault, times) = faults.get_mut(position)?;
        let fault = *fault;
        if let Some(times) = times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                faults.remove(position);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_names() {
        assert_eq!(Fault::parse("reset"), Some(Fault::Reset));
        assert_eq!(Fault::parse("slow-1500"), Some(Fault::Slow(1500)));
        assert_eq!(Fault::parse("500"), Some(Fault::Status(500, None)));
        assert_eq!(Fault::parse("429-7"), Some(Fault::Status(429, Some(7))));
        for name in ["", "slow", "slow-", "slow-x", "hang-1", "200", "nothing"] {
            assert_eq!(Fault::parse(name), None, "{name}");
        }
    }

    #[test]
    fn faults_come_in_their_order_and_so_often() {
        let faults = Faults::default();
        faults.plan("x", Endpoint::Token, Fault::Reset, Some(2));
        faults.plan("x", Endpoint::Token, Fault::Html, None);
        let take = || faults.take("x", Endpoint::Token);
        assert_eq!([take(), take()], [Some(Fault::Reset); 2]);
        assert_eq!([take(), take()], [Some(Fault::Html); 2]);
        assert_eq!(faults.take("x", Endpoint::Jwks), None);
        assert_eq!(faults.take("y", Endpoint::Token), None);
        faults.clear("x", Endpoint::Token);
        assert_eq!(take(), None);
    }

    #[test]
    fn what_is_released_hangs_no_more() {
        let faults = Faults::default();
        faults.plan("x", Endpoint::Token, Fault::Hang, None);
        faults.plan("x", Endpoint::Token, Fault::Half, None);
        let before = faults.releases("x");
        faults.release("x");
        assert_ne!(faults.releases("x"), before);
        assert_eq!(faults.take("x", Endpoint::Token), Some(Fault::Half));
        let before = faults.releases("x");
        faults.reset("x");
        assert_ne!(faults.releases("x"), before, "a reset lets go as well");
        assert_eq!(faults.take("x", Endpoint::Token), None);
    }
}
