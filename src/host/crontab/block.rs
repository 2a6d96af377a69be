//! Our marked block in a crontab, as bytes in and bytes out. Reads nothing, changes nothing.
//!
//! ```text
//! # BEGIN landfall shop (no crontab before)
//! */5 * * * * /var/lib/landfall/shop/healthcheck
//! # END landfall shop
//! ```
//!
//! Every byte outside the block stays. What can't be seen any more once the block is there stands in its first line:
//! that there was no crontab, or that what is in front of the block had no newline at its end.

const NO_CRONTAB: &[u8] = b" (no crontab before)";
const NO_NEWLINE: &[u8] = b" (no newline before)";

/// The longest line that cron takes, in bytes.
pub const LONGEST_LINE: usize = 998;

/// Why a crontab, or a line for it, is left alone. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockProblem {
    /// A block that doesn't end.
    #[error(
        "line {line} of root's crontab begins the block of `{plan}`, but nothing ends it: remove the line, or put `# END landfall {plan}` after the block"
    )]
    BeginWithoutEnd {
        /// Whose block.
        plan: String,
        /// Where it begins.
        line: usize,
    },
    /// A block that ends without having begun.
    #[error("line {line} of root's crontab ends the block of `{plan}`, but nothing begins it: remove the line")]
    EndWithoutBegin {
        /// Whose block.
        plan: String,
        /// Where it ends.
        line: usize,
    },
    /// Two blocks of one plan.
    #[error("lines {first} and {second} of root's crontab both begin the block of `{plan}`: remove one of the blocks")]
    TwoBegins {
        /// Whose block.
        plan: String,
        /// The first beginning.
        first: usize,
        /// The second one.
        second: usize,
    },
    /// A marker line that someone changed.
    #[error(
        "line {line} of root's crontab is almost a marker of the block of `{plan}`: make it exactly `# BEGIN landfall {plan}` or `# END landfall {plan}`, or remove the block"
    )]
    Edited {
        /// Whose block.
        plan: String,
        /// Which line.
        line: usize,
    },
    /// Another block's marker within ours.
    #[error(
        "line {line} of root's crontab, within the block of `{plan}`, marks another plan's block: move it out of there"
    )]
    Tangled {
        /// Whose block.
        plan: String,
        /// Which line.
        line: usize,
    },
    /// A line that cron would not take as one line.
    #[error(
        "a crontab line is at most {LONGEST_LINE} bytes, without control characters, and no marker of ours: line {line} of the new block is not"
    )]
    BadLine {
        /// Which line of the block.
        line: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Begin { no_crontab: bool, no_newline: bool },
    End,
}

/// What a line is to the block of one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Marker(Marker),
    AlmostMarker,
    ForeignMarker,
    Other,
}

/// A crontab, divided at our block.
struct Divided<'a> {
    before: &'a [u8],
    /// The block, if there is one: its notes and its lines.
    block: Option<Block<'a>>,
    after: &'a [u8],
}

struct Block<'a> {
    no_crontab: bool,
    no_newline: bool,
    lines: &'a [u8],
}

/// The crontab with `lines` as the block of `plan`: in its old place, or at the end. `None` is no crontab at all.
///
/// # Errors
/// A broken marker, or a line that cron would not take; see [`BlockProblem`].
pub fn replace(crontab: Option<&[u8]>, plan: &str, lines: &[String]) -> Result<Vec<u8>, BlockProblem> {
    check_lines(lines)?;
    let Divided { before, block, after } = divide(crontab.unwrap_or_default(), plan)?;
    let mut text = before.to_vec();
    let (no_crontab, no_newline) = match block {
        Some(Block { no_crontab, no_newline, lines: _ }) => (no_crontab, no_newline),
        None => (crontab.is_none(), !before.is_empty() && !before.ends_with(b"\n")),
    };
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    push_begin(&mut text, plan.as_bytes(), no_crontab, no_newline);
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(format!("# END landfall {plan}\n").as_bytes());
    text.extend_from_slice(after);
    Ok(text)
}

