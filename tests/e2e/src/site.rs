//! A static host for a built directory, at the root or under a sub-path, that can point the demo's
//! settings elsewhere and add header fields.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use hostile_server::http::{self, Listening, Request, Response};
use serde_json::Value;

/// What is served and how.
#[derive(Clone, Debug, Default)]
pub struct SiteOptions {
    /// Where the site begins: empty for the root, or `/sub/path`.
    pub prefix: String,
    /// Header fields of every answer.
    pub headers: Vec<(String, String)>,
    /// Pages of the test itself, by path, in place of files.
    pub pages: Vec<(String, String)>,
}

/// How long the page may take to ask for what is held.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A static host on a free port; it ends when it is dropped.
#[derive(Debug)]
pub struct Site {
    listening: Listening,
    prefix: String,
    state: Arc<Shared>,
}

/// The state, and the signal that something which was held is let go.
type Shared = (Mutex<State>, Condvar);

#[derive(Debug)]
struct State {
    directories: Vec<PathBuf>,
    options: SiteOptions,
    settings: Option<Value>,
    requests: Vec<Request>,
    /// Paths that end so are not answered yet.
    held: Option<String>,
    /// Texts of the HTML files that are replaced by others.
    replacements: Vec<(String, String)>,
}

/// A directory that `cargo xtask dist` makes, in `dist` or in the folder that `PIXY_DIST` names.
pub fn built(name: &str) -> PathBuf {
    let dist = env::var_os("PIXY_DIST").map_or_else(|| workspace().join("dist"), PathBuf::from);
    let directory = dist.join(name);
    let missing = format!("{} is missing: build it with `cargo xtask dist`", directory.display());
    assert!(directory.is_dir(), "{missing}");
    directory
}

/// The folder with the example that a server renders, made by `cargo xtask test e2e`: its server, and in
/// `site` what the browser loads.
pub fn built_example() -> PathBuf {
    let folder = env::var_os("PIXY_SSR").map(PathBuf::from);
    folder.expect("the example is built by `cargo xtask test e2e`")
}

/// Copies a built directory for another server, with these settings in the demo's pages. Copies of those that
/// were compressed before stay behind.
pub fn copy_with_settings(from: &Path, to: &Path, settings: &Value) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the built files").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            copy_with_settings(&path, &target, settings);
        } else if name.ends_with(".html") {
            let html = fs::read_to_string(&path).expect("a page");
            fs::write(&target, replace_settings(&html, settings)).expect("a page");
        } else if !name.contains(".html.") {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

/// The root of the project.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Site {
    /// Serves a directory.
    pub fn start(directory: PathBuf, options: SiteOptions) -> Self {
        let prefix = options.prefix.clone();
        let state = Arc::new((
            Mutex::new(State {
                directories: vec![directory],
                options,
                settings: None,
                requests: Vec::new(),
                held: None,
                replacements: Vec::new(),
            }),
            Condvar::new(),
        ));
        let served = Arc::clone(&state);
        let listening = http::listen(0, move |request, reply| {
            reply.send(&answer(&served, request));
        });
        Self { listening: listening.expect("a free port"), prefix, state }
    }

    /// `http://localhost:PORT`.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.listening.port())
    }

    /// The address of a page of the site.
    pub fn url(&self, page: &str) -> String {
        format!("{}{}/{page}", self.origin(), self.prefix)
    }

    /// Serves the files of one more directory, where the first has none of that name.
    pub fn add_directory(&self, directory: PathBuf) {
        lock(&self.state).directories.push(directory);
    }

    /// Replaces the settings in the demo's pages.
    pub fn set_settings(&self, settings: Value) {
        lock(&self.state).settings = Some(settings);
    }

    /// Replaces the header fields of every answer.
    pub fn set_headers(&self, headers: Vec<(String, String)>) {
        lock(&self.state).options.headers = headers;
    }

    /// Adds a page of the test's own, in the place of one that it added before under the same path.
    pub fn add_page(&self, path: &str, html: &str) {
        let pages = &mut lock(&self.state).options.pages;
        pages.retain(|(own, _)| own != path);
        pages.push((path.to_owned(), html.to_owned()));
    }

    /// Replaces a text in every HTML file, one of which must have it.
    pub fn replace(&self, from: &str, to: &str) {
        let is_there =
            lock(&self.state).directories.iter().any(|folder| is_in_a_page(folder, from));
        assert!(is_there, "no page has the text {from}");
        let replacement = (from.to_owned(), to.to_owned());
        lock(&self.state).replacements.push(replacement);
    }

    /// Lets requests wait whose path ends so, until [`Site::let_go`].
    pub fn hold(&self, end_of_path: &str) {
        lock(&self.state).held = Some(end_of_path.to_owned());
    }

    /// Answers what was held, once there is a request of that kind.
    pub fn let_go(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !lock(&self.state).holds_something() {
            assert!(Instant::now() < deadline, "nothing is held");
            thread::sleep(POLL_INTERVAL);
        }
        lock(&self.state).held = None;
        self.state.1.notify_all();
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state).requests.clone()
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an HTML file directly in this folder has the text.
fn is_in_a_page(folder: &Path, text: &str) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut pages = files.filter(|path| path.extension().is_some_and(|end| end == "html"));
    pages.any(|page| fs::read_to_string(page).is_ok_and(|html| html.contains(text)))
}

