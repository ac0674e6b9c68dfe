//! The person who is signed in, in the pieces of which an app makes its own head of a page.

use leptos::prelude::*;

use super::auth::{Auth, ProfileState, use_auth};
use super::elements::{attribute, dynamic, element, mark, nothing, on, text};
use crate::protocol::Profile;
use crate::texts::{Texts, initials};

/// The name of the person who is signed in, as soon as it is known; "Signed in" where the provider tells none. When
/// nobody is signed in, it shows nothing.
///
/// ```
/// use leptos::prelude::*;
/// use pixy_login::components::{SignOutButton, SignedIn, UserName, UserPicture};
///
/// #[component]
/// fn Head() -> impl IntoView {
///     view! { <SignedIn><UserPicture/><UserName/><SignOutButton/></SignedIn> }
/// }
/// ```
#[component]
pub fn UserName() -> impl IntoView {
    let auth = use_auth();
    let name = Memo::new(move |_| {
        known(auth, |texts, profile| {
            profile.and_then(Profile::name).unwrap_or(texts.nameless()).to_owned()
        })
    });
    dynamic(move || match name.get() {
        None => nothing(),
        Some(name) => {
            element("span", vec![mark("user-name"), attribute("dir", "auto")], vec![text(name)])
        }
    })
}

/// The picture of the person who is signed in, or the initials where there is none, or none that can be loaded. When
/// nobody is signed in, it shows nothing.
#[component]
pub fn UserPicture() -> impl IntoView {
    let auth = use_auth();
    dynamic(move || {
        let picture = known(auth, |texts, profile| profile.map(|known| picture(texts, known)));
        picture.flatten().unwrap_or_else(nothing)
    })
}

/// What `show` makes of the person, or of somebody of whom nothing is known; `None` as long as nobody is there, or
/// their profile is on its way.
fn known<T>(auth: Auth, show: impl FnOnce(&Texts, Option<&Profile>) -> T) -> Option<T> {
    match auth.profile()? {
        ProfileState::Loading => None,
        ProfileState::Ready(profile) => Some(show(&auth.texts(), Some(&profile))),
        ProfileState::Failed(_) => Some(show(&auth.texts(), None)),
    }
}

/// The initials, and over them the picture, unless there is none or it can't be loaded.
pub(super) fn picture(texts: &Texts, profile: &Profile) -> AnyView {
    let name = profile.name().unwrap_or(texts.nameless());
    let url = profile.picture().map(|url| url.as_str().to_owned());
    let failed = RwSignal::new(false);
    let description = [texts.picture_of(), name].concat();
    let hidden = vec![attribute("aria-hidden", "true"), mark("initials")];
    let initials = element("span", hidden, vec![text(initials(name))]);
    let image = dynamic(move || match url.clone() {
        Some(url) if !failed.get() => element(
            "img",
            vec![
                attribute("referrerpolicy", "no-referrer"),
                attribute("alt", description.clone()),
                on("error", move |_| failed.set(true)),
                attribute("src", url),
            ],
            vec![],
        ),
        _ => nothing(),
    });
    element("div", vec![mark("picture")], vec![initials, image])
}
