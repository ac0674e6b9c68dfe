//! `trunk serve`, which calls the one way to build the demo.

use std::fs;
use std::process;
use std::time::Duration;

use end_to_end::process::{Process, guarded};
use end_to_end::site::workspace;
use end_to_end::stage::{CLIENT_ID, part, wait_for_profile};
use end_to_end::{Browser, Provider, port};
use serde_json::json;

/// A build that has only to be put together, on a computer that runs other tests beside it.
const BUILD: Duration = Duration::from_secs(180);

#[test]
fn the_demo_is_there_with_trunk_serve_as_well() {
    let port = port::free();
    let origin = format!("http://localhost:{port}");
    let provider = Provider::start(&[(CLIENT_ID, &format!("{origin}/callback.html"))]);
    let dist = std::env::temp_dir().join(format!("pixy-login-trunk-{}", process::id()));
    let port = port.to_string();
    let arguments = ["serve", "--port", &port, "--dist", &dist.to_string_lossy()];
    let mut command = guarded("trunk", &arguments.map(str::to_owned));
    let settings = json!({"issuer": provider.issuer, "resource_server": provider.resource});
    command
        .current_dir(workspace())
        .env("PIXY_SETTINGS", settings.to_string())
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        // Trunk takes the usual value of this variable for a mistake.
        .env_remove("NO_COLOR");
    let _trunk = Process::spawn(command, |_| {}).expect("Trunk starts");
    let browser = Browser::start();
    let page = || {
        let answer = ureq::get(&origin).header("Accept", "text/html").call().ok()?;
        answer.into_body().read_to_string().ok()
    };
    let html = browser.wait_longer_until(BUILD, "what Trunk serves", page);
    // Trunk's own part, beside the demo.
    assert!(html.contains("trunk/ws"), "the page reloads itself: {html}");
    browser.open(&origin);
    browser.click(part::SIGN_IN);
    provider.sign_in(&browser, provider.account());
    provider.allow(&browser);
    wait_for_profile(&browser, &provider.account().name);
    // What is left behind is in the folder for temporary files.
    let _removed = fs::remove_dir_all(dist);
}
