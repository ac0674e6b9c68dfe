//! The configurations of examples/hosting at the web servers that they are for (docs/hosting.md), and what a host
//! without header fields is given instead.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use end_to_end::process::{Process, guarded};
use end_to_end::site::{built, copy_with_settings, workspace};
use end_to_end::stage::{CLIENT_ID, part, wait_for_profile};
use end_to_end::{Browser, Options, Provider, SiteOptions, Stage, checks, port};
use serde_json::json;

/// A web server with the built demo, configured as the example says.
struct Host {
    browser: Browser,
    provider: Provider,
    origin: String,
    folder: PathBuf,
    _server: Process,
}

/// What an example says for names that the person has to put in.
struct Names<'a> {
    port: u16,
    provider: &'a Provider,
    site: &'a Path,
}

impl Names<'_> {
    /// The example with the names of this test in it. Each has to be there, or the example has changed.
    fn put_into(&self, file: &str, more: &[(&str, &str)]) -> String {
        let path = workspace().join("examples/hosting").join(file);
        let mut text = fs::read_to_string(path).expect("the example is there");
        let site = self.site.display().to_string();
        let names = [
            ("https://id.example", &*self.provider.issuer),
            ("https://api.example", &*self.provider.resource),
            ("/srv/pixy-login/demo", &*site),
        ];
        for (name, own) in names.iter().chain(more) {
            assert!(text.contains(name), "{file} has no {name}");
            text = text.replace(name, own);
        }
        text
    }
}

impl Host {
    /// Starts a server in a folder of its own, by the command that `start` makes of the names in that folder.
    fn start(name: &str, start: impl Fn(&Names, &Path) -> process::Command) -> Self {
        let port = port::free();
        let origin = format!("http://localhost:{port}");
        let redirect_uri = format!("{origin}/callback.html");
        let provider = Provider::start(&[(CLIENT_ID, &redirect_uri)]);
        let folder = env::temp_dir().join(format!("pixy-login-{name}-{}", process::id()));
        let site = folder.join("site");
        copy_with_settings(
            &built("demo"),
            &site,
            &json!({
                "issuer": provider.issuer,
                "client_id": CLIENT_ID,
                "scope": "openid profile email",
                "resource_server": provider.resource,
                "resource_server_takes_dpop": true,
            }),
        );
        let command = start(&Names { port, provider: &provider, site: &site }, &folder);
        let server = Process::spawn(command, |_| {}).expect("the server starts");
        let host = Self { browser: Browser::start(), provider, origin, folder, _server: server };
        host.browser.wait_until("the server", || ureq::get(&host.origin).call().ok());
        host
    }

