//! Signing out, here and in all tabs.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll};

use super::Sessions;
use super::record::SessionRecord;
use super::tokens::Tokens;
use crate::client::events::Event;
use crate::client::flight::{Flight, in_any_case};
use crate::client::provider::Unwanted;
use crate::client::status::Status;
use crate::client::tabs::message::{Generation, Message, RecordAddress};
use crate::protocol::Error;

/// Signing out, which goes on to the end also when nobody waits for it.
#[derive(Clone)]
pub struct SigningOut(Flight<()>);

impl SigningOut {
    pub(in crate::client) fn begin(
        future: impl Future<Output = Result<(), Error>> + 'static,
    ) -> Self {
        Self(in_any_case(future))
    }
}

impl Future for SigningOut {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<()> {
        // It comes to an end, however that is.
        Pin::new(&mut self.0).poll(task).map(drop)
    }
}

impl core::fmt::Debug for SigningOut {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("SigningOut")
    }
}

/// Where a session is kept that has ended, and which tokens of it the page had.
type Ended = (RecordAddress, Option<Generation>);

impl Sessions {
    /// Signs out here at once, and then everywhere: nobody finds the session any more, and its tokens are handed
    /// back (RFC 7009).
    pub(in crate::client) fn sign_out(self: &Rc<Self>) -> SigningOut {
        let (tokens, kept) = self.end_session();
        let sessions = self.clone();
        SigningOut::begin(async move {
            // Beside each other: the page may be gone in a moment.
            let unwanted = tokens.map(|tokens| Unwanted::set(&tokens.set, tokens.key.clone()));
            let revoking = unwanted.map(|unwanted| sessions.provider.revoke(unwanted));
            sessions.end_everywhere(kept).await;
            sessions.context.emit(&Event::SignedOut);
            for revoked in revoking.into_iter().flatten() {
                let _ = revoked.await;
            }
            Ok(())
        })
    }

    /// Ends the session in this page, and returns its tokens and where it is kept.
    fn end_session(&self) -> (Option<Rc<Tokens>>, Option<Ended>) {
        self.call_off();
        self.signing_out.tell(&(), || true);
        let found = self.place.record().map(|record| (record.address, Some(record.generation)));
        // Perhaps the page has not found it yet.
        let kept = found.or_else(|| self.place.noted().map(|(address, _)| (address, None)));
        let era = self.place.era();
        self.forget_record();
        let tokens = self.forget_session();
        let session = kept.as_ref().map(|(address, _)| address.session.clone());
        let generation = kept.as_ref().and_then(|(_, generation)| *generation);
        self.tabs.tell(&Message::SignedOut { session, generation, era });
        self.context.set_status(Status::SignedOut);
        (tokens, kept)
    }

    /// Nobody finds the session any more, a tab that is asleep included. What this page did not have of it is
    /// handed back.
    async fn end_everywhere(&self, kept: Option<Ended>) {
        // First: what is announced before it ends with it.
        self.tabs.note_sign_out().await;
        let Some((address, generation)) = kept else { return };
        let session = address.session.clone();
        self.end_kept_at(address, generation).await;
        // A page that was just being opened had heard nothing yet, and may have found it.
        self.tabs.tell(&Message::Removed { session });
    }

    /// Forgets what is kept there, and hands it back where it is newer than what this page had.
    pub(super) async fn end_kept(&self, record: &SessionRecord, had: Option<Generation>) {
        let stored = self.records.take(record).await;
        let newer = stored.filter(|stored| had.is_none_or(|had| had < stored.generation));
        if let Some(stored) = newer {
            self.provider.hand_back(Unwanted::set(&stored.set, stored.key));
        }
    }

    pub(super) async fn end_kept_at(&self, address: RecordAddress, had: Option<Generation>) {
        if let Some(record) = SessionRecord::at(address).await {
            self.end_kept(&record, had).await;
        }
    }
}
