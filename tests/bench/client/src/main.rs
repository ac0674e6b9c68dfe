//! A client that a page's scripts can have do things again and again: what the bench measures of sessions that
//! go on.

use pixy_login::client::{Client, ResourceRequest, SignIn, Status};
use pixy_login::protocol::{Config, Error};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// The client.
#[wasm_bindgen]
#[derive(Debug)]
pub struct App(Client);

#[wasm_bindgen]
impl App {
    /// Starts it, and finishes a sign-in where the page is its callback. `api` takes bound tokens.
    pub async fn start(
        issuer: String,
        client_id: String,
        redirect_uri: String,
        api: String,
    ) -> Result<App, JsError> {
        let config = Config::new(&issuer, &client_id, &redirect_uri)
            .and_then(|config| config.allow_dpop_origin(&api))
            .map_err(told)?;
        let client = Client::new(config);
        client.start().await.map_err(told)?;
        Ok(Self(client))
    }

    /// Leaves for the provider.
    pub async fn sign_in(&self) -> Result<(), JsError> {
        self.0.sign_in(SignIn::new()).await.map_err(told)
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        matches!(self.0.status(), Status::SignedIn(_))
    }

    /// Renews the access token so many times, one after the other.
    pub async fn refresh(&self, times: u32) -> Result<(), JsError> {
        for _ in 0..times {
            self.0.refresh().await.map_err(told)?;
        }
        Ok(())
    }

    /// Asks the API so many times, one after the other.
    pub async fn fetch(&self, url: String, times: u32) -> Result<(), JsError> {
        for _ in 0..times {
            let answer = self.0.fetch(ResourceRequest::get(&url)).await.map_err(told)?;
            if answer.status != 200 {
                return Err(JsError::new(&format!("the API answered {}", answer.status)));
            }
        }
        Ok(())
    }
}

fn told(error: Error) -> JsError {
    JsError::new(error.code().as_str())
}
