//! Texts held against the patterns of a schema. Reads nothing, changes nothing.

use super::{word, wrong};
use crate::plan::schema::WrongSchema;
use regex_lite::Regex;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The regular expressions that were needed so far.
#[derive(Default)]
pub(super) struct Patterns<'a>(RefCell<BTreeMap<&'a str, Regex>>);

impl<'a> Patterns<'a> {
    /// Whether a text has what a pattern wants, at any place of it.
    pub(super) fn matches(&self, pattern: &'a Value, text: &str) -> Result<bool, WrongSchema> {
        self.match_name(word(pattern)?, text)
    }

    /// The same, where the pattern is the name of a member.
    pub(super) fn match_name(&self, pattern: &'a str, text: &str) -> Result<bool, WrongSchema> {
        // Most patterns are a beginning, or some whole words: a regular expression would take longer to make than all else.
        if let Some(rest) = pattern.strip_prefix('^') {
            if is_literal(rest) {
                return Ok(text.starts_with(rest));
            }
            let words = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(")$"));
            if let Some(words) = words.filter(|words| words.split('|').all(is_literal)) {
                return Ok(words.split('|').any(|word| word == text));
            }
        }
        let mut known = self.0.borrow_mut();
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.is_match(text));
        }
        let regex = if is_plain(pattern) { Regex::new(pattern).ok() } else { None };
        let regex = regex.ok_or_else(|| wrong("a pattern that can be read otherwise", &Value::from(pattern)))?;
        Ok(known.entry(pattern).or_insert(regex).is_match(text))
    }
}

/// Whether every dialect of regular expressions reads it as nothing but these letters.
fn is_literal(pattern: &str) -> bool {
    pattern.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// Whether every dialect of regular expressions reads it alike: of what begins with a backslash, only the literal dot does, and some
/// calculate with sets of letters.
fn is_plain(pattern: &str) -> bool {
    pattern.is_ascii()
        && !pattern.replace("\\.", "").contains('\\')
        && !["(?", "[[", "&&", "--", "~~", "{,"].iter().any(|special| pattern.contains(special))
}
