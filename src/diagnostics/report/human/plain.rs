//! A finding as plain lines, for logs and pipes. Reads nothing, changes nothing.

use super::{
    super::{json::severity_name, located::Located},
    excerpt::{Excerpt, Line, Mark, excerpt},
    location,
    words::{clean, wrapped},
};
use crate::diagnostics::{Finding, Place};

/// The finding's lines, with an empty one at the end.
pub(super) fn told(located: &Located<'_>, width: usize) -> String {
    let Located { finding, at } = located;
    let Finding { code, severity, document: _, place: _, message, label, help, also, fixes: _ } = *finding;
    let excerpt = excerpt(located, width.saturating_sub(8), 0);
    let mut lines = Vec::new();
    paragraph(&mut lines, &format!("{}[{code}]: ", severity_name(*severity)), message, width);
    let gutter = excerpt.as_ref().map_or(1, gutter_width);
    if let Some(location) = location(located) {
        lines.push(format!("{:gutter$}--> {location}", ""));
    }
    match &excerpt {
        Some(excerpt) => drawn(&mut lines, excerpt, gutter, width),
        None => {
            if !label.is_empty() {
                paragraph(&mut lines, &format!("{:gutter$} = ", ""), label, width);
            }
            for (place, label) in also {
                let line = at.as_ref().map(|at| place_in_words(at, place)).unwrap_or_default();
                paragraph(&mut lines, &format!("{:gutter$} = ", ""), &format!("{label}{line}"), width);
            }
        }
    }
    if !help.is_empty() {
        paragraph(&mut lines, &format!("{:gutter$} = help: ", ""), help, width);
    }
    lines.join("\n") + "\n\n"
}

pub(super) fn place_in_words(at: &super::super::located::Extent<'_>, place: &Place) -> String {
    let extent = super::super::located::extent(at.source, place);
    format!(": line {}, column {}", extent.start.line, extent.start.column)
}

fn gutter_width(excerpt: &Excerpt) -> usize {
    excerpt.lines.keys().next_back().map_or(1, |number| number.to_string().len())
}

/// A text behind a lead; its further lines stand below its first.
fn paragraph(lines: &mut Vec<String>, lead: &str, text: &str, width: usize) {
    let indent = lead.chars().count();
    for (index, line) in wrapped(&clean(text), width.saturating_sub(indent).max(20)).into_iter().enumerate() {
        lines.push(if index == 0 { format!("{lead}{line}") } else { format!("{:indent$}{line}", "") });
    }
}

/// The lines with what is underlined in them; a label too long to stand beside its mark stands below.
fn drawn(lines: &mut Vec<String>, excerpt: &Excerpt, gutter: usize, width: usize) {
    lines.push(format!("{:gutter$} |", ""));
    let mut before = None;
    for (number, Line { text, marks }) in &excerpt.lines {
        if before.is_some_and(|before| before + 1 < *number) {
            lines.push("...".to_owned());
        }
        lines.push(format!("{number:>gutter$} | {text}").trim_end().to_owned());
        for Mark { characters, label, main } in marks {
            let line = if *main { "^" } else { "-" }.repeat(characters.len());
            let underlined = format!("{:gutter$} | {:2$}{line}", "", "", characters.start);
            if underlined.chars().count() + 1 + label.chars().count() <= width {
                lines.push(format!("{underlined} {label}").trim_end().to_owned());
            } else {
                lines.push(underlined);
                paragraph(lines, &format!("{:gutter$} = ", ""), label, width);
            }
        }
        before = Some(*number);
    }
}
