//! The three encodings of the wire: percent-encoded forms, base64url, and JSON text built from
//! members so that a value may also be what no JSON library would write.

/// Name and value pairs in the order of the wire; the same name may stand more than once.
pub type Pairs = Vec<(String, String)>;

/// The first value of `name`.
pub fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(key, _)| key == name)?;
    Some(value)
}

/// Reads an `application/x-www-form-urlencoded` text.
pub fn parse_form(text: &str) -> Pairs {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(name), form_decode(value))
        })
        .collect()
}

/// Writes pairs as an `application/x-www-form-urlencoded` text.
pub fn write_form(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    encoded.join("&")
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Undoes percent-encoding; a malformed escape stays as it is.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while position < bytes.len() {
        let escape = (bytes[position] == b'%')
            .then(|| text.get(position + 1..position + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escape.unwrap_or(bytes[position]));
        position += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn form_decode(text: &str) -> String {
    percent_decode(&text.replace('+', " "))
}

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding (RFC 7515 appendix C).
pub fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = (at(0) << 16) | (at(1) << 8) | at(2);
        for place in 0..=chunk.len() {
            let index = (group >> (18 - 6 * place)) & 63;
            text.push(char::from(BASE64URL[index as usize]));
        }
    }
    text
}

/// Reads base64url without padding.
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut group: u32 = 0;
        for place in 0..4 {
            let value = match chunk.get(place) {
                Some(character) => BASE64URL.iter().position(|known| known == character)?,
                None => 0,
            };
            group = (group << 6) | u32::try_from(value).ok()?;
        }
        bytes.extend(&group.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

/// Writes a JSON object from names and values that are JSON text already.
pub fn json_object(members: &[(String, String)]) -> String {
    let written: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", json_string(name))).collect();
    format!("{{{}}}", written.join(","))
}

/// Writes a JSON string.
pub fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_survive_the_round_trip() {
        let pairs = vec![
            ("state".to_owned(), "a b+c&d=é%".to_owned()),
            ("state".to_owned(), String::new()),
        ];
        assert_eq!(parse_form(&write_form(&pairs)), pairs);
    }

    #[test]
    fn malformed_escapes_stay() {
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
        assert_eq!(percent_decode("%41é"), "Aé");
    }

    #[test]
    fn base64url_follows_the_test_vectors_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(plain.as_bytes()), encoded);
            assert_eq!(base64url_decode(encoded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(base64url_decode("Zm9vY"), None);
        assert_eq!(base64url_decode("Zm9="), None);
    }

    #[test]
    fn objects_keep_order_repeats_and_raw_values() {
        let members = [("a", "NaN"), ("a", "\"x\"")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(json_object(&members), r#"{"a":NaN,"a":"x"}"#);
    }
}
