//! `cargo xtask client-metadata`: the document that a client id leads to, where it is a URL
//! (draft-ietf-oauth-client-id-metadata-document-03).

use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::error::{Context, Failure, Result, read_text, write};
use crate::web_url::WebUrl;

const HELP: &str = "\
Usage: cargo xtask client-metadata --origin https://app.example [options]

Writes the Client ID Metadata Document of a deployed app. A provider whose discovery document
has \"client_id_metadata_document_supported\": true then needs no registration: the document's
URL is the client id.

  --origin URL              where the app is: https, host and port
  --path PATH               where the document will be (default: /client.json)
  --client-id URL           both at once
  --name TEXT               what the provider calls the app when it asks for consent
  --redirect-uri URI        may be given more than once (default: callback.html)
  --post-logout-redirect-uri URI   may be given more than once
  --logo URI                a picture for the consent page
  --scope \"S …\"             the scopes that the app asks for
  --dpop-bound-access-tokens true|false   whether every token must be bound to a key
  --test-origin URL         instead of --origin: http on this machine, for a test
  --out FILE                where to write it (default: the terminal)
  --check FILE              write nothing, say how FILE differs; - is the standard input

URIs may be relative to the document. Serve it with status 200, as application/json, without
a redirect. Whether what is served is what should be:

  curl --fail --silent --show-error https://app.example/client.json |
    cargo xtask client-metadata --origin https://app.example --check -";

const OPTIONS: [&str; 12] = [
    "--origin",
    "--test-origin",
    "--path",
    "--client-id",
    "--name",
    "--redirect-uri",
    "--post-logout-redirect-uri",
    "--logo",
    "--scope",
    "--dpop-bound-access-tokens",
    "--out",
    "--check",
];

/// Providers need not read more than 5 kB (section 8.7).
const LARGEST: usize = 5000;

/// The command `client-metadata`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &OPTIONS)?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    arguments.no_words()?;
    let document = document(&arguments)?;
    if let Some(file) = arguments.value("--check") {
        check(&read_document(file)?, &document)?;
        println!("{file} is as it should be.");
        return Ok(());
    }
    let text = text(&document)?;
    match arguments.value("--out") {
        Some(file) => write(Path::new(file), text),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

/// What a public client says of itself (RFC 7591 section 2): no secret, and no method that needs one.
fn document(arguments: &Arguments) -> Result<Map<String, Value>> {
    let client_id = client_id(arguments)?;
    let resolve = |given: &String| of_this_origin(given, &client_id);
    let uris = |option: &str| arguments.all(option).iter().map(resolve).collect::<Result<Vec<_>>>();
    let redirect_uris = match &uris("--redirect-uri")?[..] {
        [] => vec![client_id.join("callback.html")?.to_string()],
        given => given.to_vec(),
    };
    let mut document = Map::new();
    let mut add = |name: &str, value: Value| document.insert(name.to_owned(), value);
    add("client_id", json!(client_id.to_string()));
    add("redirect_uris", json!(redirect_uris));
    add("token_endpoint_auth_method", json!("none"));
    add("grant_types", json!(["authorization_code", "refresh_token"]));
    add("response_types", json!(["code"]));
    let after_logout = uris("--post-logout-redirect-uri")?;
    if !after_logout.is_empty() {
        add("post_logout_redirect_uris", json!(after_logout));
    }
    if let Some(name) = arguments.value("--name") {
        add("client_name", json!(name));
    }
    if let Some(logo) = arguments.value("--logo") {
        add("logo_uri", json!(client_id.join(logo)?.to_string()));
    }
    if let Some(scope) = arguments.value("--scope") {
        add("scope", json!(checked_scope(scope)?));
    }
    if let Some(bound) = arguments.value("--dpop-bound-access-tokens") {
        add("dpop_bound_access_tokens", json!(truth(bound)?));
    }
    Ok(document)
}

/// The URL at which the document will be: with a path and without a query (section 3).
fn client_id(arguments: &Arguments) -> Result<WebUrl> {
    let path = arguments.value("--path").unwrap_or("/client.json");
    let given = ["--origin", "--test-origin", "--client-id"].map(|name| arguments.value(name));
    let url = match given {
        [Some(origin), None, None] => at(WebUrl::https(origin)?, path)?,
        [None, Some(origin), None] => at(WebUrl::loopback(origin)?, path)?,
        [None, None, Some(url)] if arguments.value("--path").is_none() => WebUrl::https(url)?,
        _ => {
            return Err(Failure::message(
                "one of --origin, --test-origin and --client-id is needed, and --path goes with \
                 the first two; --help says more",
            ));
        }
    };
    if url.path() == "/" {
        return Err(Failure::message(format!("a client id needs a path: {url}client.json")));
    }
    if url.query().is_some() {
        return Err(Failure::message(format!("a client id has no query: {url}")));
    }
    Ok(url)
}

fn at(origin: WebUrl, path: &str) -> Result<WebUrl> {
    if origin.path() != "/" || origin.query().is_some() {
        return Err(Failure::message(format!(
            "{origin} is more than an origin; --path says where"
        )));
    }
    if !path.starts_with('/') {
        return Err(Failure::message(format!("--path begins with a slash, unlike '{path}'")));
    }
    origin.join(path)
}

/// Providers compare redirect URIs to the letter (RFC 9700 section 2.1), so they are whole ones.
fn of_this_origin(given: &str, client_id: &WebUrl) -> Result<String> {
    let uri = client_id.join(given)?;
    if uri.origin() == client_id.origin() {
        return Ok(uri.to_string());
    }
    Err(Failure::message(format!("{uri} is not of the app's origin, {}", client_id.origin())))
}

/// RFC 6749 section 3.3.
fn checked_scope(scope: &str) -> Result<&str> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let is_list = scope.split(' ').all(|token| !token.is_empty() && token.bytes().all(fits));
    if is_list {
        return Ok(scope);
    }
    Err(Failure::message(format!("'{scope}' is no list of scopes with one space between them")))
}

