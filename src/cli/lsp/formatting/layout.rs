//! Which white space belongs before each token. Reads nothing, changes nothing.

use super::Indentation;
use crate::cli::lsp::tokens::{Kind, Token};

/// The most characters of a line with an object or array on it.
const WIDTH: usize = 140;

/// How an object or array is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `{}` or `[]`.
    Empty,
    /// On one line. An object has spaces inside its brackets, an array doesn't.
    OneLine,
    /// A line for each member.
    Open,
}

/// The white space before each token, and behind the last one.
pub(super) fn gaps(text: &str, tokens: &[Token], indentation: &Indentation) -> Vec<String> {
    let closings = closings(tokens);
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut layout = Layout { text, tokens, closings, line_break, indentation, open: Vec::new(), column: 0 };
    let mut gaps: Vec<_> = (0..tokens.len()).map(|index| layout.gap_before(index)).collect();
    gaps.push(line_break.to_owned());
    gaps
}

/// For each opening bracket, the index of the one that closes it.
fn closings(tokens: &[Token]) -> Vec<usize> {
    let (mut open, mut closings) = (Vec::new(), vec![0; tokens.len()]);
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Opening => open.push(index),
            Kind::Closing => {
                if let Some(closing) = open.pop().and_then(|opening: usize| closings.get_mut(opening)) {
                    *closing = index;
                }
            }
            Kind::Comma | Kind::Colon | Kind::Text | Kind::Word => {}
        }
    }
    closings
}

struct Layout<'a> {
    text: &'a str,
    tokens: &'a [Token],
    closings: Vec<usize>,
    line_break: &'static str,
    indentation: &'a Indentation,
    /// What is open around the token: its form, and whether it is an object.
    open: Vec<(Form, bool)>,
    /// The width of the line up to here.
    column: usize,
}

impl Layout<'_> {
    /// The white space before a token; what is open and the column move on behind it.
    fn gap_before(&mut self, index: usize) -> String {
        let Some(token) = self.tokens.get(index) else { return String::new() };
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|before| before.kind);
        let around = self.open.last().copied();
        let gap = match (token.kind, before) {
            (Kind::Comma | Kind::Colon, _) | (_, None) => String::new(),
            (Kind::Closing, _) => {
                self.open.pop();
                self.at_bracket(around)
            }
            (_, Some(Kind::Opening)) => self.at_bracket(around),
            (_, Some(Kind::Comma)) => match around {
                Some((Form::Open, _)) => self.new_line(self.has_blank_line_before(index)),
                Some((Form::OneLine | Form::Empty, _)) | None => " ".to_owned(),
            },
            (_, Some(Kind::Colon | Kind::Closing | Kind::Text | Kind::Word)) => " ".to_owned(),
        };
        self.column = match gap.rfind('\n') {
            Some(at) => gap.len() - at - 1,
            None => self.column + gap.len(),
        };
        if token.kind == Kind::Opening {
            self.open.push((self.form(index), self.is_object(index)));
        }
        self.column += self.width(index);
        gap
    }

    /// Behind an opening bracket and before a closing one.
    fn at_bracket(&self, around: Option<(Form, bool)>) -> String {
        match around {
            Some((Form::Open, _)) => self.new_line(false),
            Some((Form::OneLine, true)) => " ".to_owned(),
            Some((Form::OneLine, false) | (Form::Empty, _)) | None => String::new(),
        }
    }

    fn new_line(&self, blank: bool) -> String {
        let breaks = self.line_break.repeat(if blank { 2 } else { 1 });
        format!("{breaks}{}", self.indentation.unit.repeat(self.open.len()))
    }

    /// Decides for the bracket that comes at the present column.
    fn form(&self, index: usize) -> Form {
        let closing = self.closings.get(index).copied().unwrap_or(index);
        if closing == index + 1 {
            return Form::Empty;
        }
        let inside = index..closing;
        let kept_open = inside.clone().any(|inner| self.is_opening(inner) && self.has_line_break_after(inner));
        let width: usize = inside.chain([closing]).map(|inner| self.width_on_one_line(inner)).sum();
        let comma = usize::from(self.tokens.get(closing + 1).is_some_and(|next| next.kind == Kind::Comma));
        if kept_open || self.column + width + comma > WIDTH { Form::Open } else { Form::OneLine }
    }

    /// The width of a token with the space around it, where everything is on one line.
    fn width_on_one_line(&self, index: usize) -> usize {
        let Some(token) = self.tokens.get(index) else { return 0 };
        let spaces = match token.kind {
            Kind::Opening if self.is_empty(index) => 0,
            Kind::Opening => usize::from(self.is_object(index)),
            Kind::Closing if index.checked_sub(1).is_some_and(|before| self.is_opening(before)) => 0,
            Kind::Closing => usize::from(self.text.get(token.bytes.clone()) == Some("}")),
            Kind::Comma | Kind::Colon => 1,
            Kind::Text | Kind::Word => 0,
        };
        self.width(index) + spaces
    }

    fn width(&self, index: usize) -> usize {
        let text = self.tokens.get(index).and_then(|token| self.text.get(token.bytes.clone()));
        text.map_or(0, |text| text.chars().count())
    }

    fn is_empty(&self, opening: usize) -> bool {
        self.closings.get(opening) == Some(&(opening + 1))
    }

    fn is_opening(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == Kind::Opening)
    }

    fn is_object(&self, index: usize) -> bool {
        self.tokens.get(index).and_then(|token| self.text.get(token.bytes.clone())) == Some("{")
    }

    fn has_line_break_after(&self, index: usize) -> bool {
        !self.is_empty(index) && self.white_space_before(index + 1).contains('\n')
    }

    fn has_blank_line_before(&self, index: usize) -> bool {
        self.white_space_before(index).matches('\n').count() > 1
    }

    fn white_space_before(&self, index: usize) -> &str {
        let end = self.tokens.get(index).map_or(self.text.len(), |token| token.bytes.start);
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        let start = before.map_or(0, |before| before.bytes.end);
        self.text.get(start..end).unwrap_or_default()
    }
}
