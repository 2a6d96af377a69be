//! Lays a JSON text out without touching anything in it but the white space. Reads nothing, changes nothing.
//!
//! Words and signs stay exactly as they were written, and in their order: only what stands between them is replaced. Whether an
//! object or array is on one line is its author's decision, as long as it fits: a line break behind the opening bracket keeps it
//! open. One blank line between members stays.

mod layout;
#[cfg(test)]
mod tests;

use super::tokens::{Token, tokens};
use crate::diagnostics::Document;
use crate::plan::text;
use std::ops::Range;

/// How lines begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indentation {
    /// What each level of brackets begins with once more.
    pub unit: String,
}

impl Default for Indentation {
    fn default() -> Self {
        Self::of(2, true)
    }
}

impl Indentation {
    /// As an editor says it: so many spaces, or a tab.
    pub fn of(size: u64, spaces: bool) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(16);
        Self { unit: if spaces { " ".repeat(size) } else { "\t".to_owned() } }
    }
}

/// What to replace so that the text is laid out, from the beginning to the end; nothing where it is already. None for what is
/// not JSON, where nobody can tell what belongs together.
pub fn edits(text: &str, indentation: &Indentation) -> Option<Vec<(Range<usize>, String)>> {
    text::read("", text.as_bytes(), Document::Plan).value?;
    let tokens = tokens(text);
    let gaps = gaps(text, &tokens);
    let laid_out = layout::gaps(text, &tokens, indentation);
    let pairs = gaps.into_iter().zip(laid_out);
    Some(pairs.filter(|(bytes, new)| text.get(bytes.clone()) != Some(new.as_str())).collect())
}

/// The white space before each token, and behind the last one.
fn gaps(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let ends = std::iter::once(0).chain(tokens.iter().map(|token| token.bytes.end));
    let starts = tokens.iter().map(|token| token.bytes.start).chain([text.len()]);
    ends.zip(starts).map(|(end, start)| end..start).collect()
}
