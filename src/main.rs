//! The demo app.

use pixy_login::demo;
use wasm_bindgen_futures::spawn_local;

fn main() {
    match demo::client() {
        Ok(client) => {
            let app = client.clone();
            // First in, first out: the token request leaves before anything is rendered.
            // How it went is in the client's status.
            spawn_local(async move { drop(client.start().await) });
            spawn_local(async move { demo::mount(app) });
        }
        Err(error) => demo::mount_error(error),
    }
}
