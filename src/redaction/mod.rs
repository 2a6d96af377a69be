//! Takes the values of secrets out of bytes, however they are written there, and tells whether one is in them. Reads nothing,
//! changes nothing.
//!
//! [`Redactor`] undoes encodings: it looks at the bytes as they are and as they read once percent-encoding, escapes, or quotes are
//! taken away, so that it does not matter which characters somebody chose to encode. [`Scanner`] is made the other way round, from
//! the texts that encoders of all kinds make of a value; the redactor looks for these as well.

mod encodings;
mod forms;
mod matcher;
mod redactor;
mod scanner;
#[cfg(test)]
mod tests;
mod views;

pub use redactor::{Redacted, Redactor};
pub use scanner::Scanner;

/// The fewest bytes, line breaks at the end not counted, that a value must have to be looked for. What is shorter stands in every
/// text by chance: to take it out would ruin the text and tell what it is.
pub const SHORTEST: usize = 4;

/// A value that is looked for.
#[derive(Clone)]
pub struct Value {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// Whether a value is long enough to be looked for.
pub fn can_be_hidden(value: &[u8]) -> bool {
    core(value).len() >= SHORTEST
}

/// A value without the line breaks at its end, which come and go.
fn core(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}
