//! The server: renders the pages, and hands out the files that take them over in the browser.
//!
//! ```text
//! cargo build --lib --features hydrate --target wasm32-unknown-unknown
//! wasm-bindgen --target web --out-dir target/site/pkg target/wasm32-unknown-unknown/debug/tea_house.wasm
//! node ../../tests/provider/server.js --client tea-house=http://localhost:3000/callback
//! LEPTOS_OUTPUT_NAME=tea_house cargo run --features ssr
//! ```

use std::env;
use std::error::Error;

use axum::Router;
use leptos::prelude::*;
use leptos_axum::{
    LeptosRoutes as _, file_and_error_handler_with_context,
    generate_route_list_with_exclusions_and_ssg_and_context,
};
use tea_house::{App, Settings, shell};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = get_configuration(None)?.leptos_options;
    let listener = TcpListener::bind(options.site_addr).await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let settings = Settings {
        issuer: variable("PIXY_ISSUER", "http://localhost:9400"),
        client_id: variable("PIXY_CLIENT_ID", "tea-house"),
        redirect_uri: format!("{}/callback", variable("PIXY_ORIGIN", &origin)),
    };
    // Better now than in everybody's page.
    settings.config()?;
    println!("listening on {origin}");
    axum::serve(listener, app(options, settings)).await?;
    Ok(())
}

fn app(options: LeptosOptions, settings: Settings) -> Router {
    let context = move || provide_context(settings.clone());
    let (routes, _) =
        generate_route_list_with_exclusions_and_ssg_and_context(App, None, context.clone());
    let page = {
        let options = options.clone();
        move || shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&options, routes, context.clone(), page)
        .fallback(file_and_error_handler_with_context(context, shell))
        .with_state(options)
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
