//! `cargo xtask demo`: the provider, the demo, and what one needs to sign in.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::build::{self, Build, Profile};
use crate::dist;
use crate::environment::Environment;
use crate::error::{Failure, Result};
use crate::files;
use crate::npm;
use crate::port;
use crate::process::Running;
use crate::servers::{self, Server};
use crate::setup::{self, Purpose, duration};

const HELP: &str = "\
Usage: cargo xtask demo [vault] [google | github] [options]

Installs what is missing, starts the provider, serves the demo, and prints its address and
the accounts one can sign in with. Changes to the sources show up by themselves. Ctrl-C ends
everything. The first start takes two and a half minutes on two cores, most of it for compiling;
the next ones take seconds.

With the word vault the tokens are in a worker, out of the reach of the page's scripts. It is
built at each start, for release, which takes a minute or two the first time; its changes show
at the next start.

With the word google people sign in with Google. Google wants a secret from web clients, and a
page has none, so the provider stands in between and keeps it: GOOGLE_CLIENT_ID and
GOOGLE_CLIENT_SECRET from the environment. What to register at Google is printed. Without them a
stand-in on this computer takes Google's place. The same for GitHub with the word github.

  --port PORT             the demo's port (default 8080)
  --provider-port PORT    the provider's port (default 9400)
  --resource-port PORT    the resource server's port (default 9401)
  --stand-in-port PORT    the port of the stand-in for Google or GitHub (default 9402)

To sign in to a provider of your own instead, register a public client there with the
redirect URI http://localhost:PORT/callback.html, and give:

  --issuer URL            the provider's issuer, exactly as it writes it itself
  --client-id ID          your client id
  --scope \"S …\"           the scopes to ask for (default: openid profile email)
  --resource-server URL   the origin of an API with GET /mail";

const OPTIONS: [&str; 8] = [
    "--port",
    "--provider-port",
    "--resource-port",
    "--stand-in-port",
    "--issuer",
    "--client-id",
    "--scope",
    "--resource-server",
];

const CLIENT_ID: &str = "pixy-demo";

/// What the demo is built of.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "index.html", "src", "style"];

type Sources = Vec<(PathBuf, Option<SystemTime>)>;

/// The script of the server's that reloads a page.
const RELOAD: &str = "<script type=\"module\" src=\"./_reload.js\"></script>\n";

/// How often the servers and the sources are looked at.
const PAUSE: Duration = Duration::from_millis(300);

/// The command `demo`.
pub fn run(given: Vec<String>) -> Result<()> {
    let arguments = Arguments::parse(given, &OPTIONS)?;
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    let options = Options::read(&arguments)?;
    options.require_free_ports()?;
    let purpose = if options.vault { Purpose::DemoWithVault } else { Purpose::Demo };
    let environment = setup::prepare_beside(purpose, |environment| {
        println!("Building the demo. The first time takes two and a half minutes on two cores.");
        compile(environment)
    })?;
    if options.vault {
        println!("Building the vault for release.");
        dist::build_vault(&environment, &build::vault(&environment))?;
    }

    let mut provider = match options.provider {
        ProviderChoice::Own { .. } => None,
        ProviderChoice::Embedded(embedded) => {
            Some(start_provider(&environment, &options, embedded)?)
        }
    };
    let ready = provider.as_ref().map(|server| server.ready.clone());
    let demo = Demo {
        build: development(&environment, options.settings(ready.as_ref())),
        folder: environment.target().join("demo"),
    };
    let sources = demo.sources()?;
    demo.build.run(&demo.folder)?;
    let mut server = start_server(&environment, &demo.folder, options.port)?;
    println!("{}", welcome(&options, ready.as_ref()));
    demo.watch(sources, &mut server, provider.as_mut())
}

fn development(environment: &Environment, settings: Map<String, Value>) -> Build<'_> {
    let at_the_end = RELOAD.to_owned();
    Build { environment, profile: Profile::Development, settings, at_the_end }
}

/// Compiles what is served here, and does no more.
pub fn compile(environment: &Environment) -> Result<()> {
    development(environment, Map::new()).compile().map(drop)
}

/// The demo, built again whenever its sources change.
struct Demo<'a> {
    build: Build<'a>,
    folder: PathBuf,
}

