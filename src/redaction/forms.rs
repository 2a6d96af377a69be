//! The texts that a value is looked for as, whatever else is undone: as it is, in hexadecimal digits, and as base64. Reads nothing,
//! changes nothing.

use super::core;
use crate::few::InOrder;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The fewest bytes of a line of a value that are looked for on their own.
const SHORTEST_LINE: usize = 8;

/// The most lines of a value that are looked for on their own: of what has more, pieces are found by what they are anyway.
const MOST_LINES: usize = 4096;

/// The value, and each of its lines: programs print them one by one.
pub(super) fn parts(value: &[u8]) -> Vec<&[u8]> {
    let whole = core(value);
    let lines = whole.split(|byte| *byte == b'\n').map(core);
    let lines = lines.filter(|line| line.len() >= SHORTEST_LINE && *line != whole);
    [whole].into_iter().chain(lines.take(MOST_LINES)).collect()
}

/// A part of a value as it is, in hexadecimal digits, and as base64 makes it in each of the three places that it can stand in.
pub(super) fn of(part: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![part.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(base64_within(part, before, &engine));
        }
    }
    forms.put_in_order();
    forms.dedup();
    forms
}

/// The characters that base64 makes of these bytes alone where so many others stand before them: those that it makes of them and
/// of their neighbours together are left out, and hold at most 4 bits of them.
fn base64_within(part: &[u8], before: usize, engine: &impl Engine) -> Vec<u8> {
    let whole = engine.encode([vec![0; before], part.to_vec()].concat());
    let first = (before * 8).div_ceil(6);
    let end = (before + part.len()) * 8 / 6;
    whole.as_bytes().get(first..end).unwrap_or_default().to_vec()
}
