//! Finds many texts in one pass, and large pieces of long ones. Reads nothing, changes nothing.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// How many bytes lead to a text.
const ANCHOR: usize = 4;

/// From so many bytes on, a piece of a text counts as well.
const LONG: usize = 32;

/// A piece that has one of these from its place in the text counts; every piece of twice that length has one.
const BLOCK: usize = 16;

/// With fewer different bytes than this, a block is no sign of the text that it is from.
const FEWEST_KINDS: usize = 5;

/// Which of the texts, and where in it.
#[derive(Clone, Copy)]
struct Place {
    text: usize,
    at: usize,
    /// Only the block at this place has to be found.
    piece: bool,
}

/// A text, and whose it is.
struct Text {
    bytes: Vec<u8>,
    owner: usize,
}

/// Texts that are looked for.
#[derive(Default)]
pub(super) struct Matcher {
    texts: Vec<Text>,
    known: HashSet<Vec<u8>>,
    blocks: HashSet<Vec<u8>>,
    anchors: HashMap<[u8; ANCHOR], Vec<Place>>,
    /// Whether any anchor begins with these two bytes.
    first: Vec<bool>,
}

/// The number of two bytes.
fn number(high: u8, low: u8) -> usize {
    (usize::from(high) << 8) | usize::from(low)
}

impl Matcher {
    /// Adds a text; with `pieces`, also the pieces of it, where it is long. One of less than four bytes is not looked for.
    pub(super) fn add(&mut self, bytes: &[u8], owner: usize, pieces: bool) {
        if bytes.len() < ANCHOR || !self.known.insert(bytes.to_vec()) {
            return;
        }
        let text = self.texts.len();
        self.texts.push(Text { bytes: bytes.to_vec(), owner });
        self.anchor(bytes, Place { text, at: 0, piece: false });
        if pieces && bytes.len() >= LONG {
            for (number, block) in bytes.chunks_exact(BLOCK).enumerate() {
                let kinds: HashSet<&u8> = block.iter().collect();
                if kinds.len() >= FEWEST_KINDS && self.blocks.insert(block.to_vec()) {
                    self.anchor(block, Place { text, at: number * BLOCK, piece: true });
                }
            }
        }
    }

    fn anchor(&mut self, bytes: &[u8], place: Place) {
        let Some(anchor) = bytes.first_chunk::<ANCHOR>() else { return };
        self.anchors.entry(*anchor).or_default().push(place);
        self.first.resize(1 << 16, false);
        let [high, low, ..] = anchor;
        if let Some(first) = self.first.get_mut(number(*high, *low)) {
            *first = true;
        }
    }

    /// Hands on where each text, or a piece of one, is found, and whose it is, until `take` returns false.
    pub(super) fn find(&self, bytes: &[u8], mut take: impl FnMut(Range<usize>, usize) -> bool) {
        for (at, window) in bytes.windows(ANCHOR).enumerate() {
            let Some(anchor) = window.first_chunk::<ANCHOR>() else { continue };
            let [high, low, ..] = anchor;
            if !self.first.get(number(*high, *low)).is_some_and(|first| *first) {
                continue;
            }
            for place in self.anchors.get(anchor).into_iter().flatten() {
                if let Some((range, owner)) = self.at(bytes, at, *place)
                    && !take(range, owner)
                {
                    return;
                }
            }
        }
    }

    /// What of a text is found here.
    fn at(&self, bytes: &[u8], at: usize, place: Place) -> Option<(Range<usize>, usize)> {
        let Place { text, at: within, piece } = place;
        let Text { bytes: text, owner } = self.texts.get(text)?;
        let (before, here) = (bytes.get(..at)?, bytes.get(at..)?);
        if !piece {
            return here.starts_with(text).then_some((at..at + text.len(), *owner));
        }
        let (earlier, rest) = (text.get(..within)?, text.get(within..)?);
        let equal = here.iter().zip(rest).take_while(|(one, other)| one == other).count();
        let back = before.iter().rev().zip(earlier.iter().rev()).take_while(|(one, other)| one == other).count();
        (equal >= BLOCK).then_some((at - back..at + equal, *owner))
    }
}