impl Demo<'_> {
    /// Waits until a server ends, which ends everything.
    fn watch(
        &self,
        mut built: Sources,
        server: &mut Server,
        mut provider: Option<&mut Server>,
    ) -> Result<()> {
        loop {
            require_running(&mut server.running)?;
            if let Some(provider) = &mut provider {
                require_running(&mut provider.running)?;
            }
            let sources = self.sources()?;
            if sources != built {
                built = sources;
                self.build_again(server)?;
            }
            thread::sleep(PAUSE);
        }
    }

    fn build_again(&self, server: &mut Server) -> Result<()> {
        println!("The sources have changed: building the demo again.");
        let begin = Instant::now();
        if let Err(failure) = self.build.run(&self.folder) {
            eprintln!("error: {}\nThe page stays as it was until the next change.", failure.text());
            return Ok(());
        }
        println!("Built in {}.", duration(begin.elapsed()));
        server.tell("built")
    }

    /// The files that the demo is built of, and when each was changed last.
    fn sources(&self) -> Result<Sources> {
        let mut sources = Sources::new();
        for name in SOURCES {
            let path = self.build.environment.root.join(name);
            let files = if path.is_dir() { files::below(&path)? } else { vec![path] };
            for file in files {
                // One that an editor is about to replace is seen the next time.
                let changed = file.metadata().and_then(|file| file.modified()).ok();
                sources.push((file, changed));
            }
        }
        Ok(sources)
    }
}

fn require_running(running: &mut Running) -> Result<()> {
    match running.ended()? {
        None => Ok(()),
        Some(status) => Err(Failure::message(format!(
            "{} has ended ({status}), so the demo ends",
            running.name()
        ))),
    }
}

#[derive(Debug, PartialEq)]
struct Options {
    port: u16,
    vault: bool,
    provider: ProviderChoice,
}

#[derive(Debug, PartialEq)]
enum ProviderChoice {
    Embedded(Embedded),
    Own {
        issuer: String,
        client_id: String,
        scope: Option<String>,
        resource_server: Option<String>,
    },
}

/// The provider of this repository.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Embedded {
    port: u16,
    resource_port: u16,
    /// Whom people are sent on to, and the port of what may stand in for it.
    upstream: Option<(&'static str, u16)>,
}

/// Whom the provider may send people on to.
const UPSTREAMS: [&str; 2] = ["google", "github"];

impl Options {
    fn read(arguments: &Arguments) -> Result<Self> {
        arguments.only_words(&["vault", "google", "github"])?;
        let vault = arguments.has_word("vault");
        let upstreams: Vec<_> =
            UPSTREAMS.into_iter().filter(|name| arguments.has_word(name)).collect();
        let upstream = match upstreams[..] {
            [] => None,
            [name] => Some(name),
            _ => return Err(Failure::message("people are sent on to google or to github")),
        };
        let text = |name: &str| arguments.value(name).map(str::to_owned);
        let provider = match (text("--issuer"), text("--client-id")) {
            (Some(_), Some(_)) if upstream.is_some() => {
                return Err(Failure::message(
                    "google and github are for the provider of the demo, not for one of your own",
                ));
            }
            (Some(issuer), Some(client_id)) => ProviderChoice::Own {
                issuer,
                client_id,
                scope: text("--scope"),
                resource_server: text("--resource-server"),
            },
            (None, None) => {
                for option in ["--scope", "--resource-server"] {
                    if text(option).is_some() {
                        return Err(Failure::message(format!(
                            "{option} goes with --issuer and --client-id"
                        )));
                    }
                }
                let stand_in_port = arguments.port("--stand-in-port", 9402)?;
                ProviderChoice::Embedded(Embedded {
                    port: arguments.port("--provider-port", 9400)?,
                    resource_port: arguments.port("--resource-port", 9401)?,
                    upstream: upstream.map(|name| (name, stand_in_port)),
                })
            }
            _ => {
                return Err(Failure::message(
                    "a provider of your own needs both --issuer and --client-id",
                ));
            }
        };
        Ok(Self { port: arguments.port("--port", 8080)?, vault, provider })
    }

    fn require_free_ports(&self) -> Result<()> {
        port::require_free(self.port, "the demo", "--port")?;
        if let ProviderChoice::Embedded(embedded) = self.provider {
            port::require_free(embedded.port, "the provider", "--provider-port")?;
            port::require_free(embedded.resource_port, "the resource server", "--resource-port")?;
            if let Some((_, port)) = embedded.upstream {
                port::require_free(port, "the stand-in", "--stand-in-port")?;
            }
        }
        Ok(())
    }

