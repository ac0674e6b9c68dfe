//! A button when nobody is signed in, and who it is when somebody is: with leptos_oidc, as its README has it.
//!
//! It has no call for userinfo, so what is shown of the person is the ID token's.

use leptos::prelude::*;
use leptos_oidc::{Algorithm, Auth, AuthErrorContext, AuthLoaded, AuthParameters, AuthSignal};
use leptos_oidc::{Authenticated, Challenge, LoginLink, LogoutLink};
use leptos_router::components::Router;
use serde::Deserialize;

#[derive(Clone, Deserialize)]
struct Claims {
    sub: String,
    name: Option<String>,
}

fn main() {
    mount_to_body(|| {
        provide_context(Auth::signal());
        view! { <Router><App/></Router> }
    });
}

#[component]
fn App() -> impl IntoView {
    let redirect_uri = setting("redirect_uri");
    let _loaded = Auth::init(AuthParameters {
        // It wants it without the slash.
        issuer: setting("issuer").trim_end_matches('/').to_owned(),
        client_id: setting("client_id"),
        post_logout_redirect_uri: redirect_uri.replace("callback.html", ""),
        redirect_uri,
        challenge: Challenge::S256,
        scope: Some("openid profile email".to_owned()),
        audience: None,
    });
    view! {
        <AuthLoaded>
            <Authenticated unauthenticated=|| {
                view! { <span data-pixy="sign-in"><LoginLink>"Sign in"</LoginLink></span> }
            }>
                <Name/>
                <LogoutLink>"Sign out"</LogoutLink>
            </Authenticated>
        </AuthLoaded>
        <AuthErrorContext><p data-pixy="error">"The sign-in failed."</p></AuthErrorContext>
    }
}

#[component]
fn Name() -> impl IntoView {
    let auth = expect_context::<AuthSignal>();
    let name = move || {
        let session = auth.get().authenticated()?;
        let client_id = setting("client_id");
        let token = session.decoded_id_token::<Claims>(Algorithm::RS256, &[&client_id])?;
        Some(token.claims.name.unwrap_or(token.claims.sub))
    };
    view! { <p data-pixy="profile-name">{name}</p> }
}

/// A text of the page's block of settings.
fn setting(name: &str) -> String {
    let block = document().get_element_by_id("pixy-settings");
    let settings = block.and_then(|block| js_sys::JSON::parse(&block.text_content()?).ok());
    let value = settings.and_then(|settings| js_sys::Reflect::get(&settings, &name.into()).ok());
    value.and_then(|value| value.as_string()).unwrap_or_default()
}
