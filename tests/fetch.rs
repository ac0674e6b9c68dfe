//! Calling APIs: with a token that is good, wherever the server is one that may have it, and nowhere else.

#![cfg(target_arch = "wasm32")]

mod support;

use core::time::Duration;

use futures_util::future::join;
use futures_util::poll;
use js_sys::{Array, Date};
use pixy_login::client::{Body, Client, ResourceRequest, Status, StreamedResponse};
use pixy_login::protocol::{Config, ErrorCode};
use support::{
    Answered, HOSTILE, Record, Recorded, Tab, config, control, letter, next_task, record, request,
    send, signed_in, wait_for,
};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, FormData};

wasm_bindgen_test_configure!(run_in_browser);

/// The hostile server's other origin.
const SECOND: &str = match option_env!("PIXY_HOSTILE_URL_2") {
    Some(url) => url,
    None => "http://localhost:9501",
};

fn settings(case: &str) -> Config {
    let config = config(case).scope("openid offline_access").expect("a scope");
    config.allow_dpop_origin(HOSTILE).expect("an origin")
}

async fn status_of(client: &Client, case: &str) -> Result<u16, ErrorCode> {
    let answer = client.fetch(letter(case)).await;
    answer.map(|answer| answer.status).map_err(|error| error.code())
}

/// How often the API and the token endpoint of a case were called.
async fn calls(case: &str) -> (usize, usize) {
    let record = record(case).await;
    assert_eq!(record.violations, Vec::<String>::new(), "{case}");
    (record.count("api"), record.count("token"))
}

fn later(tab: &Tab, seconds: u64) {
    tab.clock.0.set(tab.clock.0.get() + seconds);
}

#[wasm_bindgen_test]
async fn r57_a_token_that_the_api_calls_invalid_is_renewed_and_the_request_repeated() {
    for case in ["t78-401-until-renewed", "t78-401-until-renewed-dpop"] {
        let (_, client) = signed_in(&settings(case)).await;
        assert_eq!(status_of(&client, case).await, Ok(200), "{case}");
        assert_eq!(calls(case).await, (2, 2), "{case}");
        let requests = record(case).await.requests;
        let bodies = requests.iter().filter(|one| one.went_to("api") && one.method == "POST");
        assert_eq!(bodies.map(|one| one.body.as_str()).collect::<Vec<_>>(), ["a letter"; 2]);
        assert_eq!(status_of(&client, case).await, Ok(200), "{case}");
        assert_eq!(calls(case).await, (3, 2), "{case}: the new token is kept");
    }
}

#[wasm_bindgen_test]
async fn calls_that_are_refused_at_once_share_one_renewal() {
    let case = "t78-401-until-renewed~at-once";
    let (_, client) = signed_in(&settings(case)).await;
    let both = join(status_of(&client, case), status_of(&client, case)).await;
    assert_eq!(both, (Ok(200), Ok(200)));
    assert_eq!(calls(case).await, (4, 2));
}

#[wasm_bindgen_test]
async fn a_token_that_was_renewed_meanwhile_is_not_renewed_again() {
    let case = "t78-401-until-renewed~meanwhile";
    let (_, client) = signed_in(&settings(case)).await;
    // The call leaves first, with the old token; the renewal is done before its answer is looked at, or
    // is the one that it waits for.
    let (status, renewed) = join(status_of(&client, case), client.refresh()).await;
    assert_eq!((status, renewed), (Ok(200), Ok(())));
    assert_eq!(calls(case).await, (2, 2));
}

#[wasm_bindgen_test]
async fn t78_an_api_that_refuses_every_token_has_one_made_and_no_more() {
    let case = "t78-401-for-ever~renewable";
    let (_, client) = signed_in(&settings(case)).await;
    assert_eq!(status_of(&client, case).await, Ok(401));
    assert_eq!(calls(case).await, (2, 2));
    for _ in 0..2 {
        assert_eq!(status_of(&client, case).await, Ok(401));
    }
    assert_eq!(calls(case).await, (4, 2), "the provider is left alone");
    assert!(client.session().is_some());
}

