//! From the text of a Compose file to a tree, in bounded time and memory. Reads nothing, changes nothing.

use super::tree::{Kind, Node, Position, Scalar};
use super::variables::MAXIMUM_FILLED;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use std::collections::HashMap;

/// The largest file, in bytes.
pub const MAXIMUM_BYTES: usize = 1 << 20;

/// Values inside values.
const MAXIMUM_DEPTH: usize = 64;

/// Values in all, each alias counted with all that it stands for.
pub const MAXIMUM_VALUES: usize = 50_000;

/// Why a file can't be read as a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    /// Where.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// The cure; may be empty.
    pub help: String,
}

impl Unreadable {
    /// What is wrong there.
    pub fn new(position: Position, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { position, message: message.into(), help: help.into() }
    }
}

const START: Position = Position { line: 1, column: 1 };

/// Reads the one document of a file. Its values are not numbered yet, and its variables not filled in.
///
/// # Errors
/// No YAML, more than one document, a name that stands twice, more than is read of a file.
pub fn tree(text: &str) -> Result<Node, Unreadable> {
    if text.len() > MAXIMUM_BYTES {
        let message = format!("the file has more than {MAXIMUM_BYTES} bytes");
        return Err(Unreadable::new(START, message, "a Compose file is small; is this one?"));
    }
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), size: Size::default() };
    let mut document = None;
    loop {
        let (event, position) = reader.next()?;
        match event {
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            Event::StreamEnd => break,
            Event::DocumentStart(_) if document.is_some() => {
                return Err(Unreadable::new(
                    position,
                    "the file has a second document",
                    "import each from its own file",
                ));
            }
            Event::DocumentStart(_) => {
                let next = reader.next()?;
                document = Some(reader.value(next, 0)?);
            }
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingStart(..)
            | Event::MappingEnd => return Err(Unreadable::new(position, "the file is no YAML document", "")),
        }
    }
    let root = document.ok_or_else(|| Unreadable::new(START, "the file is empty", "name a Compose file"))?;
    if root.member("services").is_some_and(|services| matches!(services.kind, Kind::Map(_))) {
        return Ok(root);
    }
    Err(Unreadable::new(START, "the file has no `services`", "a Compose file describes its services in `services`"))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Node, Size)>,
    size: Size,
}

/// How much is read.
#[derive(Clone, Copy, Default)]
struct Size {
    values: usize,
    /// The bytes of all texts.
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Position), Unreadable> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, position(span))),
            Some(Err(error)) => Err(no_yaml(&error)),
            None => Ok((Event::StreamEnd, START)),
        }
    }

    fn value(&mut self, (event, at): (Event<'a>, Position), depth: usize) -> Result<Node, Unreadable> {
        if depth > MAXIMUM_DEPTH {
            return Err(Unreadable::new(at, format!("values are nested more than {MAXIMUM_DEPTH} deep"), ""));
        }
        let before = self.size;
        let bytes = if let Event::Scalar(text, _, _, _) = &event { text.len() } else { 0 };
        self.count(Size { values: 1, bytes }, at)?;
        let (kind, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, at),
            Event::Scalar(text, style, anchor, tag) => (scalar(&text, style, tag.as_deref(), at)?, anchor),
            Event::SequenceStart(anchor, tag) => {
                no_tag(tag.as_deref(), at)?;
                (self.list(depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                no_tag(tag.as_deref(), at)?;
                (self.map(depth)?, anchor)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(Unreadable::new(at, "a value is missing here", "")),
        };
        let node = Node { id: 0, position: at, kind };
        if anchor != 0 {
            let Size { values, bytes } = self.size;
            let size = Size { values: values - before.values, bytes: bytes - before.bytes };
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn count(&mut self, further: Size, at: Position) -> Result<(), Unreadable> {
        let Size { values, bytes } = &mut self.size;
        *values = values.saturating_add(further.values);
        *bytes = bytes.saturating_add(further.bytes);
        let much = match () {
            () if *values > MAXIMUM_VALUES => format!("{MAXIMUM_VALUES} values"),
            () if *bytes > MAXIMUM_FILLED => format!("{MAXIMUM_FILLED} bytes in its values"),
            () => return Ok(()),
        };
        let message = format!("the file has more than {much}");
        Err(Unreadable::new(at, message, "each alias counts with everything that it stands for"))
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<Node, Unreadable> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(Unreadable::new(at, "an alias stands inside of what it stands for", ""));
        };
        let (node, size) = (node.clone(), *size);
        self.count(size, at)?;
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let mut elements = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List(elements)),
                next => elements.push(self.value(next, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let (mut members, mut merged): (Vec<(String, Node)>, Vec<Node>) = (Vec::new(), Vec::new());
        loop {
            let (name, at, plain) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(text, style, _, _), at) => (text.into_owned(), at, style == ScalarStyle::Plain),
                (_, at) => return Err(Unreadable::new(at, "the name of a field is not a text", "")),
            };
            let next = self.next()?;
            let mut value = self.value(next, depth + 1)?;
            if plain && name == "<<" {
                merged.push(value);
                continue;
            }
            if members.iter().any(|(known, _)| *known == name) {
                return Err(Unreadable::new(at, format!("`{name}` stands here twice"), "remove one of the two"));
            }
            value.position = at;
            members.push((name, value));
        }
        for value in merged {
            merge(&mut members, value)?;
        }
        Ok(Kind::Map(members))
    }
}

/// What a merge key names comes after what is written here, which counts more.
fn merge(members: &mut Vec<(String, Node)>, value: Node) -> Result<(), Unreadable> {
    match value.kind {
        Kind::Map(further) => {
            let known: Vec<_> = members.iter().map(|(name, _)| name.clone()).collect();
            members.extend(further.into_iter().filter(|(name, _)| !known.contains(name)));
            Ok(())
        }
        Kind::List(elements) => elements.into_iter().try_for_each(|element| merge(members, element)),
        Kind::Scalar(_) => Err(Unreadable::new(value.position, "`<<` needs an object", "name an anchor: `<<: *name`")),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Position) -> Result<Kind, Unreadable> {
    no_tag(tag, at)?;
    let plain = style == ScalarStyle::Plain && tag.is_none();
    Ok(Kind::Scalar(Scalar { text: text.to_owned(), plain, unset: Vec::new(), odd: false }))
}

/// Compose's own tags say what happens to a value of another file.
fn no_tag(tag: Option<&Tag>, at: Position) -> Result<(), Unreadable> {
    match tag {
        Some(tag) if !tag.is_yaml_core_schema() => {
            let help = "import what `docker compose config` prints, where all files are put together";
            Err(Unreadable::new(at, format!("the tag `{tag}` needs another file"), help))
        }
        Some(_) | None => Ok(()),
    }
}

fn position(span: Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

fn no_yaml(error: &ScanError) -> Unreadable {
    let marker = error.marker();
    let position = Position { line: marker.line().max(1), column: marker.col() + 1 };
    Unreadable::new(position, format!("the file is not YAML: {}", error.info()), "")
}
