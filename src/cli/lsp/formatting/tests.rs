//! Formatting changes the layout and nothing else.

use super::{Indentation, edits};
use crate::diagnostics::Document;
use crate::plan::text::read;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

fn formatted_with(text: &str, indentation: &Indentation) -> Option<String> {
    let mut formatted = text.to_owned();
    for (bytes, new) in edits(text, indentation)?.into_iter().rev() {
        formatted.replace_range(bytes, &new);
    }
    Some(formatted)
}

fn formatted(text: &str) -> String {
    formatted_with(text, &Indentation::default()).unwrap()
}

#[test]
fn the_example_plans_are_laid_out_as_formatting_lays_them_out() {
    let plans = [
        include_str!("../../../../plans/shop.json"),
        include_str!("../../../../plans/every-field.json"),
        include_str!("../../../../plans/minimal.json"),
        include_str!("../../../../plans/disks.json"),
        include_str!("../../../../plans/shop.secrets.json"),
    ];
    assert_eq!(plans.map(|plan| edits(plan, &Indentation::default())), std::array::from_fn(|_| Some(Vec::new())));
}

#[test]
fn what_was_on_one_line_stays_there_and_what_was_open_stays_open() {
    let text = "\n{\"b\":{\"z\":1,\"a\" : [ ]},\n\n\n\"a\":[\n1.50 ,2e0],\"c\":{\n},\"d\": {\"x\":{\"y\":[\n\"\\u00e4\"]}}\n }";
    let expected = r#"{
  "b": { "z": 1, "a": [] },

  "a": [
    1.50,
    2e0
  ],
  "c": {},
  "d": {
    "x": {
      "y": [
        "\u00e4"
      ]
    }
  }
}
"#;
    // The outermost bracket has no line break behind it, but what is open in it opens it.
    assert_eq!(formatted(text), expected);
    assert_eq!(formatted("{\"a\":[1,{\"b\":{}}]}"), "{ \"a\": [1, { \"b\": {} }] }\n");
    assert_eq!(formatted("7"), "7\n");
}

#[test]
fn what_does_not_fit_on_a_line_is_opened() {
    let fits = format!("{{\n  \"k\": [{}],\n  \"l\": 1\n}}\n", ["\"12345678\""; 11].join(", "));
    let line = fits.lines().nth(1).unwrap().chars().count();
    assert_eq!(line, 140);
    assert_eq!(formatted(&fits), fits);
    let longer = fits.replacen("\"12345678\"", "\"123456789\"", 1);
    let opened = longer.replace("[\"", "[\n    \"").replace("\", \"", "\",\n    \"").replace("\"],", "\"\n  ],");
    assert_eq!(formatted(&longer), opened);
}

#[test]
fn lines_begin_as_the_editor_says_and_end_as_before() {
    let with = |indentation| formatted_with("{\r\n\"a\": [\r\n1]}", &indentation).unwrap();
    assert_eq!(with(Indentation::of(4, true)), "{\r\n    \"a\": [\r\n        1\r\n    ]\r\n}\r\n");
    assert_eq!(with(Indentation::of(8, false)), "{\r\n\t\"a\": [\r\n\t\t1\r\n\t]\r\n}\r\n");
}

#[test]
fn what_is_not_json_is_left_alone() {
    let broken = ["{\"a\": }", "{\"a\": 1,}", "", "// x\n{}", "{} {}", "\u{feff}{}"];
    assert_eq!(broken.map(|text| edits(text, &Indentation::default())), [None, None, None, None, None, None]);
}

/// Any JSON with any white space.
fn json() -> impl Strategy<Value = String> {
    let white = "[ \n\t]{0,3}|\r\n";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-1.50E+2".to_owned()),
        "[0-9]{1}",
        "\"[a{}\\[\\]:, ä😀]{0,12}\"",
        Just(r#""\u00e4\"\\""#.to_owned())
    ];
    let value = leaf.prop_recursive(4, 24, 6, move |inner| {
        let element = (white, inner.clone(), white).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member =
            ("[a-e]{1,30}", white, element.clone()).prop_map(|(key, a, value)| format!("{a}\"{key}\"{a}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 1..6).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(member, 1..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            white.prop_map(|white| format!("[{white}]")),
            white.prop_map(|white| format!("{{{white}}}")),
        ]
    });
    (white, value, white).prop_map(|(a, value, b)| format!("{a}{value}{b}"))
}

proptest! {
    #[test]
    fn the_value_the_order_of_keys_and_every_spelling_stay(text in json()) {
        let formatted = formatted(&text);
        let without_white_space = |text: &str| {
            let (mut quoted, mut escaped) = (false, false);
            let keep = |character: &char| {
                if *character == '"' && !escaped {
                    quoted = !quoted;
                }
                escaped = *character == '\\' && !escaped;
                quoted || !character.is_ascii_whitespace()
            };
            text.chars().filter(keep).collect::<String>()
        };
        prop_assert_eq!(without_white_space(&formatted), without_white_space(&text));
        let value = |text: &str| read("", text.as_bytes(), Document::Plan).value;
        prop_assert_eq!(value(&formatted), value(&text));
    }

    #[test]
    fn a_second_time_changes_nothing(text in json(), size in 0_u64..9, spaces in any::<bool>()) {
        let indentation = Indentation::of(size, spaces);
        let once = formatted_with(&text, &indentation).unwrap();
        prop_assert_eq!(edits(&once, &indentation), Some(Vec::new()));
    }

    #[test]
    fn no_line_with_two_members_is_too_long(text in json()) {
        for line in formatted(&text).lines().filter(|line| line.contains(", ") && line.trim_end().ends_with([']', '}'])) {
            prop_assert!(line.chars().count() <= 140, "{}", line);
        }
    }
}
