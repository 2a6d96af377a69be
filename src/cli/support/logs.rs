//! The last lines that a container wrote, within bounds of memory and time. Reads only.

use crate::host::command::visible;
use crate::host::engine::{Engine, LogLine, Wanted};
use crate::host::threads::beside;
use crate::redaction::{Redacted, Redactor};
use crate::run::{Cancel, Failure};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most bytes of a service's log that are kept: the last ones.
pub(super) const MOST: usize = 4 << 20;

/// How long an engine may take for a log.
const LONGEST: Duration = Duration::from_secs(60);

/// So many bytes at the end of a line that was cut are left out: the beginning of a value could stand there.
const AT_A_CUT: usize = 4096;

/// The last lines of a log.
#[derive(Default)]
pub(super) struct Kept {
    lines: VecDeque<LogLine>,
    bytes: usize,
    /// How many lines came before.
    dropped: u64,
    /// Whether there was not time for all.
    in_time: bool,
}

impl Kept {
    fn take(&mut self, line: LogLine, most: usize) {
        self.bytes += line.text.len();
        self.lines.push_back(line);
        while self.bytes > most {
            let Some(first) = self.lines.pop_front() else { return };
            self.bytes -= first.text.len();
            self.dropped += 1;
        }
    }

    /// As text, each line with its time, without values of secrets; and in how many places one was taken out.
    pub(super) fn told(&self, redactor: &Redactor) -> Redacted<String> {
        let (mut content, mut places) = (String::new(), 0);
        for LogLine { at, text, cut } in &self.lines {
            let Redacted { content: text, places: here } = redactor.redact(text);
            places += here;
            let (text, more) = match cut {
                0 => (text.as_slice(), String::new()),
                cut => {
                    let end = text.len().saturating_sub(AT_A_CUT);
                    (text.get(..end).unwrap_or_default(), format!("… and {} bytes more", cut + text.len() - end))
                }
            };
            content.push_str(&format!("{at:.3} {}{more}\n", visible(&String::from_utf8_lossy(text))));
        }
        Redacted { content, places }
    }

    /// What is missing of it, in words.
    pub(super) fn note(&self) -> Option<String> {
        let late = (!self.in_time).then(|| format!("the engine took longer than {} s", LONGEST.as_secs()));
        let dropped = (self.dropped > 0).then(|| format!("{} earlier lines are left out", self.dropped));
        let notes: Vec<String> = late.into_iter().chain(dropped).collect();
        (!notes.is_empty()).then(|| notes.join(", "))
    }
}

/// The last lines that a container wrote since this time.
///
/// # Errors
/// What the engine said.
pub(super) fn read(engine: &Engine, container: &str, since: Timestamp) -> Result<Kept, Failure> {
    let kept = Arc::new(Mutex::new(Kept { in_time: true, ..Kept::default() }));
    let taking = Arc::clone(&kept);
    let wanted = Wanted { container, since: Some(since), follow: false };
    let late = Cancel::never();
    std::thread::scope(|scope| {
        let (ended, end) = channel::<()>();
        let watch = {
            let late = late.clone();
            beside(scope, move || {
                if end.recv_timeout(LONGEST) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    late.cancel();
                }
            })?
        };
        let read = engine.log(&wanted, &late, move |line| {
            taking.lock().unwrap_or_else(PoisonError::into_inner).take(line, MOST);
            true
        });
        drop(ended);
        let _ = watch.join();
        read
    })?;
    let mut kept = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    kept.in_time = !late.is_cancelled();
    Ok(kept)
}

/// The end of a file of lines, at most so many bytes; and how many bytes come before.
pub(super) fn last_lines(bytes: &[u8], most: usize) -> (&[u8], usize) {
    let from = bytes.len().saturating_sub(most);
    if from == 0 {
        return (bytes, 0);
    }
    // Half a line could begin in the middle of a value.
    let tail = bytes.get(from..).unwrap_or_default();
    let begins = tail.iter().position(|byte| *byte == b'\n').map_or(tail.len(), |at| at + 1);
    (tail.get(begins..).unwrap_or_default(), from + begins)
}

#[cfg(test)]
mod tests {
    use super::{Kept, last_lines};
    use crate::host::engine::LogLine;
    use crate::redaction::{Redactor, Value};
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    fn line(second: i64, text: &[u8], cut: usize) -> LogLine {
        LogLine { at: Timestamp::from_second(second).unwrap(), text: text.to_vec(), cut }
    }

    #[test]
    fn of_a_long_log_the_last_lines_are_kept_and_it_is_told_how_many_came_before() {
        let mut kept = Kept { in_time: true, ..Kept::default() };
        (0..5).for_each(|second| kept.take(line(second, b"12345", 0), 12));
        let told = kept.told(&Redactor::new(&[])).content;
        assert_eq!(told, "1970-01-01T00:00:03.000Z 12345\n1970-01-01T00:00:04.000Z 12345\n");
        assert_eq!(kept.note().as_deref(), Some("3 earlier lines are left out"));
    }

    #[test]
    fn nothing_of_a_value_is_left_where_a_line_was_cut_in_the_middle_of_it() {
        let redactor = Redactor::new(&[Value { name: "db".to_owned(), bytes: b"hunter2".to_vec() }]);
        let mut text = vec![b'.'; 5000];
        text.splice(..9, *b"a hunter2");
        text.extend(b"\x1bhunter");
        let mut kept = Kept { in_time: true, ..Kept::default() };
        kept.take(line(0, &text, 7), 1 << 20);
        let told = kept.told(&redactor);
        assert_eq!(told.places, 1);
        let shown = format!("1970-01-01T00:00:00.000Z a [redacted]{}… and 4103 bytes more\n", ".".repeat(902));
        assert_eq!(told.content, shown);
    }

    #[test]
    fn the_end_of_a_file_begins_with_a_whole_line() {
        assert_eq!(last_lines(b"one\ntwo\nthree\n", 100), (b"one\ntwo\nthree\n".as_slice(), 0));
        assert_eq!(last_lines(b"one\ntwo\nthree\n", 8), (b"three\n".as_slice(), 8));
        assert_eq!(last_lines(b"oneline", 3), (b"".as_slice(), 7));
    }
}
