//! Values of secrets in every encoding, and what is left of them.

use super::{Redacted, Redactor, Scanner, Value, can_be_hidden};
use base64::{Engine, engine::general_purpose::STANDARD};
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use serde_json::json;

/// A value with everything in it that an encoder changes.
const VALUE: &str = "p@ss \"w\\'\u{f6}/+?";

fn values(values: &[(&str, &[u8])]) -> Vec<Value> {
    values.iter().map(|(name, bytes)| Value { name: (*name).to_owned(), bytes: bytes.to_vec() }).collect()
}

/// What is left of a text where [`VALUE`] is a secret, and whether it was found in it before and is found afterwards.
fn told(text: &str) -> (String, bool, bool) {
    let values = values(&[("db", VALUE.as_bytes())]);
    let Redacted { content, places: _ } = Redactor::new(&values).text(text);
    // Whether or not it knows the encoder.
    assert_eq!(Redactor::that_undoes(&values).text(text).content, content, "{text}");
    let scanner = Scanner::new(&values);
    let after = scanner.finds(content.as_bytes()).is_some();
    (content, scanner.finds(text.as_bytes()).is_some(), after)
}

/// The text is known for one that has the value, and this is left.
#[track_caller]
fn assert_left(text: &str, left: &str) {
    assert_eq!(told(text), (left.to_owned(), true, false), "{text}");
}

#[test]
fn a_value_is_taken_out_as_it_is_with_and_without_a_line_break() {
    assert_left("a p@ss \"w\\'\u{f6}/+? b", "a [redacted] b");
    assert_left("p@ss \"w\\'\u{f6}/+?\nb", "[redacted]\nb");
    let with_break = values(&[("db", b"hunter2\r\n")]);
    for redactor in [Redactor::new(&with_break), Redactor::that_undoes(&with_break)] {
        assert_eq!(redactor.text("x=hunter2;").content, "x=[redacted];");
    }
    assert_eq!(Scanner::new(&with_break).finds(b"x=hunter2;"), Some("db"));
}

