//! What a kind says of itself in the schema, against what its parser takes: the same, but for what no keyword can say.

use std::sync::LazyLock;

use jsonschema::Validator;
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::string_regex;
use serde_json::{Value, json};

use super::super::{FORMS, Form, problem_of};

/// Every kind with its validator, which knows no formats and so asks no parser.
static KINDS: LazyLock<Vec<(&Form, Validator)>> = LazyLock::new(|| {
    let validator = |form: &Form| jsonschema::validator_for(&Value::Object(form.schema())).unwrap();
    FORMS.iter().map(|form| (*form, validator(form))).collect()
});

/// How many texts are tried of each kind in a run; more with `LANDFALL_THOROUGH=1`.
fn cases() -> ProptestConfig {
    let cases = if std::env::var_os("LANDFALL_THOROUGH").is_some() { 2_000 } else { 48 };
    ProptestConfig { cases, ..ProptestConfig::default() }
}

/// A text that matches the pattern, and one that is off by one character.
fn right_and_nearly(form: &Form) -> impl Strategy<Value = (String, String)> + use<> {
    let bare = form.pattern.strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$')).unwrap();
    let examples: Vec<String> = form.examples.iter().map(|example| (*example).to_owned()).collect();
    let right = prop_oneof![string_regex(bare).unwrap(), select(examples)];
    let character =
        prop_oneof![proptest::char::range(' ', '~'), select(vec!['\n', '\0', 'ä', '\u{85}', '0', '1', '/', '.'])];
    (right, any::<Index>(), any::<Option<bool>>(), character).prop_map(|(right, index, change, character)| {
        let mut letters: Vec<char> = right.chars().collect();
        let at = index.index(letters.len() + 1);
        match (change, at < letters.len()) {
            (Some(true), true) => letters[at] = character,
            (Some(false), true) => {
                letters.remove(at);
            }
            (Some(_) | None, _) => letters.insert(at, character),
        }
        (right, letters.into_iter().collect())
    })
}

/// What the parser takes, the schema takes; the reverse too, unless the kind says what is beyond the schema.
fn agree(form: &Form, validator: &Validator, text: &str) -> Result<(), TestCaseError> {
    let (schema, parser) = (validator.is_valid(&json!(text)), problem_of(form.format, text).is_none());
    let allowed = schema == parser || (schema && !form.beyond.is_empty());
    prop_assert!(allowed, "{} `{text}`: the schema says {schema}, the parser {parser}", form.format);
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_schema_and_the_parser_of_a_kind_take_the_same_texts(
        texts in FORMS.iter().map(|form| right_and_nearly(form)).collect::<Vec<_>>(),
        any in "[a-z0-9/:.@*, _+\\[\\]%?A-Z\"\\\\~-]{0,12}",
    ) {
        for ((form, validator), (right, nearly)) in KINDS.iter().zip(&texts) {
            for text in [right, nearly, &any] {
                agree(form, validator, text)?;
            }
        }
    }
}

/// One text for each thing that only the parser refuses.
fn beyond(format: &str) -> Vec<String> {
    let label = "a".repeat(63);
    let (long_name, long_last) = (format!("{label}.{label}.{label}.{label}"), format!("a.{}", "a".repeat(64)));
    let long_path = format!("/{}", "a".repeat(256));
    match format {
        "landfall-allowed-device" => vec![format!("/dev{long_path}")],
        "landfall-registry-path" => vec![long_name, format!("a.example/{}", "a".repeat(201))],
        "landfall-allowed-ports" => vec!["8081-8080".to_owned()],
        "landfall-archive-path" | "landfall-container-path" | "landfall-host-path" | "landfall-plan-path" => {
            vec![long_path]
        }
        "landfall-device" => vec![format!("/dev{long_path}")],
        "landfall-email" | "landfall-recipient" => vec![format!("a@{long_last}")],
        "landfall-host" => vec![long_last],
        "landfall-hosts-entry" => vec![format!("a.{label}:192.0.2.1")],
        "landfall-http-url" => vec![format!("http://{long_name}/")],
        "landfall-web-location" => vec![format!("https://{long_name}/a")],
        "landfall-image" => vec![format!("{long_name}/a"), format!("a.example/{}", "a".repeat(201))],
        "landfall-port" => vec!["8081-8080:1-2".to_owned(), "8080-8081:1".to_owned()],
        "landfall-registry" => vec![long_name],
        "landfall-schedule" => vec!["0 2 * * 5-1".to_owned(), "0 2 30 2 *".to_owned()],
        "landfall-size" => vec!["9223372036854775808B".to_owned()],
        "landfall-ssh-location" => vec![format!("a@{long_name}:/a"), format!("a@b:{long_path}")],
        "landfall-subnet" => vec!["10.90.0.1/24".to_owned(), "fe80::/64".to_owned()],
        "landfall-endpoint" => vec![long_last],
        "landfall-tcp-target" => vec![format!("{long_last}:80")],
        _ => Vec::new(),
    }
}

#[test]
fn what_is_beyond_the_schema_is_listed_and_nothing_else() {
    for (form, validator) in KINDS.iter() {
        let witnesses = beyond(form.format);
        assert_eq!((form.format, witnesses.len()), (form.format, form.beyond.len()));
        for text in witnesses {
            let verdicts = (validator.is_valid(&json!(text)), problem_of(form.format, &text).is_none());
            assert_eq!((form.format, &text, verdicts), (form.format, &text, (true, false)));
        }
    }
}
