//! The demo app: signs in for real, and shows what happened and why.
//!
//! One file for each page, and what they share: `settings` (from the page's JSON block), `routes` (flat
//! files, no router), `words` (two languages). How a sign-in looks is in [`crate::components`].

mod callback;
mod errors;
mod home;
mod illustration;
mod mail;
mod profile;
mod routes;
mod session;
mod settings;
mod shell;
mod words;

use leptos::mount::mount_to;
use leptos::prelude::*;

use crate::browser::page;
use crate::client::Client;
use crate::components::{AuthProvider, AuthProviderProps, Language};
use crate::protocol::Error;
use routes::Routes;
use settings::Settings;
use words::Words;

/// The element that the app lives in.
const ROOT: &str = "app";

/// The script of the vault, where `cargo xtask dist` puts it.
const VAULT: &str = "vault/pixy-login-vault.js";

/// What every page of the demo may use.
#[derive(Clone, Copy)]
struct Demo {
    routes: Routes,
    words: Words,
    resource_server: StoredValue<Option<String>>,
}

/// The client for the settings in the page.
///
/// # Errors
///
/// [`ErrorCode::InvalidConfig`](crate::protocol::ErrorCode::InvalidConfig) and its like, naming the
/// setting.
pub fn client() -> Result<Client, Error> {
    let settings = Settings::of_page()?;
    let config = settings.config(&page::folder())?;
    Ok(match settings.wants_vault()? {
        true => Client::in_vault(config, VAULT),
        false => Client::new(config),
    })
}

/// Puts the app in the place of what the page showed so far. Takes over a click that came before.
pub fn mount(client: Client) {
    let clicked = page::take_mark("pixyClicked").is_some();
    let settings = Settings::of_page().ok();
    let popup = settings.as_ref().is_some_and(|known| known.popup().unwrap_or_default());
    let resource_server =
        settings.and_then(|known| known.resource_server().ok()?.map(str::to_owned));
    mount_in_root(move || {
        let app = move || {
            let demo = Demo {
                routes: Routes::new(),
                words: Words(Language::of_page()),
                resource_server: StoredValue::new(resource_server),
            };
            shell::shell(demo, clicked)
        };
        let properties = AuthProviderProps::builder()
            .client(client)
            .popup(popup)
            .error_docs(routes::Route::Errors.href().to_owned())
            .children(Box::new(app))
            .build();
        AuthProvider(properties).into_any()
    });
}

/// Says what is wrong with the settings, in the place of the app.
pub fn mount_error(error: Error) {
    page::set_mark("pixyState", "failed");
    mount_in_root(move || shell::bad_settings(Words(Language::of_page()), &error));
}

fn mount_in_root(view: impl FnOnce() -> AnyView + 'static) {
    let Some(root) = page::element(ROOT) else { return };
    let had_focus = page::empty(&root);
    mount_to(root, view).forget();
    if had_focus {
        page::focus("[data-pixy=sign-in]");
    }
}
