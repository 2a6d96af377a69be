//! Bytes that are JSON, and bytes that are not.

use super::{MAXIMUM_BYTES, MAXIMUM_DEPTH, read};
use crate::diagnostics::Document;
use pretty_assertions::assert_eq;

/// Each finding on a line: its bytes, what is wrong, label, cure, and the other places.
fn said(bytes: &[u8]) -> Vec<String> {
    let reading = read("plan.json", bytes, Document::Plan);
    reading
        .findings
        .iter()
        .map(|finding| {
            let span = reading.source.span_of(&finding.place);
            let also =
                finding.also.iter().map(|(place, label)| format!(" | {:?} {label}", reading.source.span_of(place)));
            let also: String = also.collect();
            format!("{} {span:?} {} | {} | {}{also}", finding.code, finding.message, finding.label, finding.help)
        })
        .collect()
}

const MISTAKES: &[(&str, &str)] = &[
    ("{\"a\": 1,}", "LF001 7..8 a comma after the last element | remove it | "),
    ("[1,2,]", "LF001 4..5 a comma after the last element | remove it | "),
    ("{\"a\": 1\n \"b\": 2}", "LF001 6..7 a comma is missing | `,` is expected after this | "),
    ("[1 2]", "LF001 1..2 a comma is missing | `,` is expected after this | "),
    ("{\"a\" 1}", "LF001 5..6 a colon is missing | `:` is expected before this | "),
    (
        "{a: 1}",
        "LF001 1..2 a key without quotes | put it in double quotes | keys and texts are written in double quotes",
    ),
    (
        "{'a': 1}",
        "LF001 1..2 a text in single quotes | use double quotes | keys and texts are written in double quotes",
    ),
    (
        "{\"a\": 'x'}",
        "LF001 6..7 a text in single quotes | use double quotes | keys and texts are written in double quotes",
    ),
    (
        "// c\n{}",
        "LF001 0..4 JSON has no comments | a comment | a key that begins with `x-` can hold one: \"x-note\": \"…\"",
    ),
    (
        "{\"a\": /* x */ 1}",
        "LF001 6..13 JSON has no comments | a comment | a key that begins with `x-` can hold one: \"x-note\": \"…\"",
    ),
    (
        "{\"a\": 1 # c\n}",
        "LF001 8..9 JSON has no comments | a comment | a key that begins with `x-` can hold one: \"x-note\": \"…\"",
    ),
    ("{\"a\": [1, 2 }", "LF001 12..13 an array is closed with `}` | `]` is expected here | "),
    ("{\"a\": [1, }", "LF001 10..11 a comma after the last element | a value or `]` is expected here | "),
    ("{\"a\": 1 ]", "LF001 8..9 an object is closed with `]` | `}` is expected here | "),
    ("{\"a\": }", "LF001 6..7 a value is missing before `}` | a value is expected here | "),
    ("{\"a\": ]", "LF001 6..7 a value is missing before `]` | a value is expected here | "),
    ("[1,,2]", "LF001 3..4 a value is missing before a comma | a value is expected here | "),
    ("{,}", "LF001 1..2 a key is missing | a key in double quotes or `}` is expected here | "),
    ("{\"a\": 1,,}", "LF001 8..9 a key is missing after a comma | a key in double quotes is expected here | "),
    (
        "{} {}",
        "LF001 3..4 something stands after the end | the value that began the file ended before this | is a bracket closed too early?",
    ),
    (
        "{} }",
        "LF001 3..4 something stands after the end | the value that began the file ended before this | is a bracket closed too early?",
    ),
    (
        "{\"a\": True}",
        "LF001 6..10 a word or sign without quotes | not a value | JSON writes `true`, `false` and `null` in lower case",
    ),
    (
        "{\"a\": yes}",
        "LF001 6..9 a word or sign without quotes | not a value | write `true`, or put the text in double quotes",
    ),
    (
        "{\"a\": No }",
        "LF001 6..8 a word or sign without quotes | not a value | write `false`, or put the text in double quotes",
    ),
    ("{\"a\": none,", "LF001 6..10 a word or sign without quotes | not a value | leave the field out"),
    (
        "{\"a\": podman}",
        "LF001 6..12 a word or sign without quotes | not a value | keys and texts are written in double quotes",
    ),
    (
        "{\"a\": 0x1}",
        "LF001 6..9 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": +1}",
        "LF001 6..8 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": .5}",
        "LF001 6..8 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": 5.}",
        "LF001 6..8 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": -}",
        "LF001 6..7 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": 1e}",
        "LF001 6..8 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": 0640}",
        "LF001 6..10 a number that begins with 0 | not a number | leave out the 0 in front, or write a text in double quotes, as for file modes: \"0640\"",
    ),
    (
        "{\"a\": 1.2.3}",
        "LF001 6..11 not a number as JSON writes it | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    (
        "{\"a\": NaN}",
        "LF001 6..9 a word or sign without quotes | not a value | keys and texts are written in double quotes",
    ),
    (
        "{\"a\": -Infinity}",
        "LF001 6..15 JSON has no infinity | not a number | write a number like 80, -1 or 0.5, or a text in double quotes",
    ),
    ("{\"a\": \"x}", "LF001 6..9 a text is not closed | `\"` is missing | close it with `\"`"),
    (
        "{\"a\": \"x,\n\"b\": 1}",
        "LF001 6..9 a text is not closed on its line | `\"` is missing | close it with `\"`; a line break inside a text is written `\\n`",
    ),
    (
        "{\"a\": \"\\q\"}",
        "LF001 7..9 an escape that JSON does not have | not an escape | a backslash is written `\\\\`; the others are \\\" \\/ \\b \\f \\n \\r \\t and \\u0000",
    ),
    (
        "{\"a\": \"\\u12\"}",
        "LF001 7..9 an escape that is not complete | four hexadecimal digits are expected after `\\u` | ",
    ),
    (
        "{\"a\": \"\\ud800\"}",
        "LF001 7..13 half a character | a surrogate without its other half | write the character itself; the file is UTF-8",
    ),
    (
        "{\"a\": \"\\udc00\"}",
        "LF001 7..13 half a character | a surrogate without its other half | write the character itself; the file is UTF-8",
    ),
    ("{\"a\": \"\t\"}", "LF001 7..8 a raw control character in a text | U+0009 | write it as `\\t`"),
    ("{\"a\": 1e400}", "LF001 6..11 a number too large to be represented | larger than any number here needs to be | "),
    ("{", "LF001 0..1 the file ends inside an object | `}` is expected after this |  | 0..1 this object is not closed"),
    ("[", "LF001 0..1 the file ends inside an array | `]` is expected after this |  | 0..1 this array is not closed"),
    ("{\"a\"", "LF001 3..4 the file ends too early | `:` and a value are expected after this | "),
    ("{\"a\":", "LF001 4..5 the file ends too early | a value is expected after this | "),
    (
        "{\"a\": {\"b\": 1}",
        "LF001 13..14 the file ends inside an object | `}` is expected after this |  | 0..1 this object is not closed",
    ),
    (
        "{\"a\": 1,",
        "LF001 7..8 the file ends inside an object | `}` is expected after this |  | 0..1 this object is not closed",
    ),
    ("{\"a\":: 1}", "LF001 5..6 two colons | a value is expected here | "),
    (
        "[\"a\": 1]",
        "LF001 4..5 a colon outside an object | a value, `,` or `]` is expected here | keys stand in objects: `{ \"key\": … }`",
    ),
    ("{\"a\": 1 [", "LF001 8..9 an object goes on without a comma | `,` or `}` is expected here | "),
    ("{\"a\": 1 : 2}", "LF001 8..9 an object goes on without a comma | `,` or `}` is expected here | "),
    ("nul", "LF001 0..3 a word or sign without quotes | not a value | keys and texts are written in double quotes"),
    ("", "LF001 0..0 the file is empty |  | a JSON object is expected: `{ … }`"),
    (" \n ", "LF001 0..3 the file is empty |  | a JSON object is expected: `{ … }`"),
    ("{\"a\":\u{a0}1}", "LF001 5..7 white space that JSON does not have | U+00A0 | write an ordinary space"),
];

