//! Tells what became of a Compose file's fields: for people, and as data. Reads nothing, changes nothing.

use super::{Fate, Note};
use serde_json::{Value, json};

/// A line for each note, and one with the cure: `compose.yaml:12:5: lost: services.web.privileged: …`.
pub fn human(file: &str, notes: &[Note]) -> String {
    let line = |note: &Note| {
        let Note { fate, field, position, message, help } = note;
        let place = format!("{file}:{}:{}", position.line, position.column);
        let cure = if help.is_empty() { String::new() } else { format!("    help: {help}\n") };
        format!("{place}: {}: {field}: {message}\n{cure}", fate.text())
    };
    notes.iter().map(line).collect()
}

/// How many notes there are of each fate, in words.
pub fn counted(notes: &[Note]) -> String {
    let count = |fate| notes.iter().filter(|note| note.fate == fate).count();
    format!("{} lost, {} changed, {} needless", count(Fate::Lost), count(Fate::Changed), count(Fate::Needless))
}

/// The notes as data.
pub fn json(file: &str, notes: &[Note]) -> Value {
    let one = |note: &Note| {
        let Note { fate, field, position, message, help } = note;
        json!({
            "fate": fate.text(), "field": field, "file": file, "line": position.line, "column": position.column,
            "message": message, "help": help,
        })
    };
    notes.iter().map(one).collect()
}
