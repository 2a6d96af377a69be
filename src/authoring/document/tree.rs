//! Tokens to a tree that is as deep and as wide as the text lets it be. Reads nothing, changes nothing.

use super::characters::Characters;
use super::token::{Bracket, Kind, Token, tokens};
use super::{Content, Hole, Key, Member, Node};
use std::ops::Range;

/// What is nested deeper than this is not looked into; a plan has at most 64 levels.
const DEEPEST: usize = 100;

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    open: Vec<Bracket>,
    open_squares: usize,
    pub(super) holes: Vec<Hole>,
}

impl<'t> Parser<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, tokens: tokens(text), next: 0, open: Vec::new(), open_squares: 0, holes: Vec::new() }
    }

    /// The value that the text is about: its first object, else the first value of any kind.
    pub(super) fn root(&mut self) -> Node {
        let opens = |token: &Token| matches!(token.kind, Kind::Open(_));
        let begins = |token: &Token| !matches!(token.kind, Kind::Close(_) | Kind::Colon | Kind::Comma);
        let first = self.tokens.iter().position(opens).or_else(|| self.tokens.iter().position(begins));
        for _ in 0..first.unwrap_or(self.tokens.len()) {
            self.stray();
        }
        let root = self.value_or_hole(0);
        while self.next < self.tokens.len() {
            self.stray();
        }
        root
    }

    fn peek(&self, ahead: usize) -> Option<(Kind, &Token)> {
        let token = self.tokens.get(self.next + ahead)?;
        Some((token.kind, token))
    }

    /// Where the next token begins, or the text ends.
    fn ahead(&self) -> usize {
        self.peek(0).map_or(self.text.len(), |(_, token)| token.range.start)
    }

    fn take(&mut self) -> Range<usize> {
        let range = self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |token| token.range.clone());
        self.next += 1;
        range
    }

    fn stray(&mut self) {
        let range = self.take();
        self.holes.push(Hole::Stray(range));
    }

    /// Whether a key stands here: something with a colon behind it.
    fn at_key(&self) -> bool {
        matches!(self.peek(0), Some((Kind::Text { .. } | Kind::Word, _)))
            && matches!(self.peek(1), Some((Kind::Colon, _)))
    }

    fn value_or_hole(&mut self, after: usize) -> Node {
        let begins = matches!(self.peek(0), Some((Kind::Open(_) | Kind::Text { .. } | Kind::Word, _)));
        if begins && !self.at_key() {
            return self.value();
        }
        self.holes.push(Hole::Value(after));
        Node { range: after..self.ahead(), content: Content::Missing, closed: false }
    }

    fn value(&mut self) -> Node {
        let kind = self.peek(0).map(|(kind, _)| kind);
        let range = self.take();
        match kind {
            Some(Kind::Open(_)) if self.open.len() >= DEEPEST => self.deeper(range),
            Some(Kind::Open(Bracket::Curly)) => self.inside(Bracket::Curly, range.start),
            Some(Kind::Open(Bracket::Square)) => self.inside(Bracket::Square, range.start),
            Some(Kind::Text { closed }) => {
                let text = self.characters(&range, closed);
                Node { range, content: Content::Text(text), closed }
            }
            Some(Kind::Word | Kind::Close(_) | Kind::Colon | Kind::Comma) | None => {
                if !self.is_value(&range) {
                    self.holes.push(Hole::Stray(range.clone()));
                }
                Node { range, content: Content::Word, closed: true }
            }
        }
    }

    fn is_value(&self, range: &Range<usize>) -> bool {
        let word = self.text.get(range.clone()).unwrap_or_default();
        serde_json::from_str::<serde_json::Value>(word).is_ok()
    }

    fn characters(&mut self, range: &Range<usize>, closed: bool) -> String {
        let inner = range.start + 1..range.end - usize::from(closed);
        let Characters { text, right, .. } = Characters::of(self.text.get(inner).unwrap_or_default());
        if !closed {
            self.holes.push(Hole::Quote(range.end));
        } else if !right {
            self.holes.push(Hole::Stray(range.clone()));
        }
        text
    }

    fn inside(&mut self, bracket: Bracket, start: usize) -> Node {
        self.open.push(bracket);
        let squares = usize::from(bracket == Bracket::Square);
        self.open_squares += squares;
        let (content, (end, closed)) = match bracket {
            Bracket::Curly => {
                let mut members = Vec::new();
                let end = self.members(&mut members);
                (Content::Object(members), end)
            }
            Bracket::Square => {
                let mut elements = Vec::new();
                let end = self.elements(&mut elements);
                (Content::Array(elements), end)
            }
        };
        self.open_squares -= squares;
        self.open.pop();
        if !closed {
            self.holes.push(Hole::Bracket(end));
        }
        Node { range: start..end, content, closed }
    }

    /// Up to the closing bracket, or to where something is that can't be inside any more.
    fn members(&mut self, members: &mut Vec<Member>) -> (usize, bool) {
        let mut comma = true;
        while let Some((kind, _)) = self.peek(0) {
            match kind {
                Kind::Close(Bracket::Curly) => {
                    if comma && !members.is_empty() {
                        self.holes.push(Hole::Value(self.ahead()));
                    }
                    return (self.take().end, true);
                }
                Kind::Close(Bracket::Square) if self.open_squares > 0 => return (self.ahead(), false),
                Kind::Comma if !comma => {
                    self.take();
                    comma = true;
                }
                Kind::Close(Bracket::Square) | Kind::Colon | Kind::Comma => self.stray(),
                Kind::Text { .. } | Kind::Word | Kind::Open(_) => {
                    if !comma {
                        self.holes.push(Hole::Comma(self.ahead()));
                    }
                    let member = self.member();
                    members.push(member);
                    comma = false;
                }
            }
        }
        (self.text.len(), false)
    }

    fn elements(&mut self, elements: &mut Vec<Node>) -> (usize, bool) {
        let mut comma = true;
        while let Some((kind, token)) = self.peek(0) {
            // A key at the beginning of a line belongs to the object around: the array was left open.
            if self.at_key() && token.first_on_line && self.open.contains(&Bracket::Curly) {
                return (self.ahead(), false);
            }
            match kind {
                Kind::Close(Bracket::Square) => {
                    if comma && !elements.is_empty() {
                        self.holes.push(Hole::Value(self.ahead()));
                    }
                    return (self.take().end, true);
                }
                Kind::Close(Bracket::Curly) if self.open.contains(&Bracket::Curly) => return (self.ahead(), false),
                Kind::Comma if !comma => {
                    self.take();
                    comma = true;
                }
                Kind::Close(Bracket::Curly) | Kind::Colon | Kind::Comma => self.stray(),
                Kind::Text { .. } | Kind::Word | Kind::Open(_) => {
                    if !comma {
                        self.holes.push(Hole::Comma(self.ahead()));
                    }
                    let element = self.value();
                    elements.push(element);
                    comma = false;
                }
            }
        }
        (self.text.len(), false)
    }

    fn member(&mut self) -> Member {
        let key = match self.peek(0).map(|(kind, _)| kind) {
            Some(Kind::Text { closed }) => {
                let range = self.take();
                Some(Key { text: self.characters(&range, closed), range, quoted: true, closed })
            }
            Some(Kind::Word) => {
                let range = self.take();
                self.holes.push(Hole::Stray(range.clone()));
                let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
                Some(Key { text, range, quoted: false, closed: true })
            }
            Some(Kind::Open(_) | Kind::Close(_) | Kind::Colon | Kind::Comma) | None => None,
        };
        let after = key.as_ref().map_or_else(|| self.ahead(), |key| key.range.end);
        match self.peek(0).map(|(kind, _)| kind) {
            Some(Kind::Colon) => {
                let colon = self.take().start;
                let value = self.value_or_hole(colon + 1);
                Member { key, colon: Some(colon), value }
            }
            Some(Kind::Open(_)) => {
                self.holes.push(Hole::Colon(after));
                Member { key, colon: None, value: self.value() }
            }
            Some(Kind::Text { .. } | Kind::Word | Kind::Close(_) | Kind::Comma) | None => {
                self.holes.push(Hole::Colon(after));
                Member {
                    key,
                    colon: None,
                    value: Node { range: after..after, content: Content::Missing, closed: false },
                }
            }
        }
    }

    /// What is too deep is one unknown value, up to the bracket that closes it.
    fn deeper(&mut self, opening: Range<usize>) -> Node {
        let (mut open, mut end) = (1_usize, opening.end);
        while let Some((kind, _)) = self.peek(0).filter(|_| open > 0) {
            match kind {
                Kind::Open(_) => open += 1,
                Kind::Close(_) => open -= 1,
                Kind::Colon | Kind::Comma | Kind::Text { .. } | Kind::Word => {}
            }
            end = self.take().end;
        }
        self.holes.push(Hole::Stray(opening.clone()));
        Node { range: opening.start..end, content: Content::Word, closed: open == 0 }
    }
}