#[wasm_bindgen_test]
async fn without_a_refresh_token_a_refusal_is_an_answer() {
    let case = "t78-401-until-renewed~once";
    let config = config(case).allow_dpop_origin(HOSTILE).expect("an origin");
    let (tab, client) = signed_in(&config).await;
    assert_eq!(status_of(&client, case).await, Ok(401));
    // The session ends with its token (F38).
    later(&tab, 3601);
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::SessionExpired));
    assert!(client.session().is_none());
    assert_eq!(calls(case).await, (1, 1));
}

#[wasm_bindgen_test]
async fn a_session_that_ends_at_a_renewal_is_told_and_a_fault_is_not() {
    let case = "t78-401-session-ended";
    let (_, client) = signed_in(&settings(case)).await;
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::SessionEnded));
    assert!(matches!(client.status(), Status::Failed(_)) && client.session().is_none());
    assert_eq!(calls(case).await, (1, 2));

    let case = "t78-401-no-provider";
    let (_, client) = signed_in(&settings(case)).await;
    assert_eq!(status_of(&client, case).await, Ok(401));
    assert!(client.session().is_some());
    assert_eq!(calls(case).await, (1, 2));
}

// A page sees no reason where CORS hides it, or there is none.
#[wasm_bindgen_test]
async fn r58_a_401_without_a_reason_is_not_guessed_at() {
    let case = "t78-401-unsaid";
    let (_, client) = signed_in(&settings(case)).await;
    assert_eq!(status_of(&client, case).await, Ok(401));
    assert_eq!(calls(case).await, (1, 1));
}

// The token runs out while the request is on its way.
#[wasm_bindgen_test]
async fn r58_a_401_without_a_reason_renews_a_token_that_has_run_out_meanwhile() {
    let case = "t78-401-unsaid~run-out";
    let (tab, client) = signed_in(&settings(case)).await;
    let sent = async { later(&tab, 3601) };
    assert_eq!(join(status_of(&client, case), sent).await.0, Ok(200));
    assert_eq!(calls(case).await, (2, 2));
}

#[wasm_bindgen_test]
async fn signing_out_during_a_call_renews_nothing() {
    let case = "t78-401-until-renewed~signing-out";
    let (_, client) = signed_in(&settings(case)).await;
    let (status, ()) = join(status_of(&client, case), async { client.sign_out().await }).await;
    assert_eq!(status, Ok(401));
    assert_eq!(calls(case).await, (1, 1));
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::NotSignedIn));
}

#[wasm_bindgen_test]
async fn a_token_is_renewed_half_a_minute_before_its_end() {
    let case = "refresh-no-id-token~margin";
    let (tab, client) = signed_in(&settings(case)).await;
    later(&tab, 3569);
    assert_eq!(status_of(&client, case).await, Ok(200));
    assert_eq!(calls(case).await, (1, 1));
    later(&tab, 1);
    let both = join(status_of(&client, case), status_of(&client, case)).await;
    assert_eq!(both, (Ok(200), Ok(200)));
    assert_eq!(calls(case).await, (3, 2), "one renewal for both, before they are sent");
    later(&tab, 4000);
    assert_eq!(status_of(&client, case).await, Ok(200));
    assert_eq!(calls(case).await, (4, 3), "also when it has run out");
}

#[wasm_bindgen_test]
async fn a_token_of_a_short_life_is_renewed_in_the_last_tenth_of_it() {
    let case = "short-lived";
    let (tab, client) = signed_in(&settings(case)).await;
    later(&tab, 17);
    assert_eq!(status_of(&client, case).await, Ok(200));
    assert_eq!(calls(case).await, (1, 1));
    later(&tab, 1);
    assert_eq!(status_of(&client, case).await, Ok(200));
    assert_eq!(calls(case).await, (2, 2));
}