    /// What differs from the settings in index.html. `ready` is what the provider said of itself.
    fn settings(&self, ready: Option<&Value>) -> Map<String, Value> {
        let mut settings = Map::new();
        if self.vault {
            settings.insert("vault".into(), json!(true));
        }
        match &self.provider {
            ProviderChoice::Embedded(Embedded { port, resource_port, .. }) => {
                settings.insert("issuer".into(), json!(localhost(*port)));
                settings.insert("client_id".into(), json!(CLIENT_ID));
                settings.insert("resource_server".into(), json!(localhost(*resource_port)));
                settings.insert("resource_server_takes_dpop".into(), json!(true));
                settings.insert("lesson".into(), lesson());
                if let Some(upstream) = ready.and_then(|ready| ready.get("upstream")) {
                    settings.insert("upstream".into(), upstream["name"].clone());
                    let is_stand_in = upstream["is_stand_in"].clone();
                    settings.insert("upstream_is_stand_in".into(), is_stand_in);
                }
            }
            ProviderChoice::Own { issuer, client_id, scope, resource_server } => {
                settings.insert("issuer".into(), json!(issuer));
                settings.insert("client_id".into(), json!(client_id));
                // No resource server takes the embedded one's address away.
                settings.insert("resource_server".into(), json!(resource_server));
                settings.insert("resource_server_takes_dpop".into(), json!(null));
                if let Some(scope) = scope {
                    settings.insert("scope".into(), json!(scope));
                }
            }
        }
        settings
    }
}

/// The clients that `server.js --lesson` has besides.
fn lesson() -> Value {
    json!({
        "client_without_pkce": format!("{CLIENT_ID}-without-pkce"),
        "brief_client": format!("{CLIENT_ID}-brief"),
    })
}

