//! A browser that lacks what secrets and signatures need, as on a page that is not secure.

#![cfg(target_arch = "wasm32")]

mod support;

use js_sys::{Array, Function, Object, Reflect};
use pixy_login::client::SignIn;
use pixy_login::protocol::{Dpop, ErrorCode};
use support::{Tab, config, record, reset};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A member of `crypto` that is something else, as long as this is kept.
struct Instead(&'static str);

impl Instead {
    fn of(name: &'static str, value: &JsValue) -> Self {
        let property = Object::new();
        let members: Array = Array::of2(&"value".into(), &"configurable".into());
        Reflect::set(&property, &members.get(0), value).expect("a member");
        Reflect::set(&property, &members.get(1), &JsValue::TRUE).expect("a member");
        Object::define_property(&crypto(), &name.into(), &property);
        Self(name)
    }
}

impl Drop for Instead {
    fn drop(&mut self) {
        // The one of the prototype shows again.
        Reflect::delete_property(&crypto(), &self.0.into()).expect("it can be taken away");
    }
}

fn crypto() -> Object {
    Reflect::get(&js_sys::global(), &"crypto".into()).expect("crypto").into()
}

#[wasm_bindgen_test]
async fn t92_without_random_numbers_no_login_begins() {
    let tab = Tab::new();
    let throws = Function::new_no_args("throw new Error('no')");
    let instead = Instead::of("getRandomValues", &throws);
    let error = tab.open(&config("honest~t92")).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::RandomUnavailable);
    assert_eq!((tab.left_for().as_str(), tab.storage.pending().len()), ("", 0));
    drop(instead);
    tab.open(&config("honest~t92")).sign_in(SignIn::new()).await.expect("the page is left");
}

#[wasm_bindgen_test]
async fn t92_without_web_crypto_no_signature_is_believed() {
    let case = "honest~t92-signature";
    reset(case).await;
    let tab = Tab::new();
    let client = tab.go_and_come_back(&config(case)).await;
    let instead = Instead::of("subtle", &JsValue::UNDEFINED);
    assert_eq!(client.start().await.unwrap_err().code(), ErrorCode::CryptoUnavailable);
    assert!(client.session().is_none());
    assert_eq!(record(case).await.count("userinfo"), 0);
    drop(instead);
    tab.go_and_come_back(&config(case)).await.start().await.expect("a session");
}

#[wasm_bindgen_test]
async fn t92_without_web_crypto_tokens_are_plain_unless_they_must_be_bound() {
    let case = "dpop~t92";
    let instead = Instead::of("subtle", &JsValue::UNDEFINED);
    let tab = Tab::new();
    tab.open(&config(case)).sign_in(SignIn::new()).await.expect("the page is left");
    assert!(!tab.left_for().contains("dpop_jkt"));
    let strict = config(case).dpop(Dpop::Required);
    let error = Tab::new().open(&strict).sign_in(SignIn::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::CryptoUnavailable);
    drop(instead);
}