#[test]
fn the_first_mistake_is_told_with_what_is_expected() {
    for (text, expected) in MISTAKES {
        assert_eq!((*text, said(text.as_bytes())), (*text, vec![(*expected).to_owned()]));
    }
}

#[test]
fn bytes_that_are_no_text_are_one_finding() {
    for (bytes, expected) in [
        (
            &b"\xEF\xBB\xBF{}"[..],
            "LF004 0..3 the file begins with a byte order mark (UTF-8) | before the first character | save the file as UTF-8 without a byte order mark",
        ),
        (
            &b"\xFF\xFE{\0}\0"[..],
            "LF004 0..6 the file begins with a byte order mark (UTF-16) | before the first character | save the file as UTF-8 without a byte order mark",
        ),
        (&b"{\"a\": \"\xE4\"}"[..], "LF004 7..10 the file is not UTF-8 | not a character | save the file as UTF-8"),
        (&b"{\"a\": \0}"[..], "LF001 6..7 a NUL byte in the text | NUL | JSON is plain text; is it the right file?"),
    ] {
        assert_eq!(said(bytes), vec![expected.to_owned()]);
    }
}

#[test]
fn every_key_that_stands_again_is_told_with_the_first() {
    let text = br#"{"a": {"b": 1, "b": 2}, "\u0061": 2, "a": 3}"#;
    assert_eq!(
        said(text),
        [
            "LF002 15..18 `b` stands twice in one object | here again | remove one of them; JSON leaves open which one would count | 7..10 first here",
            "LF002 24..32 `a` stands twice in one object | here again | remove one of them; JSON leaves open which one would count | 1..4 first here",
            "LF002 37..40 `a` stands twice in one object | here again | remove one of them; JSON leaves open which one would count | 1..4 first here",
        ]
    );
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    let reading = read("plan.json", br#"{"a": 1, "a": 2}"#, Document::Plan);
    assert_eq!(reading.value, Some(serde_json::json!({"a": 2})));
}

#[test]
fn a_whole_number_is_whole_however_it_is_written() {
    let reading = read("plan.json", b"[3.0, 3e0, -0.0, 30E-1, 3.5, 1e300, 18446744073709551615]", Document::Plan);
    assert_eq!(reading.value, Some(serde_json::json!([3, 3, 0, 3, 3.5, 1e300, 18_446_744_073_709_551_615_u64])));
}

#[test]
fn a_text_at_the_bounds_is_read_and_one_beyond_is_not() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(said(deep(MAXIMUM_DEPTH).as_bytes()), Vec::<String>::new());
    assert_eq!(
        said(deep(MAXIMUM_DEPTH + 1).as_bytes()),
        ["LF003 64..65 more than 64 objects and arrays inside one another | too deep | is it the right file?"]
    );
    assert_eq!(said(format!("\"{}\"", "x".repeat(MAXIMUM_BYTES - 2)).as_bytes()), Vec::<String>::new());
    assert_eq!(
        said(format!("\"{}\"", "x".repeat(MAXIMUM_BYTES - 1)).as_bytes()),
        ["LF003 0..0 the file has 1048577 bytes |  | at most 1048576 bytes (1 MiB) are read; is it the right file?"]
    );
}

