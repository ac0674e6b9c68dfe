//! Answers that are read piece by piece.

#[cfg(feature = "widget")]
use crate::browser::fetch::ScriptResponse;
use crate::client::wire::Opened;
use crate::protocol::{Error, ServerResponse};
use core::time::Duration;

/// An answer of an API that is read piece by piece. Dropped before its end, it is cancelled.
pub struct StreamedResponse {
    /// Its body is what was read already.
    head: ServerResponse,
    /// What is still to come.
    rest: Option<Opened>,
    timeout: Duration,
}

impl StreamedResponse {
    pub(super) fn begun(mut opened: Opened, timeout: Duration) -> Self {
        let head = core::mem::take(&mut opened.head);
        Self { head, rest: Some(opened), timeout }
    }

    /// An answer that came whole.
    #[cfg(feature = "vault")]
    pub(in crate::client) const fn whole(head: ServerResponse) -> Self {
        Self { head, rest: None, timeout: Duration::ZERO }
    }

    /// The browser's own answer, for a script of the page, which reads the rest of it. `None` for one that came whole.
    #[cfg(feature = "widget")]
    pub(crate) fn into_script(mut self) -> Option<ScriptResponse> {
        self.rest?.rest.into_script(&mut self.head.body)
    }

    /// Status and challenges, known before the body.
    pub const fn head(&self) -> &ServerResponse {
        &self.head
    }

    /// A header, when the browser may see it: see [`ServerResponse::header`].
    pub fn header(&self, name: &str) -> Option<String> {
        match &self.rest {
            Some(opened) => opened.rest.header(name),
            None => self.head.header(name).map(str::to_owned),
        }
    }

    /// The next piece of the body, as it comes: its ends are nowhere in particular. `None` at the end of the
    /// body, and after an error. One that was cut off ends with an error.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Error>> {
        let read_before = core::mem::take(&mut self.head.body);
        if !read_before.is_empty() {
            return Some(Ok(read_before));
        }
        let opened = self.rest.as_mut()?;
        let piece = opened.rest.next(self.timeout).await?;
        Some(piece.map_err(|why| opened.failure(why)))
    }
}

impl core::fmt::Debug for StreamedResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "StreamedResponse({})", self.head.status)
    }
}