fn localhost(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn start_provider(
    environment: &Environment,
    options: &Options,
    embedded: Embedded,
) -> Result<Server> {
    let redirect_uri = format!("{}/callback.html", localhost(options.port));
    let mut command = environment.command("node");
    command
        .args(["server.js", "--lesson"])
        .args(["--port", &embedded.port.to_string()])
        .args(["--resource-port", &embedded.resource_port.to_string()])
        .args(["--client", &format!("{CLIENT_ID}={redirect_uri}")])
        .current_dir(environment.root.join(npm::PROVIDER));
    if let Some((name, port)) = embedded.upstream {
        command.args(["--upstream", name, "--stand-in-port", &port.to_string()]);
    }
    servers::start(command, "the provider")
}

fn start_server(environment: &Environment, folder: &Path, port: u16) -> Result<Server> {
    let mut command = environment.command("node");
    command
        .arg("server.js")
        .arg(folder)
        .arg(port.to_string())
        .current_dir(environment.root.join(npm::SERVE));
    servers::start(command, "the demo's server")
}

fn welcome(options: &Options, ready: Option<&Value>) -> String {
    let mut lines =
        vec![String::new(), format!("  Pixy Login is at   {}/", localhost(options.port))];
    if let Some(upstream) = ready.and_then(|ready| ready.get("upstream")) {
        lines.extend(upstream_lines(upstream));
    } else if let Some(ready) = ready {
        for (index, account) in ready["accounts"].as_array().into_iter().flatten().enumerate() {
            let label = if index == 0 { "Sign in as" } else { "or" };
            lines.push(account_line(label, account));
        }
    }
    lines.push(String::new());
    lines.push("  Ctrl-C ends it.".to_owned());
    lines.join("\n")
}

/// Where the sign-in goes on to, and what to register there.
fn upstream_lines(upstream: &Value) -> Vec<String> {
    let field = |name: &str| upstream[name].as_str().unwrap_or_default().to_owned();
    let is_stand_in = upstream["is_stand_in"] == true;
    let label = field("label");
    let place = match is_stand_in {
        true => format!("a stand-in for {label} at {}", field("issuer")),
        false => label.clone(),
    };
    let why = match is_stand_in {
        true => format!("  For {label} itself, register a client there first:"),
        false => format!("  If {label} refuses, look at what is registered there:"),
    };
    let mut lines = vec![format!("  Signing in goes on to {place}"), String::new(), why];
    let facts = registration(&field("name"), field("redirect_uri"), field("scope"));
    lines.extend(facts.into_iter().map(|(name, value)| format!("    {name:<18} {value}")));
    if is_stand_in {
        let variables = upstream["variables"].as_array().into_iter().flatten();
        let variables: Vec<_> = variables.filter_map(Value::as_str).collect();
        lines.push(format!(
            "  Then start this again with {} in the environment.",
            variables.join(" and ")
        ));
    }
    lines
}

fn registration(name: &str, redirect_uri: String, scope: String) -> Vec<(&'static str, String)> {
    if name == "github" {
        return vec![
            ("where", "https://github.com/settings/applications/new".to_owned()),
            ("callback URL", redirect_uri),
        ];
    }
    vec![
        ("where", "https://console.cloud.google.com/auth/clients".to_owned()),
        ("application type", "Web application".to_owned()),
        ("redirect URI", redirect_uri),
        ("scopes", format!("{scope} (under Data Access)")),
        ("test users", "whoever signs in, while the app is in testing (under Audience)".to_owned()),
    ]
}

fn account_line(label: &str, account: &Value) -> String {
    let field = |name: &str| account[name].as_str().unwrap_or_default().to_owned();
    format!(
        "  {label:<17}  {:<10} password {:<14} ({})",
        field("login"),
        field("password"),
        field("name")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options> {
        let given = line.split_whitespace().map(str::to_owned).collect();
        Options::read(&Arguments::parse(given, &OPTIONS)?)
    }

    #[test]
    fn the_embedded_provider_is_the_usual_choice() {
        let options = options("--port 8090 --resource-port 9999").unwrap();
        assert_eq!(options.port, 8090);
        let settings = Value::Object(options.settings(None));
        assert_eq!(settings["issuer"], "http://localhost:9400");
        assert_eq!(settings["resource_server"], "http://localhost:9999");
        assert_eq!(settings["lesson"]["brief_client"], "pixy-demo-brief");
        assert!(settings.get("upstream").is_none());
    }

    #[test]
    fn a_provider_of_ones_own_has_no_resource_server_of_ours() {
        let options = options("--issuer https://a.example --client-id c").unwrap();
        let settings = Value::Object(options.settings(None));
        assert_eq!(settings["issuer"], "https://a.example");
        assert!(settings.get("lesson").is_none());
        assert_eq!(settings["client_id"], "c");
        assert_eq!(settings["resource_server"], Value::Null);
        assert!(settings.get("scope").is_none());
    }

    #[test]
    fn tokens_are_in_a_vault_when_it_is_said() {
        assert!(options("").unwrap().settings(None).get("vault").is_none());
        assert_eq!(options("vault --port 8090").unwrap().settings(None)["vault"], true);
        assert!(options("vaults").is_err());
        assert!(options("vault vault").is_err());
    }

    #[test]
    fn people_sign_in_with_google_when_it_is_said() {
        let google = options("google --stand-in-port 9999").unwrap();
        let ready = json!({"upstream": {
            "name": "google",
            "label": "Google",
            "is_stand_in": true,
            "variables": ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
            "issuer": "http://localhost:9999",
            "redirect_uri": "http://localhost:9400/upstream/google/callback",
            "scope": "openid profile email",
        }});
        let settings = google.settings(Some(&ready));
        assert_eq!(settings["upstream"], "google");
        assert_eq!(settings["upstream_is_stand_in"], true);
        let text = welcome(&google, Some(&ready));
        assert!(text.contains("a stand-in for Google at http://localhost:9999"), "{text}");
        assert!(text.contains("http://localhost:9400/upstream/google/callback"), "{text}");
        assert!(text.contains("GOOGLE_CLIENT_SECRET"), "{text}");
        assert!(options("vault google").is_ok());
        assert!(options("github").is_ok());
        assert!(options("google github").is_err());
        assert!(options("google facebook").is_err());
        assert!(options("google --issuer https://a.example --client-id c").is_err());
    }

    #[test]
    fn half_a_provider_is_an_error() {
        assert!(options("--issuer https://a.example").is_err());
        assert!(options("--client-id c").is_err());
        assert!(options("--scope openid").is_err());
    }

    #[test]
    fn the_account_is_printed_with_its_password() {
        let ready =
            json!({"accounts": [{"login": "hanako", "password": "sakura", "name": "Hanako"}]});
        let text = welcome(&options("").unwrap(), Some(&ready));
        assert!(text.contains("http://localhost:8080/"));
        assert!(text.contains("hanako") && text.contains("sakura"));
    }
}
