//! Texts that are no JSON, or more of it than is read.

use crate::{PLAN, told_of};
use pretty_assertions::assert_eq;

/// The same finding, and no other, for the plan and for the secrets file.
fn refused(content: impl AsRef<[u8]>, finding: &str) {
    let content = content.as_ref();
    let shown = String::from_utf8_lossy(content.get(..60).unwrap_or(content)).into_owned();
    assert_eq!(told_of(content), [(); 2].map(|()| vec![finding.to_owned()]), "{shown}");
}

/// A plan with these bytes before its last brace.
fn with(bytes: &[u8]) -> Vec<u8> {
    [PLAN.trim_end_matches('}').as_bytes(), b"}}, \"x-note\": \"", bytes, b"\"}"].concat()
}

#[test]
fn one_byte_more_than_a_mebibyte_is_too_large_and_a_mebibyte_is_read() {
    let padded = |length: usize| format!("{PLAN}{}", " ".repeat(length - PLAN.len()));
    refused(padded((1 << 20) + 1), "LF003 the file has more than 1048576 bytes");
    assert_eq!(told_of(padded(1 << 20).as_bytes())[..1], [[] as [&str; 0]; 1]);
}

#[test]
fn what_is_too_deep_is_told_before_anything_is_made_of_it() {
    let finding = "LF003 more than 64 objects and arrays inside one another: too deep";
    refused(format!("{}{}", "[".repeat(65), "]".repeat(65)), finding);
    refused("[".repeat(1_000_000), finding);
    refused("{\"a\":".repeat(170_000), finding);
}

#[test]
fn too_many_values_and_too_long_keys_are_told_before_anything_is_made_of_them() {
    let finding = "LF003 more than 20000 values in one file: too many";
    refused(format!("[{}1]", "1,".repeat(500_000)), finding);
    refused(format!("{{{}}}", vec!["\"a\":1"; 150_000].join(",")), finding);
    refused(format!("{{\"{}\": 1}}", "k".repeat(1_000_000)), "LF003 a key has 1000000 bytes: begins here");
}

#[test]
fn what_is_not_utf_8_is_told_as_such() {
    let finding = "LF004 the file is not UTF-8: not a character";
    for bytes in [&b"\xe9"[..], b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"] {
        refused(with(bytes), finding);
    }
}

#[test]
fn byte_order_marks_are_told_by_their_names() {
    let mark =
        |name: &str| format!("LF004 the file begins with a byte order mark ({name}): before the first character");
    let utf_16 = |order: fn(u16) -> [u8; 2]| PLAN.encode_utf16().flat_map(order).collect::<Vec<_>>();
    refused([b"\xef\xbb\xbf", PLAN.as_bytes()].concat(), &mark("UTF-8"));
    refused([b"\xff\xfe".to_vec(), utf_16(u16::to_le_bytes)].concat(), &mark("UTF-16"));
    refused([b"\xfe\xff".to_vec(), utf_16(u16::to_be_bytes)].concat(), &mark("UTF-16"));
    refused(b"\xff\xfe\0\0{\0\0\0}\0\0\0", &mark("UTF-32"));
    refused(utf_16(u16::to_le_bytes), "LF001 a NUL byte in the text: NUL");
}

#[test]
fn characters_that_are_none_are_told_where_they_stand() {
    refused(with(b"\0"), "LF001 a NUL byte in the text: NUL");
    refused(b"\0\0\0\0", "LF001 a NUL byte in the text: NUL");
    for escape in ["\\ud800", "\\udc00 b", "\\ud800\\u0041"] {
        refused(with(escape.as_bytes()), "LF001 half a character: a surrogate without its other half");
    }
}

#[test]
fn numbers_that_nothing_can_hold_are_told_and_small_ones_are_not() {
    let number = |number: &str| format!("{{\"x-a\": {number}}}");
    let finding = "LF001 a number too large to be represented: larger than any number here needs to be";
    for large in ["1e400", "-1e400", &"9".repeat(500_000), &format!("1e{}", "9".repeat(500_000))] {
        refused(number(large), finding);
    }
    refused(number("NaN"), "LF001 a word or sign without quotes: not a value");
}

#[test]
fn nothing_at_all_is_told_as_an_empty_file() {
    refused("", "LF001 the file is empty");
    refused(" \n\t ", "LF001 the file is empty");
}

#[test]
fn what_stands_behind_the_value_is_told() {
    for more in ["{}", "}", " x"] {
        let told = told_of(format!("{PLAN}{more}").as_bytes());
        let codes = told.each_ref().map(|told| told.iter().map(|told| &told[..5]).collect::<Vec<_>>());
        assert_eq!(codes, [["LF001"]; 2], "{more}: {told:?}");
    }
}

#[test]
fn a_key_that_stands_twice_is_told_at_every_level() {
    for depth in [0, 1, 30, 61] {
        let content = format!("{{\"x-a\": {}{{\"b\": 1, \"b\": 2}}{}}}", "{\"a\": ".repeat(depth), "}".repeat(depth));
        let told = told_of(content.as_bytes());
        let finding = "LF002 `b` stands twice in one object: here again";
        assert_eq!(told.map(|told| told.iter().filter(|told| *told == finding).count()), [1; 2], "{depth}");
    }
}
