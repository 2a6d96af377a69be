//! Collects a program's output within bounds. Reads nothing, changes nothing.

use super::{StdoutBound, visible};

const STDERR_BYTES: usize = 64 * 1024;

/// What came so far.
pub(super) struct Capture {
    bound: StdoutBound,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Capture {
    pub(super) fn new(bound: StdoutBound) -> Self {
        Self { bound, stdout: Vec::new(), stderr: Vec::new() }
    }

    /// Takes a piece of standard output; false if it is more than is allowed.
    pub(super) fn stdout(&mut self, piece: &[u8]) -> bool {
        match self.bound {
            StdoutBound::AtMost(limit) => {
                let room = limit.saturating_sub(self.stdout.len());
                self.stdout.extend(piece.iter().take(room));
                piece.len() <= room
            }
            StdoutBound::Last(limit) => {
                keep_last(&mut self.stdout, piece, limit);
                true
            }
        }
    }

    /// Takes a piece of standard error.
    pub(super) fn stderr(&mut self, piece: &[u8]) {
        keep_last(&mut self.stderr, piece, STDERR_BYTES);
    }

    /// The captured standard output and standard error.
    pub(super) fn finish(self) -> (Vec<u8>, String) {
        let Self { bound, mut stdout, stderr } = self;
        match bound {
            StdoutBound::Last(limit) => stdout.drain(..stdout.len().saturating_sub(limit)),
            StdoutBound::AtMost(limit) => stdout.drain(stdout.len().min(limit)..),
        };
        (stdout, printable(&stderr))
    }
}

/// Appends, and cuts the front off whenever twice the limit has come together, so that the cost stays linear.
fn keep_last(kept: &mut Vec<u8>, piece: &[u8], limit: usize) {
    kept.extend_from_slice(piece);
    if kept.len() > limit.saturating_mul(2) {
        kept.drain(..kept.len() - limit);
    }
}

/// As text that can't drive a terminal, without carriage returns.
fn printable(bytes: &[u8]) -> String {
    let start = bytes.len().saturating_sub(STDERR_BYTES);
    visible(&String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).replace('\r', ""))
}
