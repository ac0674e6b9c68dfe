//! Signing in again for what an API asks for, and what the client tells of what it does.

#![cfg(all(target_arch = "wasm32", feature = "step-up"))]

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;
use pixy_login::client::{Client, Event, Outcome, SignIn, Status};
use pixy_login::protocol::{Config, ErrorCode, StepUp, StepUpPolicy};
use support::{HOSTILE, Tab, answer_to, config, letter, record, reset, signed_in};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn settings(case: &str) -> Config {
    config(case).allow_dpop_origin(HOSTILE).expect("an origin")
}

fn automatic(case: &str) -> Config {
    settings(case).step_up(StepUpPolicy::Automatic)
}

/// Calls the API, goes where the client leaves for, and comes back.
async fn call_and_come_back(case: &str) -> (Tab, Client) {
    let config = automatic(case);
    let (tab, client) = signed_in(&config).await;
    let error = client.fetch(letter(case)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SigningInAgain);
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&config);
    let outcome = client.start().await.expect("a session");
    assert!(matches!(outcome, Outcome::SignedIn { .. }));
    (tab, client)
}

#[wasm_bindgen_test]
async fn r60_a_request_is_repeated_after_a_stronger_sign_in() {
    for (case, asked) in [
        ("step-up-acr", "acr_values=gold"),
        ("step-up-max-age", "max_age=5"),
        ("t78-403-scope", "mail"),
    ] {
        is_repeated(case, asked).await;
    }
}

// Apart from the others, for not every browser shows these (docs/engines.md).
#[wasm_bindgen_test]
async fn challenges_in_several_fields_are_obeyed() {
    is_repeated("t78-several", "mail").await;
}

/// Calls an API that asks for this, which the client does before it calls once more.
async fn is_repeated(case: &str, asked: &str) {
    let (tab, client) = call_and_come_back(case).await;
    assert!(tab.left_for().contains(asked), "{case}: {}", tab.left_for());
    let answer = client.repeated().await.expect("it was repeated").expect("an answer");
    assert_eq!(answer.status, 200, "{case}");
    let record = record(case).await;
    assert_eq!((record.count("api"), record.count("token")), (2, 2), "{case}");
    let calls = record.requests.iter().filter(|request| request.went_to("api"));
    assert_eq!(calls.filter(|call| call.method == "POST").count(), 2, "{case}");
    assert_eq!(tab.url(), "http://localhost:7/shop/cart.html?page=2");
}

#[wasm_bindgen_test]
async fn t78_a_server_that_is_never_content_is_asked_twice() {
    for case in ["t78-step-up-for-ever", "t78-403-scope-for-ever"] {
        let (tab, client) = call_and_come_back(case).await;
        let left_for = tab.left_for();
        let answer = client.repeated().await.expect("it was repeated").expect("an answer");
        assert!(matches!(answer.status, 401 | 403), "{case}");
        assert_eq!(record(case).await.count("api"), 2, "{case}");
        // A further call is answered, too, without another sign-in.
        assert!(matches!(client.fetch(letter(case)).await.expect("an answer").status, 401 | 403));
        assert_eq!(tab.left_for(), left_for, "{case}");
    }
}

#[wasm_bindgen_test]
async fn t78_a_server_that_always_wants_something_else_is_left_alone_after_three() {
    let case = "t78-403-scope~in-a-row";
    let config = automatic(case);
    for (before, leaves) in [(2, true), (3, false)] {
        reset(case).await;
        let tab = Tab::new();
        tab.open(&config).sign_in(SignIn::new()).await.expect("the page is left");
        // As if the sign-ins before had been for an API, too.
        for record in tab.storage.texts.borrow_mut().values_mut() {
            *record = record.replace("\"step_ups\":0", &format!("\"step_ups\":{before}"));
        }
        tab.address.url.replace(answer_to(&tab.left_for()).await);
        let client = tab.open(&config);
        client.start().await.expect("a session");
        match client.fetch(letter(case)).await {
            Err(error) => assert!(leaves && error.code() == ErrorCode::SigningInAgain, "{error}"),
            Ok(answer) => assert!(!leaves && answer.status == 403, "{before}"),
        }
    }
}

#[wasm_bindgen_test]
async fn signing_out_during_a_call_keeps_the_page_where_it_is() {
    let case = "step-up-acr~signing-out";
    let (tab, client) = signed_in(&automatic(case)).await;
    let left_for = tab.left_for();
    let (answer, ()) = join(client.fetch(letter(case)), async { client.sign_out().await }).await;
    assert_eq!(answer.expect("an answer").status, 401);
    assert_eq!(tab.left_for(), left_for);
    assert!(matches!(client.status(), Status::SignedOut));
}

/// Somebody else may sign in at the provider meanwhile.
#[wasm_bindgen_test]
async fn a_request_is_not_repeated_as_somebody_else() {
    let case = "step-up-acr~somebody-else";
    let config = automatic(case);
    let (tab, client) = signed_in(&config).await;
    client.fetch(letter(case)).await.unwrap_err();
    for record in tab.storage.texts.borrow_mut().values_mut() {
        *record = record.replace(" hostile-subject\"", " another-subject\"");
    }
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&config);
    client.start().await.expect("a session");
    let error = client.repeated().await.expect("it was tried").unwrap_err();
    assert_eq!(error.code(), ErrorCode::SubjectMismatch);
    assert_eq!(record(case).await.count("api"), 1);
}

