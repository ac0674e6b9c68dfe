//! Further ports of the same server. A door that is shut refuses connections, as a server does that
//! is not running, and can be opened again.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::http::{self, Listening, Reply, Request};

/// The doors that are open, by their ports.
#[derive(Debug, Default)]
pub struct Doors {
    open: Mutex<HashMap<u16, Listening>>,
}

impl Doors {
    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Listening>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a door (0: at any free port) and returns its port.
    pub fn open(
        &self,
        port: u16,
        handler: impl Fn(Request, Reply) + Send + Sync + 'static,
    ) -> io::Result<u16> {
        let mut open = self.lock();
        if open.contains_key(&port) {
            return Ok(port);
        }
        let listening = http::listen(port, handler)?;
        let port = listening.port();
        open.insert(port, listening);
        Ok(port)
    }

    /// Shuts a door. What came through it before is answered.
    pub fn shut(&self, port: u16) {
        self.lock().remove(&port);
    }
}
