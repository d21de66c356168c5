//! Canonical JSON and its hash: one value has one text, so that a hash can be made again by anybody.
//!
//! The form is that of RFC 8785 (JSON Canonicalization Scheme), less what nothing here needs: numbers are whole. Names are sorted
//! by their UTF-16 code units, nothing stands between the signs, and strings escape only what must be.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Gives the SHA-256 of a text's UTF-8 bytes, hexadecimal.
pub fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Writes a value in its canonical form.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
            into.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                write(&Value::String(name.clone()), into);
                into.push(':');
                write(value, into);
            }
            into.push('}');
        }
        Value::Array(items) => {
            into.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                write(item, into);
            }
            into.push(']');
        }
        // serde_json escapes what RFC 8785 escapes, in the same way.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(into, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_only_what_must_be_is_escaped() {
        // U+FB33 comes after U+1F600, whose UTF-16 begins with D83D: the order of RFC 8785, section 3.2.3.
        let value: Value = serde_json::from_str(
            r#"{"b":[1, -2, null, true],"a":{"y":"ấ\u0001\n\"\\/","x":""},"\ufb33":1,"\ud83d\ude00":2}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value),
            "{\"a\":{\"x\":\"\",\"y\":\"ấ\\u0001\\n\\\"\\\\/\"},\"b\":[1,-2,null,true],\"😀\":2,\"\u{fb33}\":1}"
        );
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
