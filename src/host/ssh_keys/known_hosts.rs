//! Lines put into a `known_hosts` file and taken out again, as bytes in and bytes out. Reads nothing, changes nothing.

use serde::{Deserialize, Serialize};

/// What was added to `known_hosts`, so that exactly that can be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHostsAddition {
    /// The lines that were not there before, without their newlines.
    pub lines: Vec<String>,
    /// Whether there was no file before.
    pub created_file: bool,
    /// Whether the last line before had no newline and got one.
    pub added_newline: bool,
}

/// Which of `lines` are not there yet.
pub(super) fn addition(now: Option<&[u8]>, lines: &[String]) -> KnownHostsAddition {
    let mut missing: Vec<String> = Vec::new();
    for line in lines {
        if !missing.contains(line) && !has(now.unwrap_or_default(), line) {
            missing.push(line.clone());
        }
    }
    let any = !missing.is_empty();
    KnownHostsAddition {
        lines: missing,
        created_file: any && now.is_none(),
        added_newline: any && now.is_some_and(lacks_newline),
    }
}

/// The file with the missing lines at its end; `None` if all are there.
pub(super) fn add(now: Option<&[u8]>, addition: &KnownHostsAddition) -> Option<Vec<u8>> {
    let KnownHostsAddition { lines, created_file: _, added_newline: _ } = addition;
    let mut text = now.unwrap_or_default().to_vec();
    let missing: Vec<&String> = lines.iter().filter(|line| !has(&text, line)).collect();
    if missing.is_empty() {
        return None;
    }
    if lacks_newline(&text) {
        text.push(b'\n');
    }
    for line in missing {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    Some(text)
}

/// The file without the added lines; `None` if it was created for them and nothing else is in it.
pub(super) fn remove(now: &[u8], addition: &KnownHostsAddition) -> Option<Vec<u8>> {
    let KnownHostsAddition { lines, created_file, added_newline } = addition;
    let mut pieces: Vec<&[u8]> = now.split_inclusive(|byte| *byte == b'\n').collect();
    let mut removed_last = false;
    for line in lines.iter().rev() {
        // Ours is the last one: it was added at the end.
        if let Some(position) = pieces.iter().rposition(|piece| without_newline(piece) == line.as_bytes()) {
            removed_last = position + 1 == pieces.len();
            pieces.remove(position);
        }
    }
    let mut text = pieces.concat();
    if *added_newline && removed_last && text.ends_with(b"\n") {
        text.pop();
    }
    if *created_file && text.is_empty() { None } else { Some(text) }
}

fn has(text: &[u8], line: &str) -> bool {
    text.split(|byte| *byte == b'\n').any(|present| present == line.as_bytes())
}

fn lacks_newline(text: &[u8]) -> bool {
    !text.is_empty() && !text.ends_with(b"\n")
}

fn without_newline(piece: &[u8]) -> &[u8] {
    piece.strip_suffix(b"\n").unwrap_or(piece)
}
