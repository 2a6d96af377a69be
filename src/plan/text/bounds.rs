//! How much may stand in a text, found out before anything is made of it. Reads nothing, changes nothing.

use super::decode::refusal;
use super::{MAXIMUM_DEPTH, MAXIMUM_KEY_BYTES, MAXIMUM_VALUES};
use crate::diagnostics::{Code, Finding, Place};
use std::ops::Range;

/// The first bound that a text exceeds: depth, number of values, or the length of a key. The text need not be JSON.
pub(super) fn exceeded(text: &str) -> Option<Finding> {
    let mut walk = Walk { open: 0, values: 0, text: None };
    text.bytes().enumerate().find_map(|(at, byte)| walk.step(at, byte))
}

struct Walk {
    open: usize,
    values: usize,
    /// The text in double quotes that we are in or have just left.
    text: Option<Quoted>,
}

struct Quoted {
    start: usize,
    end: Option<usize>,
    escaped: bool,
}

impl Walk {
    fn step(&mut self, at: usize, byte: u8) -> Option<Finding> {
        if let Some(quoted) = self.text.as_mut().filter(|quoted| quoted.end.is_none()) {
            match byte {
                _ if quoted.escaped => quoted.escaped = false,
                b'\\' => quoted.escaped = true,
                b'"' => quoted.end = Some(at + 1),
                _ => {}
            }
            return None;
        }
        match byte {
            b'"' => {
                self.text = Some(Quoted { start: at, end: None, escaped: false });
                None
            }
            b'{' | b'[' => {
                self.open += 1;
                (self.open > MAXIMUM_DEPTH).then(|| too_deep(at..at + 1)).or_else(|| self.another_value(at))
            }
            b'}' | b']' => {
                self.open = self.open.saturating_sub(1);
                None
            }
            b',' => self.another_value(at),
            b':' => self.text.as_ref().and_then(too_long),
            _ => None,
        }
    }

    /// Each comma has a value after it, and each opening bracket one in it, unless it is empty.
    fn another_value(&mut self, at: usize) -> Option<Finding> {
        self.values += 1;
        (self.values > MAXIMUM_VALUES).then(|| {
            refusal(Code::TooLarge, Place::Bytes(at..at + 1), format!("more than {MAXIMUM_VALUES} values in one file"))
                .label("too many")
                .help("is it the right file?")
        })
    }
}

fn too_deep(at: Range<usize>) -> Finding {
    let message = format!("more than {MAXIMUM_DEPTH} objects and arrays inside one another");
    refusal(Code::TooLarge, Place::Bytes(at), message).label("too deep").help("is it the right file?")
}

fn too_long(quoted: &Quoted) -> Option<Finding> {
    let Quoted { start, end, escaped: _ } = quoted;
    let length = end.unwrap_or(*start).saturating_sub(*start + 2);
    (length > MAXIMUM_KEY_BYTES).then(|| {
        let message = format!("a key has {length} bytes");
        refusal(Code::TooLarge, Place::Bytes(*start..start + 1), message)
            .label("begins here")
            .help(format!("a key has at most {MAXIMUM_KEY_BYTES} bytes"))
    })
}
