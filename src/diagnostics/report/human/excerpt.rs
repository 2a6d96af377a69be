//! The lines of a source that a finding is about, cropped and harmless, with what to underline. Reads nothing, changes nothing.

use super::{
    super::located::{Extent, Located, extent},
    passwords::without_passwords,
    words::{clean, harmless},
};
use crate::diagnostics::{Document, Place};
use crate::few::Few;
use std::{collections::BTreeMap, ops::Range};

/// What replaces the rest of a long line.
const CROPPED: char = '…';

/// The lines to show, and what to underline in them.
pub(super) struct Excerpt {
    /// Lines by their number.
    pub(super) lines: BTreeMap<usize, Line>,
}

/// A line as it is shown.
#[derive(Default)]
pub(super) struct Line {
    pub(super) text: String,
    /// The first is the main one, if this line has it.
    pub(super) marks: Vec<Mark>,
}

/// What to underline in a line.
pub(super) struct Mark {
    /// Characters of the line as it is shown.
    pub(super) characters: Range<usize>,
    pub(super) label: String,
    pub(super) main: bool,
}

/// A mark in characters of the line as it stands in the file.
struct Raw {
    characters: Range<usize>,
    label: String,
    main: bool,
}

/// None where nothing may or can be shown: the secrets file, what may be one, the server, a file as a whole.
pub(super) fn excerpt(located: &Located<'_>, width: usize, around: usize) -> Option<Excerpt> {
    let Located { finding, at } = located;
    let at = at.as_ref()?;
    if finding.document == Document::Secrets || finding.place == Place::Whole || at.source.is_concealed() {
        return None;
    }
    let mut marked: BTreeMap<usize, Vec<Raw>> = BTreeMap::new();
    mark(&mut marked, at, &finding.label, true);
    for (place, label) in &finding.also {
        mark(&mut marked, &extent(at.source, place), label, false);
    }
    let near = |number: usize| marked.keys().any(|line| line.abs_diff(number) <= around);
    let (first, last) = (*marked.keys().next()?, *marked.keys().next_back()?);
    let lines = (first.saturating_sub(around)..=last + around)
        .filter(|number| near(*number))
        .filter_map(|number| Some((number, without_passwords(at.source.line(number)?))))
        .map(|(number, line)| (number, shown(&line, marked.get(&number), width)))
        .gathered();
    Some(Excerpt { lines })
}

/// What goes over several lines is underlined on its first.
fn mark(marked: &mut BTreeMap<usize, Vec<Raw>>, at: &Extent<'_>, label: &str, main: bool) {
    let start = at.start.column - 1;
    let length = at.source.line(at.start.line).map_or(0, |line| line.chars().count());
    let end = if at.end.line == at.start.line { at.end.column - 1 } else { length };
    let characters = start..end.min(length).max(start + 1);
    let raw = Raw { characters, label: clean(label), main };
    marked.entry(at.start.line).or_default().push(raw);
}

fn shown(line: &str, marks: Option<&Vec<Raw>>, width: usize) -> Line {
    let marks = marks.map_or(&[][..], Vec::as_slice);
    let window = window(line.chars().count(), marks.first(), width);
    let mut text = String::new();
    let mut places = BTreeMap::new();
    let mut length = 0;
    let cropped_before = window.start > 0;
    let characters = line.chars().enumerate().skip(window.start).take(window.len());
    if cropped_before {
        text.push(CROPPED);
        length += 1;
    }
    for (index, character) in characters {
        places.insert(index, length);
        let written = if character == '\t' { "    ".to_owned() } else { harmless(character).to_string() };
        length += written.chars().count();
        text.push_str(&written);
    }
    let end = length;
    if window.end < line.chars().count() {
        text.push(CROPPED);
    }
    let place = |index: usize| match places.get(&index) {
        Some(place) => *place,
        None if index < window.start => 0,
        None => end,
    };
    let marks = marks.iter().map(|raw| {
        let Raw { characters, label, main } = raw;
        let start = place(characters.start);
        Mark { characters: start..place(characters.end).max(start + 1), label: label.clone(), main: *main }
    });
    Line { marks: marks.collect(), text }
}

/// The characters of a line that are shown: all of a short one, else those around its mark.
fn window(length: usize, mark: Option<&Raw>, width: usize) -> Range<usize> {
    if length <= width {
        return 0..length;
    }
    let visible = width.saturating_sub(2).max(8);
    let start = mark.map_or(0, |raw| raw.characters.start);
    let start = if start < visible / 2 { 0 } else { start - visible / 4 };
    let start = start.min(length - visible.min(length));
    start..(start + visible).min(length)
}
