//! Tells whether a value is in bytes. Reads nothing, changes nothing.

use super::matcher::Matcher;
use super::{Value, core, encodings, forms};

/// Looks for the values of secrets, and for what encoders make of them.
pub struct Scanner {
    texts: Matcher,
    names: Vec<String>,
}

impl Scanner {
    /// One for these values; those that can't be hidden are not looked for.
    pub fn new(values: &[Value]) -> Self {
        let mut texts = Matcher::default();
        for (owner, value) in values.iter().enumerate().filter(|(_, value)| super::can_be_hidden(&value.bytes)) {
            for part in forms::parts(&value.bytes) {
                forms::of(part).iter().for_each(|form| texts.add(form, owner, true));
            }
            encodings::of(core(&value.bytes)).iter().for_each(|text| texts.add(text, owner, false));
        }
        Self { texts, names: values.iter().map(|value| value.name.clone()).collect() }
    }

    /// The name of the first value that is found in these bytes.
    pub fn finds(&self, bytes: &[u8]) -> Option<&str> {
        let mut found = None;
        self.texts.find(bytes, |_, owner| {
            found = self.names.get(owner).map(String::as_str);
            false
        });
        found
    }
}