#[wasm_bindgen_test]
async fn a_provider_out_of_order_keeps_no_good_token_from_being_sent() {
    let case = "refresh-500~margin";
    let (tab, client) = signed_in(&settings(case)).await;
    later(&tab, 3599);
    assert_eq!(status_of(&client, case).await, Ok(200));
    assert_eq!(calls(case).await, (1, 2));
    later(&tab, 1);
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::ProviderUnavailable));
    assert_eq!(calls(case).await, (1, 3), "a token that has run out is not sent");
    assert!(client.session().is_some());
}

#[wasm_bindgen_test]
async fn a_session_that_is_over_before_a_call_is_told() {
    let case = "refresh-invalid-grant~margin";
    let (tab, client) = signed_in(&settings(case)).await;
    later(&tab, 3570);
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::SessionEnded));
    assert_eq!(calls(case).await, (0, 2));
}

// The refresh token is spent as soon as the request for the next one is on its way.
#[wasm_bindgen_test]
async fn a_call_that_is_given_up_does_not_give_up_the_renewal() {
    let case = "refresh-no-id-token~given-up";
    let (tab, client) = signed_in(&settings(case)).await;
    let before = client.expose_access_token();
    later(&tab, 3570);
    let mut call = Box::pin(client.fetch(letter(case)));
    assert!(poll!(&mut call).is_pending());
    drop(call);
    wait_for("the next token", || (client.expose_access_token() != before).then_some(())).await;
    assert_eq!(calls(case).await, (0, 2));
}

// Nothing is asked of the provider for a call that would not be sent.
#[wasm_bindgen_test]
async fn a_call_that_may_not_be_sent_renews_nothing() {
    let case = "refresh-no-id-token~refused";
    let (tab, client) = signed_in(&settings(case)).await;
    later(&tab, 3570);
    let refused = client.fetch(ResourceRequest::get("https://api.example/")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::OriginNotAllowed);
    assert_eq!(calls(case).await, (0, 1));
}

/// The calls of the API of a case, preflights left out.
async fn api_calls(case: &str) -> Vec<Recorded> {
    let requests = record(case).await.requests.into_iter();
    requests.filter(|one| one.went_to("api") && one.method != "OPTIONS").collect()
}

#[wasm_bindgen_test]
async fn any_method_is_sent_as_it_is_written_in_capitals() {
    // With a bound token: the server compares the method with the one in the proof.
    for case in ["honest~methods", "dpop~methods"] {
        let (_, client) = signed_in(&settings(case)).await;
        let url = format!("{HOSTILE}/{case}/api");
        let named = |name: &str| ResourceRequest::new(name, &url).expect("a method");
        let requests = [
            ResourceRequest::get(&url),
            ResourceRequest::put(&url, "text/plain", "a"),
            ResourceRequest::patch(&url, "text/plain", "b"),
            ResourceRequest::delete(&url),
            named("get"),
            named("patch").form(&[("a b", "&é")]),
            named("PROPFIND"),
        ];
        for request in requests {
            assert_eq!(client.fetch(request).await.expect("an answer").status, 200, "{case}");
        }
        let calls = api_calls(case).await;
        let methods: Vec<_> = calls.iter().map(|call| call.method.as_str()).collect();
        assert_eq!(methods, ["GET", "PUT", "PATCH", "DELETE", "GET", "PATCH", "PROPFIND"]);
        assert_eq!(calls[5].body, "a+b=%26%C3%A9");
        assert_eq!(record(case).await.violations, Vec::<String>::new());
    }
    for name in ["", "CONNECT", "trace", "TRACK", "G T", "GET\r\nX: y"] {
        let error = ResourceRequest::new(name, HOSTILE).unwrap_err();
        assert_eq!((error.code(), error.subject()), (ErrorCode::InvalidConfig, Some("method")));
    }
}

