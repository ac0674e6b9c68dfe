//! The app: signs in for real, and has the pages for that.
//!
//! `shell` shows the pages, one file each, and they share: `blocks`, `routes` (flat files, no router), `article` (what
//! a page says that is not about this sign-in), `language`, `inspector` (writes this sign-in down) and `bridge` (what the
//! lesson may ask for). How a sign-in looks is in [`crate::components`].

mod article;
mod blocks;
mod bridge;
mod callback;
mod errors;
mod home;
mod inspector;
mod language;
mod mail;
mod profile;
mod routes;
mod session;
mod shell;
mod upstream;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::{Browser, page};
use crate::client::Client;
use crate::components::elements::dynamic;
use crate::components::{AuthProvider, AuthProviderProps};
#[cfg(not(feature = "vault"))]
use crate::protocol::ErrorCode;
use crate::protocol::{Config, Error, State};

use super::recording::Stop;
use super::settings::{Settings, Upstream};
use crate::demo::words::Words;
use article::Article;
use inspector::Inspector;
use routes::Routes;

/// The element that the app lives in.
const ROOT: &str = "app";

/// The script of the vault, where `cargo xtask dist` puts it.
#[cfg(feature = "vault")]
const VAULT: &str = "vault/pixy-login-vault.js";

/// What every page of the demo may use.
#[derive(Clone, Copy)]
struct Demo {
    routes: Routes,
    words: Words,
    upstream: Option<Upstream>,
}

/// Signs in, and shows the page.
pub fn run() {
    match client() {
        Ok((client, inspector)) => {
            let app = client.clone();
            // First in, first out: the token request leaves before anything is rendered. A sign-in that the
            // person takes step by step waits at the answer.
            spawn_local(async move {
                if inspector.is_stepwise() {
                    article::show_steps(&client, &inspector);
                    inspector.pass(Stop::Callback).await;
                }
                let (started, mounted) = (client.clone(), inspector);
                // How it went is in the client's status.
                spawn_local(async move { drop(started.start().await) });
                spawn_local(async move { mount_with(app, mounted) });
            });
        }
        Err(error) => mount_error(error),
    }
}

/// The client for the settings in the page, and what looks into its browser.
fn client() -> Result<(Client, Inspector), Error> {
    let settings = Settings::of_page()?;
    let config = settings.config(&page::folder())?;
    let (inspector, browser) = Inspector::around(Browser::default());
    let client = match settings.wants_vault()? && !is_beside_lesson() {
        true => in_vault(config)?,
        false => Client::with_browser(config, browser),
    };
    Ok((client, inspector))
}

#[cfg(feature = "vault")]
fn in_vault(config: Config) -> Result<Client, Error> {
    Ok(Client::in_vault(config, VAULT))
}

/// `boot.js` has started the wrong program. Tokens don't come to the page instead.
#[cfg(not(feature = "vault"))]
fn in_vault(_: Config) -> Result<Client, Error> {
    Err(ErrorCode::VaultUnavailable.into())
}

/// Whether this window only hands its answer over. A vault opens none, so it is the lesson that waits.
fn is_beside_lesson() -> bool {
    let query = page::query();
    let mut parameters = form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
    parameters.any(|(name, value)| name == "state" && State::is_of_popup(&value))
}

/// Puts the app in the place of what the page showed so far. Takes over a click that came before.
pub fn mount(client: Client) {
    let (inspector, _) = Inspector::around(Browser::default());
    mount_with(client, inspector);
}

fn mount_with(client: Client, inspector: Inspector) {
    let clicked = page::take_mark("pixyClicked").is_some();
    let settings = Settings::of_page().ok();
    let popup = settings.as_ref().is_some_and(|known| known.popup().unwrap_or_default());
    let upstream = settings.as_ref().and_then(|known| known.upstream().ok()?);
    if let Some(upstream) = upstream {
        let stand_in = settings.as_ref().and_then(|known| known.upstream_is_stand_in().ok());
        upstream::adopt(upstream, stand_in.unwrap_or_default());
    }
    let article = Article::of_page(client.clone(), inspector);
    mount_in_root(move || {
        let (client, article) = (StoredValue::new_local(client), StoredValue::new_local(article));
        let language = language::follow();
        let routes = Routes::new();
        let mut clicked = clicked;
        // In another language everything is said anew.
        dynamic(move || {
            let words = Words(language.get());
            let demo = Demo { routes, words, upstream };
            let clicked = std::mem::take(&mut clicked);
            let properties = AuthProviderProps::builder()
                .client(client.get_value())
                .language(words.0.tag())
                .texts([language::texts(words.0)])
                .popup(popup)
                .sign_in_label(upstream::label(upstream, words))
                .error_docs(routes::Route::Errors.href().to_owned())
                .children(Box::new(move || shell::shell(demo, article, language, clicked)))
                .build();
            AuthProvider(properties).into_any()
        })
    });
}

/// Says what is wrong with the settings, in the place of the app.
fn mount_error(error: Error) {
    page::set_mark("pixyState", "failed");
    mount_in_root(move || shell::bad_settings(Words(language::of_page()), &error));
}

fn mount_in_root(view: impl FnOnce() -> AnyView + 'static) {
    let Some(root) = page::element(ROOT) else { return };
    let focused = page::empty(&root);
    mount_to(root, view).forget();
    if let Some(focused) = focused {
        page::focus(&focused);
    }
}