fn answer(shared: &Shared, request: Request) -> Response {
    let path = request.path.clone();
    let wants_head_alone = request.method == "HEAD";
    lock(shared).requests.push(request);
    let is_held = |state: &mut State| state.held.as_ref().is_some_and(|end| path.ends_with(end));
    let state = shared.1.wait_while(lock(shared), is_held);
    let mut response = state.unwrap_or_else(PoisonError::into_inner).answer(&path);
    if wants_head_alone {
        response.body = Response::empty(response.status).body;
    }
    // As every host does.
    response.with_header("Date", &httpdate::fmt_http_date(SystemTime::now()))
}

impl State {
    fn holds_something(&self) -> bool {
        let Some(end) = &self.held else { return false };
        self.requests.iter().any(|request| request.path.ends_with(end.as_str()))
    }

    fn answer(&self, path: &str) -> Response {
        let response = self.page(path);
        let headers = &self.options.headers;
        headers.iter().fold(response, |response, (name, value)| response.with_header(name, value))
    }

    fn page(&self, path: &str) -> Response {
        let Some(page) = path.strip_prefix(&format!("{}/", self.options.prefix)) else {
            return not_found();
        };
        let page = if page.is_empty() { "index.html" } else { page };
        if let Some((_, html)) = self.options.pages.iter().find(|(name, _)| name == page) {
            return Response::new(200, media_type(page), html.as_str());
        }
        let components = Path::new(page).components();
        if components.into_iter().any(|part| !matches!(part, Component::Normal(_))) {
            return not_found();
        }
        let mut files = self.directories.iter().map(|directory| fs::read(directory.join(page)));
        let Some(content) = files.find_map(Result::ok) else {
            return not_found();
        };
        let caching = if page.ends_with(".html") { "no-cache" } else { "max-age=600" };
        Response::new(200, media_type(page), self.adapted(page, content))
            .with_header("Cache-Control", caching)
    }

    fn adapted(&self, page: &str, content: Vec<u8>) -> Vec<u8> {
        if !page.ends_with(".html") {
            return content;
        }
        let mut html = String::from_utf8_lossy(&content).into_owned();
        for (from, to) in &self.replacements {
            html = html.replace(from, to);
        }
        if let Some(settings) = &self.settings {
            html = replace_settings(&html, settings);
        }
        html.into_bytes()
    }
}

/// Replaces the text of the element with the id `pixy-settings`.
fn replace_settings(html: &str, settings: &Value) -> String {
    let range = html.find("pixy-settings").and_then(|id| {
        let start = id + html[id..].find('>')? + 1;
        let end = start + html[start..].find("</script>")?;
        Some(start..end)
    });
    let mut html = html.to_owned();
    if let Some(range) = range {
        html.replace_range(range, &settings.to_string().replace('<', "\\u003c"));
    }
    html
}

fn not_found() -> Response {
    Response::new(404, "text/html; charset=utf-8", "<!doctype html><title>Not found</title>")
}

fn media_type(page: &str) -> &'static str {
    match page.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// The strict policy of the README: nothing but the site itself, WebAssembly, and the provider.
pub fn strict_policy(connect: &[&str], images: &[&str]) -> (String, String) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' {}; connect-src 'self' {}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'",
        images.join(" "),
        connect.join(" ")
    );
    ("Content-Security-Policy".to_owned(), policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn site(prefix: &str) -> State {
        State {
            directories: vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))],
            options: SiteOptions {
                prefix: prefix.to_owned(),
                pages: vec![("index.html".to_owned(), "home".to_owned())],
                ..SiteOptions::default()
            },
            settings: None,
            requests: Vec::new(),
            held: None,
            replacements: Vec::new(),
        }
    }

    #[test]
    fn settings_are_replaced_in_place() {
        let html = r#"<script type="application/json" id="pixy-settings">{"a":1}</script><p>"#;
        assert_eq!(
            replace_settings(html, &json!({"b": "</script>"})),
            r#"<script type="application/json" id="pixy-settings">{"b":"\u003c/script>"}</script><p>"#
        );
        assert_eq!(replace_settings("<p>", &json!({})), "<p>");
    }

    #[test]
    fn only_files_below_the_directory_are_served() {
        assert_eq!(site("").page("/Cargo.toml").status, 200);
        assert_eq!(site("").page("/../hostile/Cargo.toml").status, 404);
        assert_eq!(site("").page("//etc/passwd").status, 404);
    }

    #[test]
    fn a_prefix_is_part_of_every_path() {
        assert_eq!(site("/sub/path").page("/sub/path/").status, 200);
        assert_eq!(site("/sub/path").page("/sub/path").status, 404);
        assert_eq!(site("/sub/path").page("/").status, 404);
    }
}