#[wasm_bindgen_test]
async fn an_app_sends_headers_of_its_own_and_no_other() {
    let case = "honest~headers";
    let (_, client) = signed_in(&settings(case)).await;
    let request = letter(case).header("Idempotency-Key", "7").expect("a header");
    client.fetch(request).await.expect("an answer");
    let calls = api_calls(case).await;
    assert!(calls[0].header_names.iter().any(|name| name == "idempotency-key"));
    for name in ["Authorization", "dpop", "Cookie", "Host", "Sec-Anything"] {
        let error = letter(case).header(name, "x").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidConfig, "{name}");
    }
}

/// A blob that the browser reads itself.
fn blob(text: &str) -> Blob {
    let options = BlobPropertyBag::new();
    options.set_type("image/png");
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).expect("a blob")
}

#[wasm_bindgen_test]
async fn files_and_forms_are_sent_as_the_browser_reads_them_also_twice() {
    let case = "t78-401-until-renewed~uploads";
    let (_, client) = signed_in(&settings(case)).await;
    let url = format!("{HOSTILE}/{case}/api");
    let upload = |body: Body| ResourceRequest::new("PUT", &url).expect("a method").body(body);
    let answer = client.fetch(upload(blob("a picture").into())).await.expect("an answer");
    assert_eq!(answer.status, 200);
    let form = FormData::new().expect("a form");
    form.append_with_blob("picture", &blob("another")).expect("a field");
    client.fetch(upload(form.into())).await.expect("an answer");
    let calls = api_calls(case).await;
    let sent = |index: usize| (calls[index].content_type.as_deref(), calls[index].body.as_str());
    assert_eq!([sent(0), sent(1)], [(Some("image/png"), "a picture"); 2], "refused, and repeated");
    assert!(sent(2).0.is_some_and(|kind| kind.starts_with("multipart/form-data; boundary=")));
    assert!(sent(2).1.contains("another"));
}

#[cfg(feature = "step-up")]
#[wasm_bindgen_test]
async fn a_request_that_is_repeated_after_a_sign_in_is_the_same_or_none() {
    use pixy_login::protocol::StepUpPolicy;
    use support::answer_to;

    let case = "step-up-acr~own-headers";
    let config = settings(case).step_up(StepUpPolicy::Automatic);
    let (tab, client) = signed_in(&config).await;
    let url = format!("{HOSTILE}/{case}/api");
    // The browser alone can read this, so it can't be kept.
    let unkept = ResourceRequest::new("PUT", &url).expect("a method").body(blob("a picture"));
    assert_eq!(client.fetch(unkept).await.expect("an answer").status, 401);

    let kept = ResourceRequest::patch(&url, "text/plain", "a letter");
    let kept = kept.header("Idempotency-Key", "7").expect("a header");
    let error = client.fetch(kept).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::SigningInAgain);
    tab.address.url.replace(answer_to(&tab.left_for()).await);
    let client = tab.open(&config);
    client.start().await.expect("a session");
    assert_eq!(client.repeated().await.expect("repeated").expect("an answer").status, 200);
    let calls = api_calls(case).await;
    for call in &calls[1..] {
        assert_eq!((call.method.as_str(), call.body.as_str()), ("PATCH", "a letter"));
        assert_eq!(call.content_type.as_deref(), Some("text/plain"));
        assert!(call.header_names.iter().any(|name| name == "idempotency-key"));
    }
    assert_eq!(calls.len(), 3);
}

/// Everything that a stream brings, and how it ends.
async fn all_of(mut stream: StreamedResponse) -> (Vec<u8>, Option<ErrorCode>) {
    let mut body = Vec::new();
    let mut failure = None;
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => body.extend(piece),
            Err(error) => failure = Some(error.code()),
        }
    }
    assert!(stream.next().await.is_none(), "the end stays the end");
    (body, failure)
}

async fn stream(client: &Client, request: ResourceRequest) -> StreamedResponse {
    client.fetch_streaming(request).await.expect("an answer")
}

