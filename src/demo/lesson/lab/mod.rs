//! The lab: real, small sign-ins of the person's own, beside the app's session, to act out what happens to a
//! code or a token that somebody else gets hold of. Nothing is staged: `login` goes to the real authorization
//! server, in a window; `act` sends real requests, and shows each with its answer on the `stage`.
//!
//! What is stolen here stays in the page's memory, and ends with it.

mod act;
mod card;
pub(super) mod forms;
mod login;
mod stage;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use crate::browser::{Browser, page};
use crate::client::tools::{exchange, get};
use crate::demo::settings::{LessonClients, Settings};
use crate::protocol::{Config, Error, ErrorCode, ProviderMetadata};

pub(super) use act::{Act, Hand, Reading};
pub(super) use login::{Login, Wanted, Which, new_key, now};
pub(super) use stage::{By, Ends, Side, Trouble, Verdict, Window};
pub(super) use view::{Case, Played, case};

/// What the lab works with: the settings of the page, and what the provider says of itself.
#[derive(Clone)]
pub(super) struct Lab(Rc<Inner>);

struct Inner {
    settings: Settings,
    folder: String,
    metadata: RefCell<Option<ProviderMetadata>>,
    browser: Browser,
}

/// Where a token is shown.
pub(super) struct Api {
    pub(super) url: String,
    pub(super) by: By,
}

impl Lab {
    pub(super) fn of_page() -> Result<Self, Error> {
        Ok(Self(Rc::new(Inner {
            settings: Settings::of_page()?,
            folder: page::folder(),
            metadata: RefCell::default(),
            browser: Browser::default(),
        })))
    }

    pub(super) fn browser(&self) -> &Browser {
        &self.0.browser
    }

    /// The clients that only the demo's own provider has.
    pub(super) fn clients(&self) -> Option<LessonClients> {
        self.0.settings.lesson()
    }

    /// The settings of one of the provider's clients.
    pub(super) fn config(&self, which: Which) -> Result<Config, Error> {
        let settings = &self.0.settings;
        let unknown = || Error::new(ErrorCode::InvalidConfig).about("lesson");
        match which {
            Which::Own => settings.config(&self.0.folder),
            Which::WithoutPkce => {
                let client = self.clients().ok_or_else(unknown)?.without_pkce;
                settings.config_of(&client, &self.0.folder)
            }
            Which::Brief => {
                let client = self.clients().ok_or_else(unknown)?.brief;
                settings.config_of(&client, &self.0.folder)
            }
        }
    }

    /// What the provider says of itself, asked for once.
    pub(super) async fn metadata(&self) -> Result<ProviderMetadata, Error> {
        let known = self.0.metadata.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let config = self.config(Which::Own)?;
        let metadata = match config.given_metadata() {
            Some(given) => given.clone(),
            None => {
                let response = exchange(&self.0.browser, get(&config.discovery_address())).await?;
                ProviderMetadata::from_response(config.issuer(), &response)?
            }
        };
        self.0.metadata.replace(Some(metadata.clone()));
        Ok(metadata)
    }

    /// Where the profile is: at the resource server, where there is one that takes such a token, else at
    /// userinfo.
    pub(super) async fn profile(&self, is_bound: bool) -> Result<Api, Error> {
        let takes_proofs = self.config(Which::Own)?.binds_tokens(true) == Ok(true);
        if let Some(api) = self.api("/profile")?
            && (takes_proofs || !is_bound)
        {
            return Ok(api);
        }
        let metadata = self.metadata().await?;
        let userinfo = metadata.userinfo_endpoint();
        let url = userinfo.ok_or_else(|| Error::new(ErrorCode::DiscoveryInvalid).about("userinfo"));
        Ok(Api { url: url?.as_str().to_owned(), by: By::AuthorizationServer })
    }

    /// A place at the resource server, if there is one.
    pub(super) fn api(&self, path: &str) -> Result<Option<Api>, Error> {
        let server = self.0.settings.resource_server()?;
        let url = server.map(|server| [server.trim_end_matches('/'), path].concat());
        Ok(url.map(|url| Api { url, by: By::ResourceServer }))
    }
}
