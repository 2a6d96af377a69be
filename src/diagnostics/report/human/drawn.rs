//! A finding drawn by miette, for terminals. Reads nothing, changes nothing.

use super::{
    super::{json::sentence, located::Located},
    excerpt::{Excerpt, excerpt},
    location,
    plain::place_in_words,
    words::clean,
};
use crate::diagnostics::{Finding, Severity};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};
use std::fmt::Display;

/// The finding, with an empty line at the end.
pub(super) fn told(located: &Located<'_>, width: usize, colour: bool) -> String {
    let Finding { code, severity, .. } = located.finding;
    let excerpt = excerpt(located, width.saturating_sub(10), 1);
    let drawn = Drawn {
        code: code.text(),
        severity: match severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        },
        message: message(located, excerpt.is_some()),
        help: clean(&located.finding.help),
        excerpt: excerpt.map(|excerpt| page(located, &excerpt)),
    };
    let styles = if colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let mut text = String::new();
    let drawing = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(width);
    match drawing.render_report(&mut text, &drawn) {
        Ok(()) => text + "\n",
        // Only a fault in the drawing itself leads here; the finding must not be lost to it.
        Err(_) => super::plain::told(located, width),
    }
}

/// What miette is told of a finding. (Its own `Report` would bring a second way of drawing into the program, and one in words.)
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Drawn {
    code: &'static str,
    severity: miette::Severity,
    message: String,
    help: String,
    excerpt: Option<(Page, Vec<LabeledSpan>)>,
}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|(page, _)| page as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt
            .as_ref()
            .map(|(_, labels)| Box::new(labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

/// With nothing underlined, the message also says the place and the label.
fn message(located: &Located<'_>, underlined: bool) -> String {
    let Located { finding, at } = located;
    if underlined {
        return clean(&finding.message);
    }
    let mut text = clean(&sentence(finding));
    for (place, label) in &finding.also {
        let line = at.as_ref().map(|at| place_in_words(at, place)).unwrap_or_default();
        text.push_str(&format!("\n{}{line}", clean(label)));
    }
    location(located).map_or(text.clone(), |location| format!("{text}\n{location}"))
}

/// Consecutive lines, the first of which has a number of its own. Lines that are not shown are empty.
#[derive(Debug)]
struct Page {
    name: String,
    text: String,
    /// The number of the first line, from 1.
    first: usize,
    /// Where the main mark starts in `text`, and its column in the file, from 1.
    main: (usize, usize),
}

fn page(located: &Located<'_>, excerpt: &Excerpt) -> (Page, Vec<LabeledSpan>) {
    let (name, column) =
        located.at.as_ref().map_or((String::new(), 1), |at| (clean(at.source.name()), at.start.column));
    let first = excerpt.lines.keys().next().copied().unwrap_or(1);
    let last = excerpt.lines.keys().next_back().copied().unwrap_or(1);
    let mut page = Page { name, text: String::new(), first, main: (0, column) };
    let mut labels = Vec::new();
    for number in first..=last {
        if let Some(line) = excerpt.lines.get(&number) {
            for mark in &line.marks {
                let start = page.text.len() + bytes(&line.text, mark.characters.start);
                let end = page.text.len() + bytes(&line.text, mark.characters.end);
                let label = Some(mark.label.clone()).filter(|label| !label.is_empty());
                labels.push(if mark.main {
                    page.main.0 = start;
                    LabeledSpan::new_primary_with_span(label, (start, end - start))
                } else {
                    LabeledSpan::new_with_span(label, (start, end - start))
                });
            }
            page.text.push_str(&line.text);
        }
        page.text.push('\n');
    }
    (page, labels)
}

fn bytes(line: &str, characters: usize) -> usize {
    line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at)
}

impl SourceCode for Page {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Self { name, text, first, main } = self;
        let contents = text.read_span(span, lines_before, lines_after)?;
        let column = if span.offset() == main.0 && lines_before == 0 { main.1 - 1 } else { contents.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            name.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + first - 1,
            column,
            contents.line_count(),
        )))
    }
}