/// How the calls of the API of a case were answered, once that is known of all.
async fn answered_calls(case: &str) -> Vec<Answered> {
    loop {
        let outcomes = api_calls(case).await.into_iter().map(|call| call.outcome);
        if let Some(answered) = outcomes.collect() {
            return answered;
        }
        next_task().await;
    }
}

/// Whether the client closed the connection before the last answer of the API was out.
async fn is_cut_short(case: &str) -> bool {
    answered_calls(case).await.pop().expect("a call").aborted
}

#[wasm_bindgen_test]
async fn an_answer_is_read_piece_by_piece_to_its_end() {
    for case in ["honest~stream", "dpop-nonce~stream", "t78-401-until-renewed~stream"] {
        let (_, client) = signed_in(&settings(case)).await;
        let answer = stream(&client, letter(case)).await;
        assert_eq!(answer.head().status, 200, "{case}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
        let (body, failure) = all_of(answer).await;
        assert!(body.starts_with(b"{\"ok\":true"), "{case}");
        assert_eq!(failure, None);
        assert!(!is_cut_short(case).await, "{case}");
        assert_eq!(record(case).await.violations, Vec::<String>::new());
    }
}

// The body of a refusal is looked through for the wish for a nonce, and is there all the same.
#[wasm_bindgen_test]
async fn a_refusal_is_streamed_like_any_answer() {
    for case in ["t78-401-for-ever~stream", "dpop-401~stream"] {
        let config = config(case).allow_dpop_origin(HOSTILE).expect("an origin");
        let (_, client) = signed_in(&config).await;
        let answer = stream(&client, letter(case)).await;
        assert_eq!(answer.head().status, 401);
        assert!(answer.head().www_authenticate.is_some());
        assert_eq!(all_of(answer).await, (b"{\"ok\":false}".to_vec(), None), "{case}");
    }
}

#[wasm_bindgen_test]
async fn an_answer_is_there_as_soon_as_it_begins_and_cancelled_when_it_is_dropped() {
    let case = "api-drips";
    let (_, client) = signed_in(&settings(case)).await;
    let mut answer = stream(&client, letter(case).timeout(Duration::from_millis(10_000))).await;
    assert_eq!(answer.next().await.expect("a piece").expect("good"), b"{");
    // Whoever stops waiting for a piece loses none.
    assert!(poll!(Box::pin(answer.next())).is_pending());
    assert_eq!(answer.next().await.expect("a piece").expect("good"), b"\"");
    drop(answer);
    assert!(is_cut_short(case).await);
}

#[wasm_bindgen_test]
async fn a_large_answer_is_bounded_when_it_is_read_whole_only() {
    let case = "api-floods";
    let (_, client) = signed_in(&settings(case)).await;
    let error = client.fetch(letter(case)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResponseTooLarge);
    let mut answer = stream(&client, letter(case)).await;
    let mut length = 0;
    while length < 20 << 20 {
        length += answer.next().await.expect("a piece").expect("good").len();
    }
    drop(answer);
    assert!(is_cut_short(case).await);
}

#[wasm_bindgen_test]
async fn each_piece_has_its_time_and_so_has_the_whole() {
    let case = "api-drips~limits";
    let (_, client) = signed_in(&settings(case)).await;
    // A byte each second.
    let impatient = stream(&client, letter(case).timeout(Duration::from_millis(400))).await;
    assert_eq!(all_of(impatient).await, (b"{".to_vec(), Some(ErrorCode::Timeout)));
    let (body, failure) =
        all_of(stream(&client, letter(case).stream_limit(Duration::from_millis(1_500))).await)
            .await;
    assert!((1..=2).contains(&body.len()), "{}", body.len());
    assert_eq!(failure, Some(ErrorCode::Timeout));
    // Between two pieces the app may take its time.
    let mut patient = stream(&client, letter(case).timeout(Duration::from_millis(900))).await;
    patient.next().await.expect("a piece").expect("good");
    let begin = Date::now();
    while Date::now() < begin + 1_500.0 {
        next_task().await;
    }
    patient.next().await.expect("a piece").expect("good");
}

#[wasm_bindgen_test]
async fn an_answer_that_is_cut_off_ends_with_an_error() {
    let case = "honest~cut-off";
    let (_, client) = signed_in(&settings(case)).await;
    control(&format!("fault/{case}/api/half")).await;
    let (body, failure) = all_of(stream(&client, letter(case)).await).await;
    assert!(body.len() < 20);
    assert_eq!(failure, Some(ErrorCode::NetworkOrCors));
    assert_eq!(status_of(&client, case).await, Err(ErrorCode::NetworkOrCors));
}

#[wasm_bindgen_test]
async fn an_api_that_never_answers_times_out_and_one_that_nobody_waits_for_is_cancelled() {
    let case = "api-never-answers";
    let (_, client) = signed_in(&settings(case)).await;
    for error in [
        client.fetch(letter(case).timeout(Duration::from_millis(300))).await.err(),
        client.fetch_streaming(letter(case).timeout(Duration::from_millis(300))).await.err(),
    ] {
        assert_eq!(error.map(|error| error.code()), Some(ErrorCode::Timeout));
    }
    let mut call = Box::pin(client.fetch(letter(case)));
    while api_calls(case).await.len() < 3 {
        assert!(poll!(&mut call).is_pending());
        next_task().await;
    }
    drop(call);
    assert!(is_cut_short(case).await);
}

#[wasm_bindgen_test]
async fn an_answer_has_the_headers_that_the_page_may_see() {
    let case = "honest~answer-headers";
    let (_, client) = signed_in(&settings(case)).await;
    let answer = client.fetch(letter(case)).await.expect("an answer");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), answer.content_type.as_deref());
    assert_eq!(answer.header("Access-Control-Allow-Origin"), None, "nobody exposed it");
    assert!(answer.headers.iter().all(|(name, _)| *name == name.to_ascii_lowercase()));
}

