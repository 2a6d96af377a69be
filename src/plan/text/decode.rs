//! Bytes to text, within bounds. Reads nothing, changes nothing.

use super::{MAXIMUM_BYTES, bounds};
use crate::diagnostics::{Code, Document, Finding, Place, Severity};

/// What can be shown of a text that can't be read, and why it can't.
pub(super) type Refusal = (String, Box<Finding>);

/// The text, if it is UTF-8 without a byte order mark, not too large and not too deep.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Refusal> {
    if bytes.len() > MAXIMUM_BYTES {
        let finding = refusal(Code::TooLarge, Place::Whole, format!("the file has {} bytes", bytes.len()))
            .help(format!("at most {MAXIMUM_BYTES} bytes (1 MiB) are read; is it the right file?"));
        return Err((String::new(), Box::new(finding)));
    }
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    if let Some(finding) = byte_order_mark(bytes) {
        return Err((shown(), Box::new(finding)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let finding = refusal(Code::NotUtf8, Place::Bytes(at..at + 3), "the file is not UTF-8")
            .label("not a character")
            .help("save the file as UTF-8");
        (shown(), Box::new(finding))
    })?;
    match nul(text).or_else(|| empty(text)).or_else(|| bounds::exceeded(text)) {
        Some(finding) => Err((text.to_owned(), Box::new(finding))),
        None => Ok(text),
    }
}

fn byte_order_mark(bytes: &[u8]) -> Option<Finding> {
    let (mark, length) = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => ("UTF-8", 3),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => ("UTF-32", 6),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => ("UTF-16", 6),
        _ => return None,
    };
    let message = format!("the file begins with a byte order mark ({mark})");
    let finding = refusal(Code::NotUtf8, Place::Bytes(0..length), message)
        .label("before the first character")
        .help("save the file as UTF-8 without a byte order mark");
    Some(match mark {
        "UTF-8" => finding.fix("remove it", Place::Bytes(0..length), ""),
        _ => finding,
    })
}

fn nul(text: &str) -> Option<Finding> {
    let at = text.find('\0')?;
    Some(
        refusal(Code::NotJson, Place::Bytes(at..at + 1), "a NUL byte in the text")
            .label("NUL")
            .help("JSON is plain text; is it the right file?"),
    )
}

fn empty(text: &str) -> Option<Finding> {
    text.trim()
        .is_empty()
        .then(|| refusal(Code::NotJson, Place::Whole, "the file is empty").help("a JSON object is expected: `{ … }`"))
}

pub(super) fn refusal(code: Code, place: Place, message: impl Into<String>) -> Finding {
    Finding::new(code, Severity::Error, Document::Plan, place, message)
}
