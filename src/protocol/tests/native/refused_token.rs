//! What a refusal says of the token (RFC 6750 section 3.1).

use super::super::super::refused_token::wants_another_token;
use super::*;

fn answered(status: u16, header: &str) -> ServerResponse {
    ServerResponse { status, www_authenticate: Some(header.to_owned()), ..Default::default() }
}

#[test]
fn r57_a_token_that_is_called_invalid_may_be_replaced() {
    for header in [
        r#"Bearer error="invalid_token""#,
        r#"Bearer realm="mail", error="invalid_token", error_description="It ran out""#,
        r#"dpop ERROR=invalid_token, algs="ES256""#,
        r#"Basic realm="x", Bearer error="invalid_token", DPoP algs="ES256""#,
        r#"Bearer error="invalid_token", DPoP error="invalid_token""#,
    ] {
        assert!(wants_another_token(&answered(401, header), false), "{header}");
    }
}

// Where another sign-in, another proof or another request is wanted, another token is no help.
#[test]
fn r57_what_another_token_would_not_change_asks_for_none() {
    for has_run_out in [false, true] {
        for (status, header) in [
            (401, r#"Bearer error="insufficient_user_authentication", acr_values="gold""#),
            (401, r#"Bearer error="invalid_token", DPoP error="invalid_dpop_proof""#),
            (401, r#"DPoP error="use_dpop_nonce", Bearer error="invalid_token""#),
            (401, r#"Bearer error="invalid_request""#),
            (401, r#"Bearer error="Invalid_Token""#),
            (403, r#"Bearer error="invalid_token""#),
            (400, r#"Bearer error="invalid_token""#),
            (200, r#"Bearer error="invalid_token""#),
        ] {
            let answer = answered(status, header);
            assert!(!wants_another_token(&answer, has_run_out), "{status} {header}");
        }
    }
}

#[test]
fn r58_a_401_without_a_reason_is_about_the_token_when_it_has_run_out() {
    let hidden = ServerResponse { status: 401, ..Default::default() };
    for answer in [
        hidden,
        answered(401, ""),
        answered(401, "Bearer"),
        answered(401, r#"Bearer realm="mail""#),
        answered(401, r#"Basic realm="x", error="invalid_token""#),
        answered(401, r#"Bearer error="invalid_token", error="invalid_token""#),
    ] {
        assert!(!wants_another_token(&answer, false), "{:?}", answer.www_authenticate);
        assert!(wants_another_token(&answer, true), "{:?}", answer.www_authenticate);
    }
    assert!(!wants_another_token(&ServerResponse { status: 403, ..Default::default() }, true));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_header_is_read_without_a_panic(status in 100..600_u16, header in any_text(), has_run_out: bool) {
        let wanted = wants_another_token(&answered(status, &header), has_run_out);
        prop_assert!(!wanted || status == 401);
        prop_assert!(!wanted || has_run_out || header.to_lowercase().contains("invalid_token"));
    }
}
