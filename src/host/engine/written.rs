//! Turns what an engine prints of a container's output, with the time before each line, into lines. Reads the clock, changes nothing.

use jiff::Timestamp;

/// The most bytes of one line that are kept.
const LONGEST: usize = 16 * 1024;

/// The most bytes that are kept of what the engine says itself.
const MOST_SAID: usize = 4096;

/// How many lines of a container's output are kept after a failure.
const KEPT_LINES: usize = 500;

/// How much of a container's output is kept after a failure, in bytes.
pub(super) const LOG_BYTES: usize = 1024 * 1024;

/// The last whole lines of what was kept of a container's output: its last [`LOG_BYTES`] at most.
pub(super) fn last_lines(output: &[u8]) -> &[u8] {
    let mut breaks = output.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let ends_with_one = output.last() == Some(&b'\n');
    let from = breaks.nth(KEPT_LINES - usize::from(!ends_with_one)).unwrap_or(match output.len() {
        // What came before it is gone, and with it, perhaps, the beginning of the first line.
        LOG_BYTES.. => output.iter().position(|byte| *byte == b'\n').map_or(output.len(), |at| at + 1),
        _ => 0,
    });
    output.get(from..).unwrap_or_default()
}

/// One line of a container's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// The line as it was written, at most its first 16 KiB.
    pub text: Vec<u8>,
    /// How many more bytes it had, with the times between its pieces.
    pub cut: usize,
}

/// Lines in the making.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    cut: usize,
    /// What came without a time: that is the engine's own word.
    said: Vec<u8>,
}

impl Lines {
    /// Takes a piece of output, and hands on each line that it completes; false as soon as nobody wants more.
    pub(super) fn take(&mut self, piece: &[u8], wanted: &mut dyn FnMut(LogLine) -> bool) -> bool {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            // The time before the line counts as well.
            let room = (LONGEST + TIME).saturating_sub(self.begun.len()).min(text.len());
            self.begun.extend(text.iter().take(room));
            self.cut += text.len() - room;
            if ended && !self.end_line(wanted) {
                return false;
            }
        }
        true
    }

    /// The last line, if no line break came after it, and what the engine itself said.
    pub(super) fn finish(mut self, wanted: &mut dyn FnMut(LogLine) -> bool) -> String {
        if !self.begun.is_empty() {
            self.end_line(wanted);
        }
        String::from_utf8_lossy(&self.said).into_owned()
    }

    fn end_line(&mut self, wanted: &mut dyn FnMut(LogLine) -> bool) -> bool {
        let line = std::mem::take(&mut self.begun);
        let mut cut = std::mem::take(&mut self.cut);
        let Some((at, text)) = timed(&line) else {
            let room = MOST_SAID.saturating_sub(self.said.len());
            self.said.extend(line.iter().chain(b"\n").take(room));
            return true;
        };
        let mut text = joined(text, at, Timestamp::now());
        cut += text.len().saturating_sub(LONGEST);
        text.truncate(LONGEST);
        // What writes to a terminal ends its lines so.
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        wanted(LogLine { at, text, cut })
    }
}

/// The bytes of a time and the space after it, at most.
const TIME: usize = 40;

/// The bytes of a time as both engines write it, with nine digits of a second, in universal time and with an offset.
const FIXED: [usize; 2] = ["2026-11-21T20:43:46.062658175Z".len(), "2026-11-21T21:43:46.062658175+01:00".len()];

/// A line without the times in its middle. What a program wrote of a line in pieces, an engine keeps in pieces, and prints the time before
/// each of them: left there, they would part a secret's value, too. A time that the program wrote itself is no later than the one before its
/// piece, or else has not come yet.
fn joined(text: &[u8], began: Timestamp, now: Timestamp) -> Vec<u8> {
    let mut whole = Vec::with_capacity(text.len());
    let mut last = began;
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        match piece_time(rest).filter(|(at, _)| last < *at && *at <= now) {
            Some((at, piece)) => (last, rest) = (at, piece),
            None => {
                whole.push(*byte);
                rest = behind;
            }
        }
    }
    whole
}

/// The time that a piece of a line begins with, and the piece.
fn piece_time(text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let is_fixed = text.get(10) == Some(&b'T') && text.get(19) == Some(&b'.');
    let ends = |length: &&usize| is_fixed && text.get(**length) == Some(&b' ');
    let length = *FIXED.iter().find(ends)?;
    timed(text).filter(|(_, piece)| text.len() - piece.len() == length + 1)
}