#[wasm_bindgen_test]
async fn t78_what_no_sign_in_would_change_is_an_answer() {
    for (case, status) in [("t78-401-for-ever", 401), ("t78-malformed", 401)] {
        let (tab, client) = signed_in(&automatic(case)).await;
        let left_for = tab.left_for();
        assert_eq!(client.fetch(letter(case)).await.expect("an answer").status, status, "{case}");
        assert_eq!(tab.left_for(), left_for, "{case}");
        assert_eq!(record(case).await.count("api"), 1, "{case}");
    }
}

#[wasm_bindgen_test]
async fn an_app_may_step_up_by_hand() {
    let case = "step-up-acr~by-hand";
    let (tab, client) = signed_in(&settings(case)).await;
    let answer = client.fetch(letter(case)).await.expect("an answer");
    assert_eq!(answer.status, 401);
    let asked = StepUp::from_response(&answer).expect("a challenge");
    client.sign_in(SignIn::new().step_up(&asked)).await.expect("the page is left");
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&settings(case));
    client.start().await.expect("a session");
    assert!(client.repeated().await.is_none());
    assert_eq!(client.fetch(letter(case)).await.expect("an answer").status, 200);
}

/// Everything that the client tells of a whole session.
#[wasm_bindgen_test]
async fn events_tell_what_happens_and_no_secret() {
    let case = "par-dpop~events";
    reset(case).await;
    let config = settings(case).scope("openid profile offline_access").expect("a scope");
    let told: Rc<RefCell<Vec<Event>>> = Rc::default();
    let listen = |client: &Client| {
        let told = Rc::clone(&told);
        client.on_event(move |event| told.borrow_mut().push(event.clone()))
    };
    let tab = Tab::new();
    let client = tab.open(&config);
    let subscription = listen(&client);
    client.sign_in(SignIn::new()).await.expect("the page is left");
    drop(subscription);
    let secrets = tab.storage.texts.borrow().values().cloned().collect::<Vec<_>>();
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let answer = tab.url();
    let client = tab.open(&config);
    let _subscription = listen(&client);
    client.start().await.expect("a session");
    client.profile().await.expect("a profile");
    client.refresh().await.expect("a new token");
    let access_token = client.expose_access_token().expect("a token");
    client.sign_out();
    support::wait_for("the end", || {
        let told = told.borrow();
        let handed = told.iter().filter(|event| matches!(event, Event::TokensHandedBack { .. }));
        (handed.count() == 2).then_some(())
    })
    .await;

    let names: Vec<_> = told
        .borrow()
        .iter()
        .map(|event| format!("{event:?}").split([' ', '{']).next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "LoginStarted",
            "CallbackAccepted",
            "IdTokenVerified",
            "TokenReceived",
            "ProfileReceived",
            "TokenReceived",
            "Refreshed",
            "SignedOut",
            "TokensHandedBack",
            "TokensHandedBack",
        ]
    );
    let shown = format!("{:?} {client:?}", told.borrow());
    assert!(!shown.contains(&access_token) && !shown.contains("refresh-token"), "{shown}");
    for record in secrets {
        let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        for name in ["state", "nonce", "code_verifier"] {
            if let Some(secret) = record[name].as_str() {
                assert!(!shown.contains(secret), "{name} in {shown}");
            }
        }
    }
    let code =
        answer.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code");
    assert!(!shown.contains(code), "{shown}");
}

#[wasm_bindgen_test]
async fn t84_a_login_that_somebody_else_asks_for() {
    let page = "http://localhost:7/shop/start.html";
    let with_page = |case: &str| config(case).initiate_login_uri(page).expect("a page");
    let issuer = |case: &str| format!("{HOSTILE}/{case}");
    for (case, query) in [
        ("honest~t84-1", format!("iss={}", issuer("other"))),
        (
            "honest~t84-2",
            format!("iss={}&target_link_uri=https://evil.example/", issuer("honest~t84-2")),
        ),
        ("honest~t84-3", format!("iss={}&target_link_uri=//evil.example", issuer("honest~t84-3"))),
        ("honest~t84-4", format!("iss={0}&iss={0}", issuer("honest~t84-4"))),
    ] {
        reset(case).await;
        let tab = Tab::new();
        tab.address.url.replace(format!("{page}?{query}"));
        let error = tab.open(&with_page(case)).start().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InitiatedLoginRefused, "{query}");
        assert_eq!((tab.left_for().as_str(), record(case).await.count("discovery")), ("", 0));
    }
    let tab = Tab::new();
    let good = format!("iss={}&target_link_uri=cart.html&login_hint=hanako", issuer("honest~t84"));
    tab.address.url.replace(format!("{page}?{good}"));
    assert_eq!(tab.open(&with_page("honest~t84")).start().await, Ok(Outcome::SigningIn));
    assert!(tab.left_for().contains("login_hint=hanako"));
}