/// The crontab without the block of `plan`. `None` is no crontab at all.
///
/// # Errors
/// A broken marker; see [`BlockProblem`].
pub fn remove(crontab: Option<&[u8]>, plan: &str) -> Result<Option<Vec<u8>>, BlockProblem> {
    let Some(crontab) = crontab else { return Ok(None) };
    let Divided { before, block, after } = divide(crontab, plan)?;
    let Some(Block { no_crontab, no_newline, lines: _ }) = block else { return Ok(Some(crontab.to_vec())) };
    let after = if no_newline { note_in_first_line(after, NO_NEWLINE).0 } else { after.to_vec() };
    let before = match before.strip_suffix(b"\n") {
        Some(without) if no_newline && after.is_empty() => without,
        Some(_) | None => before,
    };
    let rest = [before, after.as_slice()].concat();
    if !no_crontab {
        return Ok(Some(rest));
    }
    if rest.is_empty() { Ok(None) } else { Ok(Some(note_in_some_line(&rest))) }
}

/// The lines of the block of `plan`, without the marker lines, if it is there.
///
/// # Errors
/// A broken marker; see [`BlockProblem`].
pub fn lines<'a>(crontab: &'a [u8], plan: &str) -> Result<Option<Vec<&'a [u8]>>, BlockProblem> {
    let Divided { before: _, block, after: _ } = divide(crontab, plan)?;
    Ok(block.map(|Block { no_crontab: _, no_newline: _, lines }| {
        lines.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line)).collect()
    }))
}

/// The plans whose blocks begin in a crontab, in its order.
pub fn plans(crontab: &[u8]) -> Vec<String> {
    let begins = |line: &&[u8]| line.trim_ascii_start().strip_prefix(b"# BEGIN").is_some();
    let lines = crontab.split(|byte| *byte == b'\n').filter(begins);
    lines.filter_map(|line| Some(String::from_utf8_lossy(any_marker(line)?.first()?).into_owned())).collect()
}

/// Whether cron would take these lines as lines, and no one would take them for our markers.
///
/// # Errors
/// [`BlockProblem::BadLine`].
pub fn check_lines(lines: &[String]) -> Result<(), BlockProblem> {
    for (position, line) in lines.iter().enumerate() {
        let control = line.chars().any(|letter| letter.is_control() && letter != '\t');
        if control || line.len() > LONGEST_LINE || any_marker(line.as_bytes()).is_some() {
            return Err(BlockProblem::BadLine { line: position + 1 });
        }
    }
    Ok(())
}

fn push_begin(text: &mut Vec<u8>, plan: &[u8], no_crontab: bool, no_newline: bool) {
    text.extend_from_slice(b"# BEGIN landfall ");
    text.extend_from_slice(plan);
    if no_crontab {
        text.extend_from_slice(NO_CRONTAB);
    }
    if no_newline {
        text.extend_from_slice(NO_NEWLINE);
    }
    text.push(b'\n');
}

/// A block whose end has not come yet.
struct Begun {
    line: usize,
    /// Where its first line starts, and where the next one does, in bytes.
    start: usize,
    inner: usize,
    no_crontab: bool,
    no_newline: bool,
}

impl Begun {
    fn end<'a>(self, crontab: &'a [u8], end_line: usize, after: usize) -> Divided<'a> {
        let Self { line: _, start, inner, no_crontab, no_newline } = self;
        let lines = crontab.get(inner..end_line).unwrap_or_default();
        Divided {
            before: crontab.get(..start).unwrap_or_default(),
            block: Some(Block { no_crontab, no_newline, lines }),
            after: crontab.get(after..).unwrap_or_default(),
        }
    }
}

