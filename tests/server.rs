//! The components, rendered by a server: what is not known yet, and nothing that takes a browser.

#![cfg(all(not(target_arch = "wasm32"), feature = "ssr"))]

use std::{ptr, thread};

use leptos::prelude::*;
use pixy_login::client::{Client, Status};
use pixy_login::components::{
    AuthError, AuthProvider, ClientOrError, Profile, RequireAuth, SignInButton, SignOutButton,
    SignedIn, SignedOut, use_auth,
};
use pixy_login::protocol::{Config, Error};
use pixy_login::texts::Texts;

const BUTTON: &str = r#"<button type="button" data-pixy="sign-in">Sign in<!></button>"#;

fn config() -> Config {
    Config::new("https://id.example", "my-app", "https://app.example/callback")
        .expect("good settings")
}

/// The HTML of what is inside an `AuthProvider`, and the owner of what was made for it.
fn rendered<V: IntoView + 'static>(
    language: Option<&str>,
    view: impl FnOnce() -> V + Send + 'static,
) -> (String, Owner) {
    let owner = Owner::new();
    let html = owner.with(|| match language {
        Some(language) => {
            let texts = [Texts::japanese()];
            view! {
                <AuthProvider client=config() language=language texts=texts>{view()}</AuthProvider>
            }
            .to_html()
        }
        None => view! { <AuthProvider client=config()>{view()}</AuthProvider> }.to_html(),
    });
    (html, owner)
}

fn html<V: IntoView + 'static>(view: impl FnOnce() -> V + Send + 'static) -> String {
    rendered(None, view).0
}

#[test]
fn nobody_shares_a_client_on_a_server() {
    let [one, other] = [config(), config()].map(Client::from);
    assert!(!ptr::eq(one.config(), other.config()));
}

#[test]
fn neither_side_is_shown_while_nothing_is_known() {
    let html = html(|| {
        view! {
            <SignedOut><SignInButton/></SignedOut>
            <SignedIn><Profile/><SignOutButton/></SignedIn>
            <AuthError/>
            <p>"Tea"</p>
        }
    });
    assert!(html.contains("<p>Tea</p>"), "{html}");
    assert!(!html.contains("data-pixy"), "{html}");
}

#[test]
fn a_guarded_page_waits() {
    let html = html(|| view! { <RequireAuth><p>"Tea"</p></RequireAuth> });
    assert!(html.contains(r#"<p data-pixy="busy" role="status">Signing in…<!></p>"#), "{html}");
    assert!(!html.contains("Tea"), "{html}");
    assert!(!html.contains("sign-in"), "{html}");
}

#[test]
fn a_setting_that_can_not_be_used_is_told_by_a_server_as_well() {
    let owner = Owner::new();
    let html = owner.with(|| {
        let config = Config::new("http://id.example", "my-app", "https://app.example/callback");
        view! { <AuthProvider client=config><SignInButton/></AuthProvider> }.to_html()
    });
    assert!(html.contains(r#"data-code="insecure_url""#), "{html}");
    assert!(!html.contains("sign-in"), "{html}");
}

#[test]
fn a_provider_takes_whatever_makes_a_client() {
    let made = || Ok::<_, Error>(config());
    let _: [ClientOrError; 4] = [
        config().into(),
        Client::new(config()).into(),
        made().into(),
        made().map(Client::new).into(),
    ];
}

#[test]
fn a_button_is_there_before_any_script() {
    assert!(html(|| view! { <SignInButton/> }).contains(BUTTON));
}

#[test]
fn the_language_may_be_given() {
    let (html, _owner) = rendered(Some("ja"), || view! { <RequireAuth>"Tea"</RequireAuth> });
    assert!(html.contains("サインインしています…"), "{html}");
}

#[test]
fn the_hook_knows_nothing_and_does_nothing() {
    let html = html(|| {
        let auth = use_auth();
        auth.sign_in();
        auth.sign_out();
        auth.sign_out_at_provider();
        auth.prepare();
        let client = auth.client();
        assert_eq!(client.config().client_id(), "my-app");
        assert!(matches!(client.status(), Status::Starting));
        format!("{:?} {:?} {:?}", auth.status(), auth.session(), auth.profile())
    });
    assert!(html.contains("Starting None None"), "{html}");
}

#[test]
fn a_page_may_be_finished_on_another_thread() {
    let (html, owner) = rendered(None, || view! { <SignInButton/> });
    let finished = thread::spawn(move || owner.cleanup());
    assert!(finished.join().is_ok());
    assert!(html.contains(BUTTON), "{html}");
}

#[test]
fn a_client_touches_no_browser() {
    let client = Client::new(config());
    let _subscription = client.subscribe(|_| {});
    assert!(matches!(client.status(), Status::Starting));
    assert_eq!(client.session(), None);
}
