//! Where the person goes after signing in. The oracle is the `url` crate.

use super::*;

const HOME: &str = "https://app.example/shop/";

fn resolve(wanted: &str) -> String {
    ReturnTo::new(wanted, &redirect_uri()).as_str().to_owned()
}

// RFC 9700 sections 2.1 and 4.11.1.
#[test]
fn r137_a_page_of_the_app_is_kept() {
    let table = [
        ("", HOME),
        ("cart.html", "https://app.example/shop/cart.html"),
        ("./", "https://app.example/shop/./"),
        ("../admin.html", "https://app.example/shop/../admin.html"),
        ("/", "https://app.example/"),
        ("/a?b=//c&d=https://e#//f", "https://app.example/a?b=//c&d=https://e#//f"),
        ("?page=2", "https://app.example/shop/callback.html?page=2"),
        ("#top", "https://app.example/shop/callback.html#top"),
        ("https://app.example", "https://app.example/"),
        ("https://app.example/a", "https://app.example/a"),
        ("https://app.example?a", "https://app.example/?a"),
        (" cart.html ", "https://app.example/shop/cart.html"),
        ("/日本語", "https://app.example/日本語"),
        ("a/b:c", "https://app.example/shop/a/b:c"),
    ];
    for (wanted, page) in table {
        assert_eq!(resolve(wanted), page, "{wanted}");
    }
}

#[test]
fn r137_the_default_is_the_folder_of_the_redirect_uri() {
    for (redirect_uri, home) in [
        ("https://app.example/", "https://app.example/"),
        ("https://app.example/cb", "https://app.example/"),
        ("https://app.example/a/b/cb?x=/y/", "https://app.example/a/b/"),
        ("http://localhost:8080/cb", "http://localhost:8080/"),
    ] {
        let redirect_uri = SecureUrl::parse(redirect_uri).unwrap();
        assert_eq!(ReturnTo::new("//evil.example", &redirect_uri).as_str(), home);
        assert_eq!(ReturnTo::new("", &redirect_uri).as_str(), home);
    }
}

/// Pieces of open redirects.
fn trick() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "/", "//", "\\", "/\\", "%2f", "%2F", "%5c", "%5C", "%252f", "..", ".", "./", "../", "?", "#",
            ":", "@", "evil.example", "https:", "http:", "https://app.example", "app.example", "javascript:",
            "data:", "\t", "\n", "\r", " ", "\u{0}", "\u{a0}", "\u{3000}", "\u{ff0f}", "\u{2044}", "%00",
            ".evil.example", ":8443", "user", "shop",
        ]).prop_map(str::to_owned),
        1 => any_text(),
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn r137_the_page_is_always_of_the_redirect_uris_origin(
        wanted in prop_oneof![4 => trick(), 1 => any_text()],
        redirect_uri in prop::sample::select(vec![
            REDIRECT_URI, "https://app.example/", "http://localhost:8080/a/b/", "http://[::1]/cb?x=//y",
        ]),
    ) {
        let redirect_uri = SecureUrl::parse(redirect_uri).unwrap();
        let page = ReturnTo::new(&wanted, &redirect_uri);
        prop_assert!(page.as_str().starts_with(&[redirect_uri.origin(), "/"].concat()));
        let url = url::Url::parse(page.as_str()).unwrap();
        prop_assert_eq!(url.origin().ascii_serialization(), redirect_uri.origin());
        prop_assert!(url.username().is_empty() && url.password().is_none());
        // As a path alone, to a router or a careless server, it names no other server either.
        let path = url.path().to_lowercase().replace("%2f", "/").replace("%5c", "\\");
        let base = url::Url::parse(redirect_uri.as_str()).unwrap();
        let again = base.join(&path).unwrap();
        prop_assert_eq!(again.origin(), base.origin(), "{}", path);
        // Checked once more, it is the same.
        prop_assert_eq!(ReturnTo::new(page.as_str(), &redirect_uri), page);
    }
}
