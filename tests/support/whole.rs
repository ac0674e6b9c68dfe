//! Requests whose answer is read whole.

use pixy_login::browser::fetch::{FetchError, FetchRequest, OpenResponse, open};

/// An answer, of any status.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    begun: OpenResponse,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<String> {
        self.begun.header(name)
    }
}

/// Sends a request and reads the whole answer. Whoever stops waiting cancels it.
pub async fn send(request: FetchRequest) -> Result<Answer, FetchError> {
    let mut begun = open(request).await?;
    let body = begun.rest().await?;
    Ok(Answer { status: begun.status, body, begun })
}