#[test]
fn a_value_is_taken_out_of_json_and_of_json_in_json() {
    assert_left(r#"{"a":"p@ss \"w\\'ö/+?"}"#, r#"{"a":"[redacted]"}"#);
    assert_left(r#"{"a":"p@ss \"w\\'ö\/+?"}"#, r#"{"a":"[redacted]"}"#);
    assert_left(r#"{"a":"p@ss \"w\\'\u00f6/+?\n"}"#, r#"{"a":"[redacted]\n"}"#);
    assert_left(r#"{"a":"p@ss \"w\\'\u00F6/+?"}"#, r#"{"a":"[redacted]"}"#);
    assert_left(r#"{"log":"{\"a\":\"p@ss \\\"w\\\\'ö/+?\"}"}"#, r#"{"log":"{\"a\":\"[redacted]\"}"}"#);
}

#[test]
fn a_character_that_json_writes_in_two_halves_is_read_as_one() {
    let values = values(&[("db", "hunter\u{1f600}".as_bytes())]);
    for redactor in [Redactor::new(&values), Redactor::that_undoes(&values)] {
        assert_eq!(redactor.text(r#"{"a":"hunter\ud83d\ude00"}"#).content, r#"{"a":"[redacted]"}"#);
    }
    assert_eq!(Scanner::new(&values).finds(br#"{"a":"hunter\uD83D\uDE00"}"#), Some("db"));
}

#[test]
fn a_value_is_taken_out_of_urls_whatever_they_encode() {
    assert_left("//u:p%40ss%20%22w%5C%27%C3%B6%2F%2B%3F@db", "//u:[redacted]@db");
    assert_left("//u:p%40ss%20%22w%5c%27%c3%b6%2f%2b%3f@db", "//u:[redacted]@db");
    assert_left("a=p%40ss+%22w%5C%27%C3%B6%2F%2B%3F&b", "a=[redacted]&b");
    assert_left("a=p%2540ss%2520%2522w%255C%2527%25C3%25B6%252F%252B%253F&b", "a=[redacted]&b");
    // As no encoder of the scanner's writes it.
    assert_eq!(told("a=%70@s%73 %22w\\%27%C3%b6/+?&b").0, "a=[redacted]&b");
}

#[test]
fn a_value_is_taken_out_of_base64_wherever_it_begins_in_it() {
    // The letters at both ends are made of the value's neighbours, too.
    for (before, after, left) in [
        ("", "", "[redacted]8="),
        ("", "\n", "[redacted]8K"),
        ("x", "", "eH[redacted]"),
        ("x", "\n", "eH[redacted]Cg=="),
        ("xx", "", "eHh[redacted]w=="),
        ("xx", "yz", "eHh[redacted]3l6"),
    ] {
        let text = STANDARD.encode(format!("{before}{VALUE}{after}"));
        let (found, was, is) = told(&format!("{text} "));
        assert_eq!((found.as_str(), was, is), (format!("{left} ").as_str(), true, false), "{text}");
    }
    let (standard, url_safe) = ("??>>??>>", "Pz8-Pj8_Pj4");
    let values = values(&[("db", standard.as_bytes())]);
    assert_eq!(Redactor::new(&values).text(url_safe).content, "[redacted]4");
    assert_eq!(Scanner::new(&values).finds(url_safe.as_bytes()), Some("db"));
}

#[test]
fn a_value_is_taken_out_of_hexadecimal_digits_of_both_kinds() {
    assert_left("00704073732022775c27c3b62f2b3f00", "00[redacted]00");
    assert_left("00704073732022775C27C3B62F2B3F00", "00[redacted]00");
}

#[test]
fn a_value_is_taken_out_of_what_shells_quote() {
    assert_left(r#"echo 'p@ss "w\'\''ö/+?' b"#, "echo '[redacted]' b");
    assert_left(r#"echo "p@ss \"w\\'ö/+?" b"#, r#"echo "[redacted]" b"#);
    assert_left(r#"echo p\@ss\ \"w\\\'ö\/\+\? b"#, "echo [redacted] b");
    // In two kinds of quotes, and as Bash's `printf %q` writes what is not ASCII.
    assert_eq!(told(r#"echo 'p@ss "w\'"'"'ö/+?' b"#).0, "echo '[redacted]' b");
    assert_eq!(told(r#"echo $'p@ss "w\\\'\303\266/+?' b"#).0, "echo $'[redacted]' b");
}

#[test]
fn each_line_of_a_value_and_each_large_piece_of_it_is_taken_out() {
    let key =
        "-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmX\nx8Hd0Vqk2PwQ==\n-----END KEY-----\n";
    let values = values(&[("key", key.as_bytes())]);
    let left = |text: &str| Redactor::new(&values).text(text).content;
    assert_eq!(left("a x8Hd0Vqk2PwQ== b"), "a [redacted] b");
    assert_eq!(left("a ByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQ\u{2026}"), "a [redacted]\u{2026}");
    let encoded: String = STANDARD.encode(key).chars().take(76).collect();
    assert_eq!(left(&encoded), "[redacted]");
}

#[test]
fn what_is_too_short_stays_and_nothing_else_is_touched() {
    assert_eq!(
        ["", "a", "abc", "abc\n", "abcd"].map(|value| can_be_hidden(value.as_bytes())),
        [false, false, false, false, true]
    );
    let values = values(&[("short", b"abc"), ("db", b"hunter2")]);
    let text = "abc hunter hunter3 %41 \\u0041 'a' + \\ % \\x \\u12 caf\u{e9} \u{0}";
    assert_eq!(Redactor::new(&values).redact(text.as_bytes()), Redacted { content: text.into(), places: 0 });
    assert_eq!(Scanner::new(&values).finds(text.as_bytes()), None);
    let binary: Vec<u8> = (0..=255).collect();
    assert_eq!(Redactor::new(&values).redact(&binary).content, binary);
}

#[test]
fn a_document_stays_one_whatever_the_value_is() {
    let values = values(&[("one", b"true"), ("two", b"2026"), ("three", b"name"), ("four", b"null")]);
    let document = json!({ "name": "x", "on": true, "off": false, "at": 120267, "none": null, "list": ["surname"] });
    let Redacted { content, places } = Redactor::new(&values).json(&document);
    let expected = json!({
        "[redacted]": "x", "on": "[redacted]", "off": false, "at": "1[redacted]7", "none": "[redacted]", "list": ["sur[redacted]"]
    });
    assert_eq!((content, places), (expected, 5));
}

#[test]
fn what_stands_in_a_values_place_is_no_value_itself() {
    let left = |value: &str| Redactor::new(&values(&[("db", value.as_bytes())])).text(&format!("a {value} b")).content;
    assert_eq!(left("redacted"), "a [left out] b");
    assert_eq!(left("it is [redacted] and left out"), "a ******** b");
}

#[test]
fn values_that_overlap_or_touch_go_as_one() {
    let values = values(&[("one", b"abcdef"), ("two", b"defghi"), ("three", b"1234")]);
    let Redacted { content, places } = Redactor::new(&values).text("xabcdefghi1234y 1234");
    assert_eq!((content.as_str(), places), ("x[redacted]y [redacted]", 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever the value, its surroundings and the way that it is written in: the scanner, which knows encoders, finds nothing any more.
    #[test]
    fn nothing_of_what_any_encoder_makes_of_a_value_is_left(value in "[ -~\u{e4}\n]{4,60}", before in "[a-z \"%\\\\+]{0,9}", after in "[A-Z =&']{0,9}") {
        let values = values(&[("db", value.as_bytes())]);
        prop_assume!(can_be_hidden(value.as_bytes()));
        assert_all_gone(&Redactor::new(&values), (&before, &value, &after))?;
    }

    /// Also where the redactor knows no encoder, and only undoes what any of them can have done: but for quotes in what is too short
    /// without them.
    #[test]
    fn what_undoes_encodings_finds_what_any_encoder_makes_of_a_value(value in "[ -~\u{e4}\n]{4,60}", before in "[a-z ]{0,9}", after in "[A-Z ]{0,9}") {
        let values = values(&[("db", value.as_bytes())]);
        prop_assume!(can_be_hidden(value.replace(['\'', '"', '\\'], "").as_bytes()));
        assert_all_gone(&Redactor::that_undoes(&values), (&before, &value, &after))?;
    }
}

fn assert_all_gone(redactor: &Redactor, (before, value, after): (&str, &str, &str)) -> Result<(), TestCaseError> {
    let scanner = Scanner::new(&values(&[("db", value.as_bytes())]));
    let core = super::core(value.as_bytes());
    let encoded = super::encodings::of(core).into_iter().chain(super::forms::of(core));
    for text in encoded.filter(|text| text.len() >= super::SHORTEST) {
        let text = [before.as_bytes(), &text, after.as_bytes()].concat();
        prop_assert_eq!(scanner.finds(&text), Some("db"));
        let left = redactor.redact(&text).content;
        let shown = [&left, &text].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        prop_assert_eq!(scanner.finds(&left), None, "left and text: {:?}", shown);
    }
    Ok(())
}
