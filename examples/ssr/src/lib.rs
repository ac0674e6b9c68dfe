//! A Leptos app that a server renders, and that signs people in in the browser.
//!
//! The server knows nobody: it renders what is the same for all. In the browser the page is taken over as
//! it came, and then the sign-in begins. The tokens are the browser's; the server never sees one.

use leptos::hydration::HydrationScripts;
use leptos::prelude::*;
use leptos::server::SharedValue;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;
use pixy_login::components::{AuthProvider, Profile, RequireAuth, SignOutButton};
use pixy_login::protocol::{Config, Error};
use serde::{Deserialize, Serialize};

/// What the server knows from its environment, and tells the browser in the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The provider.
    pub issuer: String,
    /// The app's id there.
    pub client_id: String,
    /// Where people come back to: a page of this app.
    pub redirect_uri: String,
}

impl Settings {
    /// The settings, checked.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn config(&self) -> Result<Config, Error> {
        Config::new(&self.issuer, &self.client_id, &self.redirect_uri)
    }
}

/// The document around the app.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="referrer" content="no-referrer"/>
                <title>"Tea house"</title>
                <link rel="icon" href="data:,"/>
                <HydrationScripts options/>
            </head>
            <body><App/></body>
        </html>
    }
}

/// The app, the same on both sides.
#[component]
pub fn App() -> impl IntoView {
    let settings = SharedValue::new(expect_context::<Settings>).into_inner();
    // Wrong settings keep the server from starting.
    settings.config().map(|config| {
        view! {
            <AuthProvider client=config>
                <Router>
                    <h1>"Tea house"</h1>
                    <Routes fallback=|| "There is no such page.">
                        <Route path=path!("/") view=Home/>
                        <Route path=path!("/callback") view=Callback/>
                    </Routes>
                </Router>
            </AuthProvider>
        }
    })
}

#[component]
fn Home() -> impl IntoView {
    view! {
        <p>"Everybody may read this, also where no script runs."</p>
        <RequireAuth>
            <Profile/>
            <SignOutButton/>
        </RequireAuth>
    }
}

/// Where people come back from the provider. They are shown the page where they began.
#[component]
fn Callback() -> impl IntoView {
    view! { <RequireAuth>"Welcome."</RequireAuth> }
}

/// Takes the page over in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
