//! A cure that is told is one: what the author is told to write is right.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use crate::plan::values::{FORMATS, FORMS, problem_of};

/// What the problem of this text tells to write, if it tells exactly one text.
fn cure(format: &str, text: &str) -> Option<String> {
    let help = problem_of(format, text)?.help;
    let cure = help.strip_prefix("write `")?.strip_suffix('`')?;
    Some(cure.to_owned()).filter(|cure| !cure.contains(['`', '…']))
}

#[test]
fn half_of_a_cure_is_none() {
    let told = [
        ("landfall-device", "rw"),
        ("landfall-device", "/srv/disk:rw"),
        ("landfall-subnet", "::1"),
        ("landfall-subnet", "127.0.0.1"),
        ("landfall-plan-name", "Host"),
        ("landfall-job-name", "/healthcheck"),
        ("landfall-https-location", "http://web:8080/"),
        ("landfall-image", "registry.example/Shop/web:/data"),
        ("landfall-image", "registry.example/shop/web@sha256:00"),
        ("landfall-port", "::1:80:0"),
        ("landfall-port", "localhost:80:0"),
    ];
    assert_eq!(told.map(|(format, text)| cure(format, text)), told.map(|_| None));
}

#[test]
fn what_can_not_be_cured_by_its_spelling_is_told_without_a_cure() {
    let long = |before: &str| format!("{before}{}", "a".repeat(5000));
    let told = [("landfall-image", long("registry.example/")), ("landfall-ssh-location", long("u@h:/"))];
    assert_eq!(told.map(|(format, text)| cure(format, &text)), [None, None]);
}

#[test]
fn the_cure_of_a_part_is_told_with_the_whole_around_it() {
    let digest = "0123456789abcdef".repeat(4);
    let image = format!("registry.example/web@{digest}");
    assert_eq!(cure("landfall-image", &image), Some(format!("registry.example/web@sha256:{digest}")));
    assert_eq!(cure("landfall-ssh-location", "u@h:/a/../b"), Some("u@h:/b".to_owned()));
}

/// Texts that are almost right: examples with a few characters taken out, put in or changed in case.
fn almost_right() -> impl Strategy<Value = String> {
    let examples: Vec<&str> = FORMS.iter().flat_map(|form| form.examples.iter().copied()).collect();
    let change = (
        any::<prop::sample::Index>(),
        prop::sample::select(" -_.:/@[]0aAz9%*,é\u{0}".chars().collect::<Vec<_>>()),
        0..4,
    );
    (prop::sample::select(examples), prop::collection::vec(change, 0..4)).prop_map(|(example, changes)| {
        changes.into_iter().fold(example.to_owned(), |text, (at, character, kind)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len() + 1).min(characters.len().saturating_sub(1));
            match kind {
                0 => characters.insert(at, character),
                _ if characters.is_empty() => {}
                1 => drop(characters.remove(at)),
                2 => characters[at] = character,
                _ => return text.to_uppercase(),
            }
            characters.into_iter().collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_author_is_told_to_write_is_right(text in almost_right()) {
        for format in FORMATS {
            if let Some(cure) = cure(format, &text) {
                prop_assert_eq!(problem_of(format, &cure), None, "{} told for {:?}", format, text);
            }
        }
    }
}
