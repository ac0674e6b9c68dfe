//! README's ten lines (`examples/minimal.rs`), with a provider that the page names.

use leptos::prelude::*;
use pixy_login::components::{AuthError, AuthProvider, Profile};
use pixy_login::components::{SignInButton, SignOutButton, SignedIn, SignedOut};
use pixy_login::protocol::Config;

fn main() {
    let config = Config::new(&setting("issuer"), &setting("client_id"), &setting("redirect_uri"));
    mount_to_body(move || {
        view! {
            <AuthProvider client=config>
                <SignedOut><SignInButton/></SignedOut>
                <SignedIn><Profile/><SignOutButton/></SignedIn>
                <AuthError/>
            </AuthProvider>
        }
    });
}

/// A text of the page's block of settings.
fn setting(name: &str) -> String {
    let block = document().get_element_by_id("pixy-settings");
    let settings = block.and_then(|block| js_sys::JSON::parse(&block.text_content()?).ok());
    let value = settings.and_then(|settings| js_sys::Reflect::get(&settings, &name.into()).ok());
    value.and_then(|value| value.as_string()).unwrap_or_default()
}
