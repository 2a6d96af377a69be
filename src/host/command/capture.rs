//! Collects a program's output within bounds. Reads nothing, changes nothing.

use super::{StdoutBound, visible};

const STDERR_BYTES: usize = 64 * 1024;

/// So much is kept in one piece.
const PIECE: usize = 32 * 1024;

/// What a program wrote, in pieces: as one, what is long would be moved each time that it grows, and the allocator would keep the room.
#[derive(Debug, Default)]
pub struct Pieces(Vec<Vec<u8>>);

impl Pieces {
    /// As one.
    pub fn whole(self) -> Vec<u8> {
        let mut pieces = self.0.into_iter();
        let mut whole = pieces.next().unwrap_or_default();
        whole.reserve_exact(pieces.as_slice().iter().map(Vec::len).sum());
        pieces.for_each(|piece| whole.extend(piece));
        whole
    }

    /// Byte by byte.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.iter().flatten().copied()
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|piece| piece.trim_ascii().is_empty())
    }

    fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.0.last().map_or(0, |last| PIECE.saturating_sub(last.len()));
            let Some(last) = self.0.last_mut().filter(|_| room > 0) else {
                self.0.push(Vec::new());
                continue;
            };
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            last.extend_from_slice(now);
            bytes = later;
        }
    }
}

#[cfg(test)]
impl From<&[u8]> for Pieces {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.chunks(3).map(<[u8]>::to_vec).collect())
    }
}

/// What came so far.
pub(super) struct Capture {
    bound: StdoutBound,
    /// All of it.
    stdout: Pieces,
    /// The end of it, where that is what is kept.
    last: Vec<u8>,
    stderr: Vec<u8>,
}

impl Capture {
    pub(super) fn new(bound: StdoutBound) -> Self {
        Self { bound, stdout: Pieces::default(), last: Vec::new(), stderr: Vec::new() }
    }

    /// Takes a piece of standard output; false if it is more than is allowed.
    pub(super) fn stdout(&mut self, piece: &[u8]) -> bool {
        match self.bound {
            StdoutBound::AtMost(limit) => {
                let room = limit.saturating_sub(self.stdout.len());
                self.stdout.extend(piece.get(..room).unwrap_or(piece));
                piece.len() <= room
            }
            StdoutBound::Last(limit) => {
                keep_last(&mut self.last, piece, limit);
                true
            }
        }
    }

    /// Takes a piece of standard error.
    pub(super) fn stderr(&mut self, piece: &[u8]) {
        keep_last(&mut self.stderr, piece, STDERR_BYTES);
    }

    /// The captured standard output and standard error.
    pub(super) fn finish(self) -> (Pieces, String) {
        let Self { bound, mut stdout, mut last, stderr } = self;
        if let StdoutBound::Last(limit) = bound {
            last.drain(..last.len().saturating_sub(limit));
            stdout = Pieces(vec![last]);
        }
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