fn truth(text: &str) -> Result<bool> {
    text.parse().map_err(|_| Failure::message(format!("'{text}' is neither true nor false")))
}

fn text(document: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string_pretty(document).context("the document")? + "\n";
    check_size(&text)?;
    Ok(text)
}

fn check_size(text: &str) -> Result<()> {
    if text.len() <= LARGEST {
        return Ok(());
    }
    let size = text.len();
    Err(Failure::message(format!("the document has {size} bytes; providers may stop at {LARGEST}")))
}

fn read_document(file: &str) -> Result<Map<String, Value>> {
    let text = if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
        text
    } else {
        read_text(Path::new(file))?
    };
    check_size(&text)?;
    serde_json::from_str(&text).context(file)
}

/// Fails with a line for each member that is not as it should be.
fn check(found: &Map<String, Value>, wanted: &Map<String, Value>) -> Result<()> {
    let mut differences = Vec::new();
    for (name, value) in wanted {
        match found.get(name) {
            None => differences.push(format!("{name} is missing, should be {value}")),
            Some(other) if other != value => {
                differences.push(format!("{name} is {other}, should be {value}"));
            }
            Some(_) => {}
        }
    }
    // The value is not printed: it may be a secret.
    let foreign = found.keys().filter(|name| !wanted.contains_key(*name));
    differences.extend(foreign.map(|name| format!("{name} should not be there")));
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure::message(format!("the document differs:\n  {}", differences.join("\n  "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_by(line: &[&str]) -> Result<Map<String, Value>> {
        let given = line.iter().map(|word| (*word).to_owned()).collect();
        document(&Arguments::parse(given, &OPTIONS)?)
    }

    const ORIGIN: [&str; 2] = ["--origin", "https://app.example"];

    fn with(more: &[&str]) -> Result<Map<String, Value>> {
        made_by(&[&ORIGIN, more].concat())
    }

    #[test]
    fn the_least_document_is_of_a_public_client() {
        let expected = json!({
            "client_id": "https://app.example/client.json",
            "redirect_uris": ["https://app.example/callback.html"],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        });
        assert_eq!(Value::Object(with(&[]).unwrap()), expected);
    }

    #[test]
    fn everything_that_is_given_is_written() {
        let document = with(&[
            "--path=/shop/client.json",
            "--name=My App",
            "--redirect-uri=callback.html",
            "--redirect-uri=/popup.html?a=b",
            "--redirect-uri=https://app.example/silent.html",
            "--post-logout-redirect-uri=/",
            "--logo=https://cdn.example/logo.svg",
            "--scope=openid profile",
            "--dpop-bound-access-tokens=true",
        ])
        .unwrap();
        assert_eq!(document["client_id"], "https://app.example/shop/client.json");
        assert_eq!(
            document["redirect_uris"],
            json!([
                "https://app.example/shop/callback.html",
                "https://app.example/popup.html?a=b",
                "https://app.example/silent.html",
            ])
        );
        assert_eq!(document["post_logout_redirect_uris"], json!(["https://app.example/"]));
        assert_eq!(document["client_name"], "My App");
        assert_eq!(document["logo_uri"], "https://cdn.example/logo.svg");
        assert_eq!(document["scope"], "openid profile");
        assert_eq!(document["dpop_bound_access_tokens"], true);
    }

    #[test]
    fn the_client_id_can_be_given_whole() {
        let document = made_by(&["--client-id", "https://app.example:8443/a/app"]).unwrap();
        assert_eq!(document["client_id"], "https://app.example:8443/a/app");
        assert_eq!(document["redirect_uris"], json!(["https://app.example:8443/a/callback.html"]));
    }

    #[test]
    fn a_client_id_that_no_provider_may_accept_is_refused() {
        for client_id in [
            "http://app.example/client.json",
            "https://app.example",
            "https://app.example/",
            "https://app.example/a/../client.json",
            "https://app.example/%2E%2e/client.json",
            "https://app.example/./client.json",
            "https://app.example/client.json#a",
            "https://app.example/client.json?a=b",
            "https://user@app.example/client.json",
            "https://user:secret@app.example/client.json",
            "HTTPS://app.example/client.json",
            "https://App.example/client.json",
            "https://app.example:443/client.json",
            "https:///client.json",
            "client.json",
        ] {
            assert!(made_by(&["--client-id", client_id]).is_err(), "{client_id}");
        }
    }

    #[test]
    fn one_place_is_named_and_no_more() {
        assert!(made_by(&[]).is_err());
        assert!(with(&["--client-id", "https://app.example/client.json"]).is_err());
        assert!(with(&["--test-origin", "http://localhost"]).is_err());
        assert!(made_by(&["--client-id=https://app.example/a", "--path=/b"]).is_err());
        assert!(made_by(&["--origin=https://app.example/shop"]).is_err());
        assert!(with(&["--path=client.json"]).is_err());
        assert!(with(&["--path=//evil.example/client.json"]).is_err());
    }

    #[test]
    fn plain_http_is_for_tests_on_this_machine() {
        assert!(made_by(&["--origin", "http://localhost:8080"]).is_err());
        assert!(made_by(&["--test-origin", "http://app.example"]).is_err());
        assert!(made_by(&["--test-origin", "https://localhost"]).is_err());
        let document = made_by(&["--test-origin", "http://localhost:8080"]).unwrap();
        assert_eq!(document["client_id"], "http://localhost:8080/client.json");
    }

    #[test]
    fn redirect_uris_are_of_the_apps_origin() {
        for uri in [
            "https://evil.example/callback.html",
            "https://app.example.evil/callback.html",
            "https://app.example:8443/callback.html",
            "http://app.example/callback.html",
            "//evil.example/callback.html",
            "../callback.html",
            "callback.html#a",
            "/\\evil.example",
            "javascript:alert(1)",
            "my-app:/callback",
        ] {
            assert!(with(&["--redirect-uri", uri]).is_err(), "{uri}");
            assert!(with(&["--post-logout-redirect-uri", uri]).is_err(), "{uri}");
        }
    }

    #[test]
    fn other_values_are_checked_too() {
        assert!(with(&["--scope", "openid  profile"]).is_err());
        assert!(with(&["--scope", "open\"id"]).is_err());
        assert!(with(&["--dpop-bound-access-tokens", "yes"]).is_err());
        assert!(with(&["--logo", "http://cdn.example/logo.svg"]).is_err());
    }

    #[test]
    fn a_document_larger_than_providers_read_is_refused() {
        let document = with(&["--name", &"a".repeat(LARGEST)]).unwrap();
        assert!(text(&document).unwrap_err().text().contains("bytes"));
    }

    #[test]
    fn a_check_names_what_differs_and_no_secret() {
        let wanted = with(&["--name", "My App"]).unwrap();
        assert!(check(&wanted, &wanted).is_ok());
        let mut found = wanted.clone();
        found.remove("client_name");
        found.insert("client_id".to_owned(), json!("https://app.example/other.json"));
        found.insert("client_secret".to_owned(), json!("hunter2"));
        let failure = check(&found, &wanted).unwrap_err();
        let lines: Vec<&str> = failure.text().lines().skip(1).map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "client_id is \"https://app.example/other.json\", should be \
                 \"https://app.example/client.json\"",
                "client_name is missing, should be \"My App\"",
                "client_secret should not be there",
            ]
        );
    }

    #[test]
    fn what_is_written_passes_its_own_check() {
        let document = with(&["--name", "花"]).unwrap();
        let written = text(&document).unwrap();
        assert!(check(&serde_json::from_str(&written).unwrap(), &document).is_ok());
    }
}