/// How many requests of any kind came to a case at one of the server's origins.
async fn arrived(server: &str, case: &str) -> usize {
    let response = send(request(&format!("{server}/_record/{case}"))).await.expect("the record");
    let record: Record = serde_json::from_slice(&response.body).expect("a record");
    record.requests.len()
}

// A browser takes `Authorization` off on the way to another origin, and neither the proof nor the body; on
// the way to the same origin it takes off nothing.
#[wasm_bindgen_test]
async fn r141_a_redirect_takes_no_token_anywhere() {
    for case in ["api-redirects", "api-redirects-dpop"] {
        // Also where the app may send it: the server doesn't decide that.
        let config = settings(case).allow_dpop_origin(SECOND).expect("an origin");
        let (_, client) = signed_in(&config).await;
        let mut asked = 0;
        for server in [HOSTILE, SECOND] {
            let target = format!("{server}/honest~target-of-{case}/api");
            send(request(&format!("{server}/_reset/honest~target-of-{case}")))
                .await
                .expect("a reset");
            for status in [301, 302, 303, 307, 308] {
                let url = format!("{HOSTILE}/{case}/api?status={status}&to={target}");
                let posted = ResourceRequest::post(&url, "text/plain", "a letter");
                for request in [ResourceRequest::get(&url), posted] {
                    let error = client.fetch(request).await.unwrap_err();
                    assert_eq!(error.code(), ErrorCode::NetworkOrCors, "{case} {status}");
                    asked += 1;
                }
            }
            assert_eq!(arrived(server, &format!("honest~target-of-{case}")).await, 0, "{server}");
        }
        let calls = answered_calls(case).await;
        assert_eq!(calls.len(), asked, "{case}");
        assert!(calls.iter().all(|answered| answered.location.is_some()), "it was sent on");
    }
}
