//! One text for one value: canonical JSON (RFC 8785) and its hash. Reads nothing, changes nothing.

mod sorted;

use serde::Serialize;
use serde_json::Serializer;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Why a value has no canonical text: it holds what RFC 8785 can't write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value has no canonical JSON: {0}")]
pub struct NotCanonical(pub String);

/// The value as canonical JSON: no white space, keys sorted by their UTF-16 units, numbers as ECMAScript writes them.
///
/// # Errors
/// If the name of a member is neither a text nor a number; a value that was read from JSON has none. (A float that is no number becomes
/// `null`, as with serde_json.)
pub fn text(value: &impl Serialize) -> Result<String, NotCanonical> {
    let written = sorted::text(|pen| value.serialize(&mut Serializer::with_formatter(pen, pen)));
    let text = written.map_err(|error| NotCanonical(error.to_string()))?;
    String::from_utf8(text).map_err(|error| NotCanonical(error.to_string()))
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
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

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

    #[test]
    fn whole_numbers_that_a_double_does_not_hold_are_written_as_the_double_that_is_next() {
        let odd = [(1_u64 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX];
        assert_eq!(text(&odd).unwrap(), "[9007199254740991,9007199254740992,9007199254740992,18446744073709552000]");
        assert_eq!(text(&[i64::MIN, -(1 << 53) - 1, -1]).unwrap(), "[-9223372036854776000,-9007199254740992,-1]");
        assert_eq!(text(&(i128::MAX, 0.1_f32, -0.0)).unwrap(), "[1.7014118346046923e+38,0.10000000149011612,0]");
        assert_eq!(text(&[f64::NAN, f64::INFINITY]).unwrap(), "[null,null]");
    }

    #[test]
    fn a_name_that_is_a_list_is_told() {
        let expected = "a value has no canonical JSON: key must be a string";
        assert_eq!(text(&BTreeMap::from([([1], 2)])).unwrap_err().to_string(), expected);
    }

    /// Any value, with names that are alike, that need escapes, and whose UTF-16 units have another order than their characters.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC*|[\u{0}-\u{7f}]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 8, |inner| {
            let name = "[ab]{0,2}|[\u{0}-\u{7f}]{1,2}|[ä\u{e000}\u{ffff}\u{10000}😀a]{1,2}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_written_as_another_program_writes_it(value in values()) {
            prop_assert_eq!(text(&value).unwrap(), serde_json_canonicalizer::to_string(&value).unwrap());
        }
    }
}
