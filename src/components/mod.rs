//! Leptos components over the client: what a person sees of a sign-in.
//!
//! They show the state of the [`Client`](crate::client::Client) and pass clicks on to it; how a sign-in
//! works belongs in [`crate::client`]. They need no router and no style sheet: every element that an
//! app may want to style or find carries a `data-pixy` attribute. Where a server renders them, nothing is
//! known yet, and the sign-in begins in the browser.
//!
//! ```
//! use leptos::prelude::*;
//! use pixy_login::components::{AuthProvider, Profile, RequireAuth, SignOutButton};
//! use pixy_login::protocol::Config;
//!
//! #[component]
//! fn App(config: Config) -> impl IntoView {
//!     view! {
//!         <AuthProvider client=config>
//!             <RequireAuth>
//!                 <Profile/>
//!                 <SignOutButton/>
//!             </RequireAuth>
//!         </AuthProvider>
//!     }
//! }
//! ```

mod auth;
mod auth_error;
mod auth_provider;
pub(crate) mod elements;
mod profile;
mod require_auth;
mod sign_in_button;
mod sign_out_button;
mod signed_in;
mod user;

pub use crate::texts::Texts;
pub use auth::{Auth, ProfileState, try_use_auth, use_auth};
pub use auth_error::{AuthError, AuthErrorProps};
pub use auth_provider::{AuthProvider, AuthProviderProps, ClientOrError};
pub use profile::Profile;
pub use require_auth::{RequireAuth, RequireAuthProps};
pub use sign_in_button::{SignInButton, SignInButtonProps};
pub use sign_out_button::{SignOutButton, SignOutButtonProps};
pub use signed_in::{SignedIn, SignedInProps, SignedOut, SignedOutProps};
pub use user::{UserName, UserPicture};
