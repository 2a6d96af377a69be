//! Bytes as they read once an encoding is undone, each with the place that it came from. Reads nothing, changes nothing.

use std::ops::Range;

/// Bytes that were read from others.
#[derive(Default)]
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where each byte came from; none stands for itself.
    places: Option<Vec<(u32, u32)>>,
}

impl View {
    /// The bytes as they are.
    pub(super) fn plain(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), places: None }
    }

    /// What a range of this view is in the bytes that it was first made of.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        let Some(places) = &self.places else { return range.clone() };
        let start = places.get(range.start).map_or(0, |(start, _)| *start as usize);
        let end = range.end.checked_sub(1).and_then(|last| places.get(last)).map_or(start, |(_, end)| *end as usize);
        start..end.max(start)
    }

    /// Another view, of which each step takes some bytes of this one and gives some.
    fn then(&self, mut step: impl FnMut(&[u8]) -> (usize, Vec<u8>)) -> Self {
        let (mut bytes, mut places) = (Vec::with_capacity(self.bytes.len()), Vec::with_capacity(self.bytes.len()));
        let (mut at, mut rest) = (0, self.bytes.as_slice());
        while !rest.is_empty() {
            let (taken, given) = step(rest);
            let taken = taken.clamp(1, rest.len());
            let range = self.original(&(at..at + taken));
            let place = (u32::try_from(range.start).unwrap_or(u32::MAX), u32::try_from(range.end).unwrap_or(u32::MAX));
            places.extend(given.iter().map(|_| place));
            bytes.extend(given);
            at += taken;
            rest = rest.get(taken..).unwrap_or_default();
        }
        Self { bytes, places: Some(places) }
    }

    /// With `%41` as the byte that it stands for, and every `+` as a space, which it is in forms.
    pub(super) fn without_percent(&self) -> Self {
        self.then(|rest| match rest {
            [b'%', high, low, ..] => match (digit(*high, 16), digit(*low, 16)) {
                (Some(high), Some(low)) => (3, vec![without_plus(byte(high * 16 + low))]),
                (Some(_) | None, Some(_) | None) => (1, vec![b'%']),
            },
            [other, ..] => (1, vec![without_plus(*other)]),
            [] => (1, Vec::new()),
        })
    }

    /// With what stands behind a backslash as what it stands for in JSON, and in a shell's `$'…'`.
    pub(super) fn without_escapes(&self) -> Self {
        self.then(|rest| match rest {
            [b'\\', b'u', digits @ ..] => unicode(digits).map_or((1, vec![b'\\']), |(taken, text)| (2 + taken, text)),
            [b'\\', b'x', digits @ ..] => {
                number(digits, 2, 16).map_or((1, vec![b'\\']), |value| (4, vec![byte(value)]))
            }
            [b'\\', digits @ ..] if matches!(digits.first(), Some(b'0'..=b'3')) => number(digits, 3, 8)
                .map_or((2, digits.iter().take(1).copied().collect()), |value| (4, vec![byte(value)])),
            [b'\\', escaped, ..] => (2, vec![meant(*escaped)]),
            [other, ..] => (1, vec![*other]),
            [] => (1, Vec::new()),
        })
    }

    /// Without quotes and backslashes: a shell has many ways to set them.
    pub(super) fn without_quotes(&self) -> Self {
        self.then(|rest| match rest.first() {
            Some(quote) if is_quote(*quote) => (1, Vec::new()),
            other => (1, other.copied().into_iter().collect()),
        })
    }
}

/// The byte, with a space for a plus.
pub(super) fn without_plus(byte: u8) -> u8 {
    if byte == b'+' { b' ' } else { byte }
}

/// Whether a byte is a quote or a backslash.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"' | b'\\')
}

fn meant(escaped: u8) -> u8 {
    match escaped {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0c,
        b'a' => 0x07,
        b'v' => 0x0b,
        b'e' => 0x1b,
        other => other,
    }
}

/// The character behind `\u`, and how many bytes it takes; two of them make one beyond the first 65,536.
fn unicode(digits: &[u8]) -> Option<(usize, Vec<u8>)> {
    let first = number(digits, 4, 16)?;
    let second = digits.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(|rest| number(rest, 4, 16));
    let (taken, point) = match (first, second) {
        (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
            (10, 0x1_0000 + (first - 0xd800) * 0x400 + (second - 0xdc00))
        }
        (_, _) => (4, first),
    };
    let text = char::from_u32(point)?.to_string();
    Some((taken, text.into_bytes()))
}

/// The number that exactly so many digits of this base make at the beginning.
fn number(digits: &[u8], count: usize, base: u32) -> Option<u32> {
    digits.get(..count)?.iter().try_fold(0, |value, next| Some(value * base + digit(*next, base)?))
}

fn digit(byte: u8, base: u32) -> Option<u32> {
    char::from(byte).to_digit(base)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value & 0xff).unwrap_or_default()
}
