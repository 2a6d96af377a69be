//! Reads secrets back out of a template that was filled in. Reads nothing else, changes nothing.

use super::{Encoding, Part, RESERVED, Template};
use crate::plan::values::SecretName;
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;

/// How many ways are tried before it counts as ambiguous.
const MOST_TRIES: usize = 100_000;

type Values = BTreeMap<SecretName, String>;

impl Template {
    /// The values with which this text was made from the template; none where it can't be told for certain.
    pub fn values_in(&self, text: &str) -> Option<BTreeMap<SecretName, String>> {
        let mut reading = Reading { found: Vec::new(), left: MOST_TRIES };
        reading.read(&self.0, text, &mut Values::new());
        match reading.found.as_slice() {
            [only] if reading.left > 0 => Some(only.clone()),
            _ => None,
        }
    }
}

struct Reading {
    found: Vec<Values>,
    /// How many more ways are tried.
    left: usize,
}

impl Reading {
    fn is_over(&self) -> bool {
        self.left == 0 || self.found.len() > 1
    }

    fn read(&mut self, parts: &[Part], text: &str, known: &mut Values) {
        self.left = self.left.saturating_sub(1);
        match parts.split_first() {
            _ if self.is_over() => {}
            None if text.is_empty() && !self.found.contains(known) => self.found.push(known.clone()),
            None => {}
            Some((Part::Text(words), after)) => {
                if let Some(rest) = text.strip_prefix(words.as_str()) {
                    self.read(after, rest, known);
                }
            }
            Some((Part::Secret(name, encoding), after)) => match known.get(name) {
                Some(value) => {
                    if let Some(rest) = text.strip_prefix(written(value, *encoding).as_str()) {
                        self.read(after, rest, known);
                    }
                }
                None => self.ends(name, *encoding, (after, text), known),
            },
        }
    }

    /// Tries each place at which the value can end.
    fn ends(&mut self, name: &SecretName, encoding: Encoding, (after, text): (&[Part], &str), known: &mut Values) {
        for end in text.char_indices().map(|(at, _)| at).chain([text.len()]) {
            if self.is_over() {
                return;
            }
            let (here, rest) = text.split_at(end);
            let follows = match after {
                [Part::Text(words)] => rest == words,
                [Part::Text(words), ..] => rest.starts_with(words.as_str()),
                [Part::Secret(_, _), ..] | [] => true,
            };
            let Some(value) = follows.then(|| read(here, encoding)).flatten() else { continue };
            known.insert(name.clone(), value);
            self.read(after, rest, known);
            known.remove(name);
        }
    }
}

/// The value that is written like this, if there is one.
fn read(text: &str, encoding: Encoding) -> Option<String> {
    let value = match encoding {
        Encoding::AsItStands => text.to_owned(),
        Encoding::Url => percent_decode_str(text).decode_utf8().ok()?.into_owned(),
        Encoding::Json => serde_json::from_str(text).ok()?,
    };
    (written(&value, encoding) == text).then_some(value)
}

fn written(value: &str, encoding: Encoding) -> String {
    match encoding {
        Encoding::AsItStands => value.to_owned(),
        Encoding::Url => utf8_percent_encode(value, RESERVED).to_string(),
        Encoding::Json => serde_json::Value::from(value).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Template;
    use pretty_assertions::assert_eq;

    fn values(template: &str, text: &str) -> Option<Vec<(String, String)>> {
        let values = Template::parse(template).unwrap().values_in(text)?;
        Some(values.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    #[test]
    fn values_are_read_out_of_a_text_where_there_is_only_one_way() {
        let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let url = "postgres://shop:{{url db}}@db/shop";
        assert_eq!(values(url, "postgres://shop:p%40ss@db/shop"), Some(vec![one("db", "p@ss")]));
        let two = "user={{a}}\npassword={{json b}}\nagain={{a}}\n";
        let text = "user=ann\npassword=\"x\\\"y\"\nagain=ann\n";
        assert_eq!(values(two, text), Some(vec![one("a", "ann"), one("b", "x\"y")]));
        assert_eq!(values("{{a}}", "whole\n"), Some(vec![one("a", "whole\n")]));
        assert_eq!(values("no secret", "no secret"), Some(Vec::new()));
    }

    #[test]
    fn where_there_are_two_ways_or_none_nothing_is_told() {
        assert_eq!(values("{{a}}{{b}}", "xy"), None);
        assert_eq!(values("{{a}}-{{b}}", "x-y-z"), None);
        assert_eq!(values("a={{a}}", "b=x"), None);
        assert_eq!(values("{{url a}}", "not encoded"), None);
    }
}