fn divide<'a>(crontab: &'a [u8], plan: &str) -> Result<Divided<'a>, BlockProblem> {
    let owner = || plan.to_owned();
    let mut begun: Option<Begun> = None;
    let mut first = None;
    let mut divided = Divided { before: crontab, block: None, after: b"" };
    let mut start = 0;
    for (position, text) in crontab.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let (line, inner) = (position + 1, start + text.len());
        match meaning(text, plan.as_bytes()) {
            Meaning::Marker(Marker::Begin { no_crontab, no_newline }) => {
                if let Some(first) = first.replace(line) {
                    return Err(BlockProblem::TwoBegins { plan: owner(), first, second: line });
                }
                begun = Some(Begun { line, start, inner, no_crontab, no_newline });
            }
            Meaning::Marker(Marker::End) => match begun.take() {
                Some(begun) => divided = begun.end(crontab, start, inner),
                None => return Err(BlockProblem::EndWithoutBegin { plan: owner(), line }),
            },
            Meaning::AlmostMarker => return Err(BlockProblem::Edited { plan: owner(), line }),
            Meaning::ForeignMarker if begun.is_some() => return Err(BlockProblem::Tangled { plan: owner(), line }),
            Meaning::ForeignMarker | Meaning::Other => {}
        }
        start = inner;
    }
    match begun {
        Some(begun) => Err(BlockProblem::BeginWithoutEnd { plan: owner(), line: begun.line }),
        None => Ok(divided),
    }
}

/// The words after `# BEGIN landfall` or `# END landfall`, however someone's editor left case and spaces.
fn any_marker(line: &[u8]) -> Option<Vec<&[u8]>> {
    let text = line.trim_ascii().strip_prefix(b"#")?;
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (verb, name) = (words.next()?, words.next()?);
    let ours = (verb.eq_ignore_ascii_case(b"begin") || verb.eq_ignore_ascii_case(b"end"))
        && name.eq_ignore_ascii_case(b"landfall");
    ours.then(|| words.collect())
}

fn meaning(line: &[u8], plan: &[u8]) -> Meaning {
    let Some(words) = any_marker(line) else { return Meaning::Other };
    if !words.first().is_some_and(|word| word.eq_ignore_ascii_case(plan)) {
        return Meaning::ForeignMarker;
    }
    match exact_marker(line, plan) {
        Some(marker) => Meaning::Marker(marker),
        None => Meaning::AlmostMarker,
    }
}

fn exact_marker(line: &[u8], plan: &[u8]) -> Option<Marker> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if let Some(rest) = line.strip_prefix(b"# END landfall ") {
        return (rest == plan).then_some(Marker::End);
    }
    let rest = line.strip_prefix(b"# BEGIN landfall ")?.strip_prefix(plan)?;
    let (no_crontab, rest) = rest.strip_prefix(NO_CRONTAB).map_or((false, rest), |rest| (true, rest));
    let (no_newline, rest) = rest.strip_prefix(NO_NEWLINE).map_or((false, rest), |rest| (true, rest));
    rest.is_empty().then_some(Marker::Begin { no_crontab, no_newline })
}

/// Hands a note on to the block that `text` begins with; false if it doesn't begin with one.
fn note_in_first_line(text: &[u8], note: &[u8]) -> (Vec<u8>, bool) {
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |newline| newline + 1);
    let (line, rest) = text.split_at(end);
    let plan = any_marker(line).and_then(|words| words.first().copied()).unwrap_or_default();
    match exact_marker(line, plan) {
        Some(Marker::Begin { no_crontab, no_newline }) => {
            let mut noted = Vec::with_capacity(text.len() + note.len());
            push_begin(&mut noted, plan, no_crontab || note == NO_CRONTAB, no_newline || note == NO_NEWLINE);
            noted.extend_from_slice(rest);
            (noted, true)
        }
        Some(Marker::End) | None => (text.to_vec(), false),
    }
}

/// Hands the note that there was no crontab on to the first block of another plan, if there is one.
fn note_in_some_line(text: &[u8]) -> Vec<u8> {
    let mut offset = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (before, rest) = text.split_at(offset);
        if let (noted, true) = note_in_first_line(rest, NO_CRONTAB) {
            return [before, noted.as_slice()].concat();
        }
        offset += line.len();
    }
    text.to_vec()
}
