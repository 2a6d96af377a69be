//! How a finding is cured: a replacement, and the exact bytes that it comes to. Reads nothing, changes nothing.

use super::{Inside, Place, Pointer, Source};
use serde_json::Value;
use std::ops::Range;

/// A change of the text after which the finding is gone. It is made in the document that the finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as the name of a quick fix: ``write `healthcheck` ``.
    pub title: String,
    /// What is replaced or removed. A [`Place::Value`] that does not exist is a member to be added to its parent.
    pub place: Place,
    /// The JSON text that takes its place; of a key either another key with its quotes, or a whole member, `"key": value`.
    /// `None` removes the member or element, comma included.
    pub replacement: Option<String>,
}

/// A change of a text in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced: on character boundaries; empty where text is only added.
    pub bytes: Range<usize>,
    /// What takes its place: empty where text is only removed.
    pub text: String,
}

impl Edit {
    /// The text with this change made.
    pub fn applied(&self, text: &str) -> Option<String> {
        let Self { bytes, text: written } = self;
        Some([text.get(..bytes.start)?, written, text.get(bytes.end..)?].concat())
    }
}

impl Source {
    /// What a fix comes to in this text. `None` where its place is not in it, as when it is not JSON.
    pub fn edit(&self, fix: &Fix) -> Option<Edit> {
        let Fix { title: _, place, replacement } = fix;
        match replacement {
            Some(text) => self.replaced(place, text),
            None => Some(Edit { bytes: self.with_comma(self.member(place)?), text: String::new() }),
        }
    }

    fn replaced(&self, place: &Place, text: &str) -> Option<Edit> {
        let bytes = match place {
            Place::Value(pointer) => match self.span_at(pointer) {
                Some(span) => span.value.clone(),
                None => return self.added(pointer, text),
            },
            Place::Key(pointer) => {
                let key = self.span_at(pointer)?.key.clone()?;
                if serde_json::from_str::<String>(text).is_ok() { key } else { self.member(place)? }
            }
            Place::Bytes(range) => range.clone(),
            Place::Whole => 0..self.text().len(),
        };
        self.text().get(bytes.clone())?;
        Some(Edit { bytes, text: text.to_owned() })
    }

    /// A new member stands before the others, laid out as the first of them is.
    fn added(&self, pointer: &Pointer, value: &str) -> Option<Edit> {
        let parent = self.span_at(&pointer.parent()?)?;
        let Inside::Members(members) = &parent.inside else { return None };
        let member = format!("{}: {value}", Value::from(pointer.last()?));
        let opening = parent.value.start + 1;
        match members.values().filter_map(|span| Some(span.key.as_ref()?.start)).min() {
            None => Some(Edit { bytes: opening..parent.value.end - 1, text: format!(" {member} ") }),
            Some(first) => {
                let between = self.text().get(opening..first)?;
                let between = if between.contains('\n') { between } else { " " };
                Some(Edit { bytes: first..first, text: format!("{member},{between}") })
            }
        }
    }

    /// A member with its key, or an element.
    fn member(&self, place: &Place) -> Option<Range<usize>> {
        match place {
            Place::Value(pointer) | Place::Key(pointer) => {
                let span = self.span_at(pointer)?;
                let start = span.key.as_ref().map_or(span.value.start, |key| key.start);
                Some(start..span.value.end)
            }
            Place::Bytes(range) => Some(range.clone()),
            Place::Whole => None,
        }
    }

    /// The member and the one comma that is too many without it; the white space of the only one goes as well.
    fn with_comma(&self, member: Range<usize>) -> Range<usize> {
        let before = self.text().get(..member.start).unwrap_or_default().trim_end();
        let after = self.text().get(member.end..).unwrap_or_default();
        let behind = after.trim_start();
        if let Some(next) = behind.strip_prefix(',') {
            return member.start..self.text().len() - next.trim_start().len();
        }
        match before.strip_suffix(',') {
            Some(previous) => previous.trim_end().len()..member.end,
            None => before.len()..self.text().len() - behind.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fix;
    use crate::diagnostics::{Document, Place, Pointer};
    use crate::plan::text::read;
    use pretty_assertions::assert_eq;

    fn fixed(text: &str, place: Place, replacement: Option<&str>) -> Option<String> {
        let source = read("plan.json", text.as_bytes(), Document::Plan).source;
        let fix = Fix { title: String::new(), place, replacement: replacement.map(str::to_owned) };
        source.edit(&fix)?.applied(text)
    }

    fn value(pointer: &str) -> Place {
        Place::Value(Pointer::parse(pointer))
    }

    fn key(pointer: &str) -> Place {
        Place::Key(Pointer::parse(pointer))
    }

    #[test]
    fn a_value_a_key_and_bytes_are_replaced_and_nothing_else() {
        let text = "{ \"ä\": [1, \"2\"],\n  \"b\": {} }";
        let all = [
            fixed(text, value("/ä/1"), Some("2")),
            fixed(text, key("/b"), Some("\"c\"")),
            fixed(text, key("/b"), Some("\"c\": [1]")),
            fixed(text, Place::Bytes(0..1), Some("")),
            fixed(text, key("/ä/1"), Some("2")),
            fixed(text, Place::Bytes(3..5), Some("")),
            fixed("{", value("/a"), Some("1")),
        ];
        assert_eq!(
            all.map(|text| text.unwrap_or_else(|| "nothing".to_owned())),
            [
                "{ \"ä\": [1, 2],\n  \"b\": {} }",
                "{ \"ä\": [1, \"2\"],\n  \"c\": {} }",
                "{ \"ä\": [1, \"2\"],\n  \"c\": [1] }",
                " \"ä\": [1, \"2\"],\n  \"b\": {} }",
                "nothing",
                "{ \"\": [1, \"2\"],\n  \"b\": {} }",
                "nothing"
            ]
        );
    }

    #[test]
    fn what_is_removed_takes_one_comma_with_it() {
        let removed = |text, pointer| fixed(text, value(pointer), None).unwrap();
        assert_eq!(removed("{ \"a\": 1, \"b\": 2 }", "/a"), "{ \"b\": 2 }");
        assert_eq!(removed("{ \"a\": 1, \"b\": 2 }", "/b"), "{ \"a\": 1 }");
        assert_eq!(removed("{\n  \"a\": 1 ,\n  \"b\": [2]\n}", "/a"), "{\n  \"b\": [2]\n}");
        assert_eq!(removed("{\n  \"a\": 1 ,\n  \"b\": [2]\n}", "/b"), "{\n  \"a\": 1\n}");
        assert_eq!(removed("{\n  \"a\": 1 ,\n  \"b\": [\n 2 ]\n}", "/b/0"), "{\n  \"a\": 1 ,\n  \"b\": []\n}");
        assert_eq!(removed("[1, 2, 3]", "/1"), "[1, 3]");
    }

    #[test]
    fn a_new_member_stands_first_and_is_laid_out_as_the_others_are() {
        let added = |text, pointer| fixed(text, value(pointer), Some("1")).unwrap();
        assert_eq!(added("{}", "/a"), "{ \"a\": 1 }");
        assert_eq!(added("{\"b\": {\n }}", "/b/a\"b"), "{\"b\": { \"a\\\"b\": 1 }}");
        assert_eq!(added("{\"b\": 2}", "/a"), "{\"a\": 1, \"b\": 2}");
        assert_eq!(added("{\n\t\"b\": 2\n}", "/a"), "{\n\t\"a\": 1,\n\t\"b\": 2\n}");
        assert_eq!(fixed("{\"b\": []}", value("/b/a"), Some("1")), None);
    }
}
