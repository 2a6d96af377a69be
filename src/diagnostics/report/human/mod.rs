//! Findings for people: drawn for a terminal, plain lines for everything else. Reads nothing, changes nothing.

mod drawn;
mod excerpt;
mod passwords;
mod plain;
mod words;

use super::{
    Report,
    located::{Located, located_of_all},
};
use crate::diagnostics::{Document, Severity};
use words::{clean, counted};

pub(in crate::diagnostics) use words::wrapped;

/// How many findings a person is told at once; a file of the wrong kind can have many thousands.
const MOST: usize = 200;

/// How a report for people looks. Whoever prints it decides; nothing here looks at the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns that a line may take; text is wrapped and long source lines are cropped to it. At least 40 are used.
    pub width: usize,
    /// Whether to draw frames with box characters, as on a terminal.
    pub drawn: bool,
    /// Whether to use colour; only what is drawn has any.
    pub colour: bool,
}

/// One report a finding, in source order, up to 200 of them, then how many there were; on a terminal also where to read more.
/// Empty if there are none.
///
/// The secrets file is never quoted. Control characters and characters that reorder text are replaced.
pub fn human(report: &Report<'_>, style: &Style) -> String {
    human_of_all(&[*report], style)
}

/// The same of several reports, with one count of all findings at the end.
pub fn human_of_all(reports: &[Report<'_>], style: &Style) -> String {
    let Style { width, drawn, colour } = *style;
    let width = width.max(40);
    let all = located_of_all(reports);
    let mut text: String = all
        .iter()
        .take(MOST)
        .map(|located| if drawn { drawn::told(located, width, colour) } else { plain::told(located, width) })
        .collect();
    if all.len() > MOST {
        text.push_str(&format!("the other {} are left out here; `--format json` has them\n\n", all.len() - MOST));
    }
    if !all.is_empty() {
        text.push_str(&summary(&all));
        text.push('\n');
    }
    // What is no terminal is searched and compared: there the lines of the findings say everything.
    if let Some(first) = all.first().map(|located| located.finding.code).filter(|_| drawn) {
        text.push_str(&format!("`landfall explain {first}` tells why, with examples\n"));
    }
    text
}

/// `2 errors, 1 warning in plan.json and in secrets.json`.
fn summary(all: &[Located<'_>]) -> String {
    let count = |severity| all.iter().filter(|located| located.finding.severity == severity).count();
    let counts: Vec<_> = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| counted(number, what))
        .collect();
    let mut places: Vec<String> = all.iter().map(place).collect();
    places.dedup();
    let places = match places.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        all => all.concat(),
    };
    format!("{} {places}", counts.join(", "))
}

fn place(located: &Located<'_>) -> String {
    let Located { finding, at } = located;
    match (at, finding.document) {
        (Some(at), _) => format!("in {}", clean(at.source.name())),
        (None, Document::Plan) => "in the plan".to_owned(),
        (None, Document::Secrets) => "in the secrets".to_owned(),
        (None, Document::Policy) => "in the policy".to_owned(),
        (None, Document::Host) => "on this server".to_owned(),
    }
}

/// `plan.json:3:5`; only the name where the file as a whole is meant.
fn location(located: &Located<'_>) -> Option<String> {
    let Located { finding, at } = located;
    let at = at.as_ref()?;
    let name = clean(at.source.name());
    Some(match finding.place {
        crate::diagnostics::Place::Whole => name,
        _ => format!("{name}:{}:{}", at.start.line, at.start.column),
    })
}
