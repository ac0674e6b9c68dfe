// Sign-in for a Leptos app: a button when nobody is signed in, the profile when somebody is.

use leptos::prelude::*;
use pixy_login::components::{AuthError, AuthProvider, Profile};
use pixy_login::components::{SignInButton, SignOutButton, SignedIn, SignedOut};
use pixy_login::protocol::Config;

fn main() {
    let redirect_uri = "https://app.example/callback.html";
    let config = Config::new("https://id.example", "my-app", redirect_uri);
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