/// The time that a line begins with, and what comes after it.
fn timed(line: &[u8]) -> Option<(Timestamp, &[u8])> {
    let head = line.get(..TIME.min(line.len()))?;
    let end =
        head.iter().position(|byte| *byte == b' ').or_else(|| (head.len() == line.len()).then_some(head.len()))?;
    let at = std::str::from_utf8(line.get(..end)?).ok()?.parse().ok()?;
    Some((at, line.get(end + 1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{LOG_BYTES, LONGEST, Lines, LogLine, last_lines};
    use pretty_assertions::assert_eq;

    /// What becomes of these pieces: each line with its milliseconds, and what the engine said.
    fn told(pieces: &[&[u8]]) -> (Vec<(i64, String, usize)>, String) {
        let mut lines = Vec::new();
        let mut keep = |LogLine { at, text, cut }| {
            lines.push((at.as_millisecond() % 60_000, String::from_utf8_lossy(&text).into_owned(), cut));
            true
        };
        let mut taken = Lines::default();
        assert!(pieces.iter().all(|piece| taken.take(piece, &mut keep)));
        let said = taken.finish(&mut keep);
        (lines, said)
    }

    #[test]
    fn lines_are_put_together_whatever_the_pieces_are() {
        let whole =
            b"2026-11-21T20:43:46.062658175Z line 1\n2026-11-21T20:43:47.5+00:00 \r\n2026-11-21T21:43:48+01:00 end";
        let expected = [(46062, "line 1".to_owned(), 0), (47500, String::new(), 0), (48000, "end".to_owned(), 0)];
        for size in 1..whole.len() {
            let pieces: Vec<&[u8]> = whole.chunks(size).collect();
            assert_eq!(told(&pieces), (expected.to_vec(), String::new()), "in pieces of {size}");
        }
    }

    #[test]
    fn what_has_no_time_is_the_engines_own_word() {
        let (lines, said) = told(&[b"2026-11-21T20:43:46Z a\nError: no such container\n"]);
        assert_eq!((lines, said.as_str()), (vec![(46000, "a".to_owned(), 0)], "Error: no such container\n"));
    }

    #[test]
    fn of_a_line_without_end_its_beginning_is_kept() {
        let long = vec![b'x'; 3 * LONGEST];
        let (lines, said) = told(&[b"2026-11-21T20:43:46Z ", &long, b"\n2026-11-21T20:43:47Z next\n"]);
        let expected = [(46000, "x".repeat(LONGEST), 2 * LONGEST), (47000, "next".to_owned(), 0)];
        assert_eq!((lines, said.as_str()), (expected.to_vec(), ""));
    }

    #[test]
    fn regression_097_the_times_between_the_pieces_of_a_line_are_none_of_its_text() {
        let piece = |second: &str, text: &str| format!("2026-11-21T{second} {text}");
        let own = "2026-11-21T20:43:45.999999999Z";
        let later = "2999-01-01T00:00:00.000000000Z";
        let short = "2026-11-21T20:43:46.2Z";
        let lines = [
            piece("20:43:46.000000001Z", "hun"),
            piece("20:43:46.100000000Z", "te"),
            piece("21:43:46.200000000+01:00", "r2\n"),
            piece("20:43:46.300000000Z", &format!("at {own} it said {short} and {later} is far\n")),
        ];
        let (lines, said) = told(&[lines.concat().as_bytes()]);
        let expected =
            [(46000, "hunter2".to_owned(), 0), (46300, format!("at {own} it said {short} and {later} is far"), 0)];
        assert_eq!((lines, said.as_str()), (expected.to_vec(), ""));
    }

    #[test]
    fn of_an_output_the_last_500_whole_lines_are_kept() {
        let lines = |numbers: std::ops::RangeInclusive<u32>| -> String { numbers.map(|n| format!("{n}\n")).collect() };
        let last = |output: &str| String::from_utf8(last_lines(output.as_bytes()).to_vec()).unwrap();
        assert_eq!(last(""), "");
        assert_eq!(last("one"), "one");
        assert_eq!(last(&lines(1..=500)), lines(1..=500));
        assert_eq!(last(&lines(1..=501)), lines(2..=501));
        assert_eq!(last(&(lines(1..=501) + "end")), lines(3..=501) + "end");
        let long = "x".repeat(LOG_BYTES / 3);
        let cut = [&long[2..], &long, &long].join("\n") + "\n";
        assert_eq!(cut.len(), LOG_BYTES);
        assert_eq!(last(&cut), format!("{long}\n{long}\n"));
        assert_eq!(last(&"x".repeat(LOG_BYTES)), "");
    }

    #[test]
    fn nothing_more_is_handed_on_to_whom_has_enough() {
        let mut seen = 0;
        let mut one = |_| {
            seen += 1;
            false
        };
        assert!(!Lines::default().take(b"2026-11-21T20:43:46Z a\n2026-11-21T20:43:46Z b\n", &mut one));
        assert_eq!(seen, 1);
    }
}
