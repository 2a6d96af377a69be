//! One text for one value: canonical JSON (RFC 8785) and its hash. Reads nothing, changes nothing.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Why a value has no canonical text: it holds what RFC 8785 can't write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value has no canonical JSON: {0}")]
pub struct NotCanonical(pub String);

/// The value as canonical JSON: no white space, keys sorted by their UTF-16 units, numbers as ECMAScript writes them.
///
/// # Errors
/// If a number is not representable; a value that was read from JSON has none.
pub fn text(value: &impl Serialize) -> Result<String, NotCanonical> {
    serde_json_canonicalizer::to_string(value).map_err(|error| NotCanonical(error.to_string()))
}

/// The SHA-256 of the canonical text, as 64 lower-case hexadecimal digits.
///
/// # Errors
/// As [`text`].
pub fn sha256(value: &impl Serialize) -> Result<String, NotCanonical> {
    let digest = Sha256::digest(text(value)?.as_bytes());
    Ok(digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _never_fails = write!(digits, "{byte:02x}");
        digits
    }))
}

#[cfg(test)]
mod tests {
    use super::{sha256, text};
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_numbers_written_as_ecmascript_does() {
        let value = json!({"b": [1.0, 1e21, "ä\n"], "a": null, "\u{10000}": 1, "\u{e000}": 2});
        let expected = "{\"a\":null,\"b\":[1,1e+21,\"ä\\n\"],\"\u{10000}\":1,\"\u{e000}\":2}";
        assert_eq!(text(&value), Ok(expected.to_owned()));
    }

    #[test]
    fn the_hash_does_not_depend_on_how_the_value_was_written() {
        let written = |text: &str| sha256(&serde_json::from_str::<serde_json::Value>(text).unwrap());
        let expected = Ok("43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777".to_owned());
        assert_eq!([written("{ \"b\": 2.0, \"a\": 1 }"), written("{\"a\":1,\"b\":2}")], [expected.clone(), expected]);
    }
}