    fn header(&self, page: &str, name: &str) -> String {
        let answer = ureq::get(format!("{}/{page}", self.origin)).call().expect(page);
        let value = answer.headers().get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The file of this beginning and ending that the home page loads.
    fn file(&self, stem: &str, ending: &str) -> String {
        let entries = fs::read_dir(self.folder.join("site")).expect("the site");
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let is_it = |name: &String| name.starts_with(stem) && name.ends_with(ending);
        names.filter(|name| is_it(name)).min().expect("a file of this name")
    }

    fn sends_what_the_document_says(&self) {
        for page in ["", "callback.html", "pkce.html", "profile", &self.file("pixy-login-", ".js")]
        {
            let header = |name: &str| self.header(page, name);
            let policy = header("Content-Security-Policy");
            assert!(policy.contains("frame-ancestors 'none'"), "{page}: {policy}");
            assert!(policy.contains("require-trusted-types-for 'script'"), "{page}: {policy}");
            assert_eq!(header("X-Content-Type-Options"), "nosniff", "{page}");
            assert_eq!(header("Referrer-Policy"), "no-referrer", "{page}");
            assert_eq!(header("Cross-Origin-Opener-Policy"), "same-origin", "{page}");
            assert!(!header("Date").is_empty(), "{page}: the app asks it for the time");
        }
        let cache = |page: &str| self.header(page, "Cache-Control");
        assert_eq!(cache(""), "no-cache");
        assert_eq!(cache("profile.html"), "no-cache");
        assert_eq!(cache("callback.html"), "no-store");
        assert_eq!(cache("callback?code=x"), "no-store");
        let wasm = self.file("pixy-login-", ".wasm");
        assert_eq!(cache(&wasm), "public, max-age=31536000, immutable");
        assert_eq!(self.header(&wasm, "Content-Type"), "application/wasm");
    }

    /// Whether a program is sent as the copy that was made for it.
    fn sends_a_compressed_copy(&self, encoding: &str) {
        let url = format!("{}/{}", self.origin, self.file("pixy-login-", ".wasm"));
        let answer =
            ureq::get(url).header("Accept-Encoding", encoding).call().expect("the program");
        assert_eq!(answer.headers().get("Content-Encoding").expect("an encoding"), encoding);
    }

    fn signs_in(&self) {
        let Self { browser, provider, origin, .. } = self;
        browser.open(&format!("{origin}/"));
        browser.click(part::SIGN_IN);
        provider.sign_in(browser, provider.account());
        provider.allow(browser);
        wait_for_profile(browser, &provider.account().name);
        // Wherever the host shows it: some leave `.html` out.
        browser.click(part::MAIL_LINK);
        browser.click(part::ASK_MAIL);
        provider.allow(browser);
        browser.wait_for(part::MAIL);
        let complaints = browser.console().unwrap_or_default();
        let violations = complaints.iter().filter(|line| checks::tells_of_a_violation(line));
        assert_eq!(violations.count(), 0, "{complaints:?}");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // What is left behind is in the folder for temporary files.
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

fn nginx(names: &Names, folder: &Path) -> process::Command {
    let listen = format!("listen 127.0.0.1:{};", names.port);
    let log = folder.join("access.log").display().to_string();
    let server = names.put_into(
        "nginx.conf",
        &[
            ("listen 443 ssl;", &listen),
            ("server_name app.example;", "server_name localhost;"),
            // Loopback does without.
            ("ssl_certificate /etc/ssl/app.example.pem;", ""),
            ("ssl_certificate_key /etc/ssl/app.example.key;", ""),
            ("/var/log/nginx/app.example.log", &log),
        ],
    );
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};\n", folder.join(name).display()))
        .concat();
    let main = format!(
        "daemon off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n\
         {temporary}{server}}}\n",
        folder.join("pid").display(),
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, main).expect("the configuration");
    let arguments =
        ["-e", "stderr", "-p", &folder.to_string_lossy(), "-c", &file.to_string_lossy()];
    guarded("nginx", &arguments.map(str::to_owned))
}

fn caddy(names: &Names, folder: &Path) -> process::Command {
    let origin = format!("http://localhost:{} {{", names.port);
    let site = names.put_into("Caddyfile", &[("\napp.example {", &format!("\n{origin}"))]);
    let file = folder.join("Caddyfile");
    let text = format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}");
    fs::write(&file, text).expect("the configuration");
    let arguments = ["run", "--adapter", "caddyfile", "--config", &file.to_string_lossy()];
    let mut command = guarded("caddy", &arguments.map(str::to_owned));
    command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

#[test]
#[ignore = "needs nginx"]
fn nginx_serves_the_demo_as_the_example_says() {
    let host = Host::start("nginx", nginx);
    host.sends_what_the_document_says();
    host.sends_a_compressed_copy("gzip");
    host.signs_in();
    let log = fs::read_to_string(host.folder.join("access.log")).expect("a log");
    assert!(log.contains("GET /callback.html"), "{log}");
    assert!(!log.contains("code="), "the log has the provider's answer: {log}");
}

#[test]
#[ignore = "needs Caddy"]
fn caddy_serves_the_demo_as_the_example_says() {
    let host = Host::start("caddy", caddy);
    host.sends_what_the_document_says();
    host.sends_a_compressed_copy("br");
    host.sends_a_compressed_copy("gzip");
    host.signs_in();
}

/// The line of docs/hosting.md for hosts that send no header fields of one's own.
fn policy_in_the_page(stage: &Stage) -> String {
    let path = workspace().join("docs/hosting.md");
    let document = fs::read_to_string(path).expect("the document");
    let mut lines = document.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with("<meta http-equiv"));
    let line = line.expect("a policy for the page");
    line.replace("https://id.example", &stage.provider.issuer)
        .replace("https://api.example", &stage.provider.resource)
}

#[test]
fn a_host_without_header_fields_has_the_policy_in_the_page() {
    let stage = Stage::with(SiteOptions::default(), &Options::default());
    let charset = "<meta charset=\"utf-8\">";
    stage.site.replace(charset, &format!("{charset}\n{}", policy_in_the_page(&stage)));
    stage.sign_in();
    let tells = |line: &String| checks::tells_of_a_violation(line);
    let complaints = stage.browser.console().unwrap_or_default();
    assert!(!complaints.iter().any(tells), "{complaints:?}");
    // It holds.
    let inline = "const script = document.createElement('script');
        try { script.textContent = 'window.ran = true'; } catch { return 'refused'; }
        document.body.append(script);
        return String(window.ran)";
    assert_eq!(stage.browser.execute(inline), "refused");
}