/// What is proposed for the first mistake.
fn proposed(text: &str) -> Vec<String> {
    let findings = read("plan.json", text.as_bytes(), Document::Plan).findings;
    findings.into_iter().flat_map(|finding| finding.fixes).map(|fix| fix.title).collect()
}

#[test]
fn a_word_is_put_in_quotes_only_where_it_is_the_whole_value() {
    assert_eq!(proposed("{\"image\": web}"), ["put it in double quotes"]);
    // A quote was forgotten in front of all of it.
    assert_eq!(proposed("{\"image\": registry.example/web:1\"}"), [] as [&str; 0]);
    assert_eq!(proposed("{\"target\": etc/web\"}"), [] as [&str; 0]);
}

#[test]
fn digits_behind_a_text_are_no_number_with_a_zero_in_front() {
    assert_eq!(proposed("{\"mode\": 0755}"), ["write 755"]);
    assert_eq!(proposed("{\"mode\": \"\"0755}"), ["add `,`"]);
}

#[test]
fn brackets_and_escapes_inside_texts_do_not_count() {
    let text = format!("[\"\\\\\\\"{}\"]", "[".repeat(100));
    assert_eq!(said(text.as_bytes()), Vec::<String>::new());
}

proptest::proptest! {
    #[test]
    fn whatever_serde_json_reads_is_read_and_nothing_else(text in r#"[\[\]{}:,"0-9a-e.\\ntu\-+ ]{0,24}"#) {
        let reading = read("plan.json", text.as_bytes(), Document::Plan);
        let expected: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let canonical = |value: Option<serde_json::Value>| value.map(|value| crate::plan::canonical::text(&value));
        proptest::prop_assert_eq!(canonical(reading.value), canonical(expected));
    }

    #[test]
    fn any_bytes_give_a_value_or_a_finding_that_has_a_place(bytes in proptest::collection::vec(0_u8..=255, 0..40)) {
        let reading = read("plan.json", &bytes, Document::Plan);
        proptest::prop_assert_eq!(reading.value.is_none(), !reading.findings.is_empty());
        for finding in &reading.findings {
            let span = reading.source.span_of(&finding.place);
            proptest::prop_assert!(reading.source.text().get(span).is_some());
        }
    }
}
