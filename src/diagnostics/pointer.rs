//! JSON pointers (RFC 6901). Reads nothing, changes nothing.

use std::cmp::Ordering;
use std::fmt::{self, Write};

/// A path into a JSON document, as its unescaped segments.
///
/// Rules make one for each place at which something could be wrong: so all segments are one text, which is copied as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pointer {
    segments: String,
    /// Where each of them ends in the text, in bytes.
    ends: Vec<usize>,
}

impl Pointer {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The pointer with these segments.
    pub fn of<S: fmt::Display>(segments: impl IntoIterator<Item = S>) -> Self {
        let mut pointer = Self::default();
        segments.into_iter().for_each(|segment| pointer.push(segment));
        pointer
    }

    /// The pointer with these names of members.
    pub fn of_names(names: &[&str]) -> Self {
        let length = names.iter().map(|name| name.len()).sum();
        let mut pointer = Self { segments: String::with_capacity(length), ends: Vec::with_capacity(names.len()) };
        for name in names {
            pointer.segments.push_str(name);
            pointer.ends.push(pointer.segments.len());
        }
        pointer
    }

    /// Reads `/services/web/ports/0`; an empty text is the root.
    pub fn parse(text: &str) -> Self {
        Self::of(text.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")))
    }

    /// The member or element below this one.
    #[must_use]
    pub fn then(&self, segment: impl fmt::Display) -> Self {
        let mut segments = String::with_capacity(self.segments.len() + USUAL);
        segments.push_str(&self.segments);
        let mut ends = Vec::with_capacity(self.ends.len() + 1);
        ends.extend_from_slice(&self.ends);
        let mut longer = Self { segments, ends };
        longer.push(segment);
        longer
    }

    fn push(&mut self, segment: impl fmt::Display) {
        let _never_fails = write!(self.segments, "{segment}");
        self.ends.push(self.segments.len());
    }

    /// The value that holds this one, if it is not the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, ends) = self.ends.split_last()?;
        let segments = self.segments.get(..ends.last().copied().unwrap_or(0))?;
        Some(Self { segments: segments.to_owned(), ends: ends.to_vec() })
    }

    /// The last segment, if it is not the root.
    pub fn last(&self) -> Option<&str> {
        self.segments().last()
    }

    /// The unescaped segments.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.segments.get(start..*end))
    }
}

/// How many bytes a segment has at most, mostly.
const USUAL: usize = 24;

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.segments().cmp(other.segments())
    }
}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments().try_for_each(|segment| write!(out, "/{}", segment.replace('~', "~0").replace('/', "~1")))
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;
    use pretty_assertions::{assert_eq, assert_ne};

    #[test]
    fn a_pointer_reads_back_as_written() {
        let pointer = Pointer::of(["services", "a/b~c", "0"]);
        assert_eq!(pointer.to_string(), "/services/a~1b~0c/0");
        assert_eq!(Pointer::parse(&pointer.to_string()), pointer);
        assert_eq!(Pointer::of_names(&["services", "a/b~c", "0"]), pointer);
        assert_eq!(pointer.segments().collect::<Vec<_>>(), ["services", "a/b~c", "0"]);
        assert_eq!(pointer.parent().unwrap().then(0), pointer);
        assert_eq!((pointer.last(), Pointer::root().last(), Pointer::root().parent()), (Some("0"), None, None));
    }

    #[test]
    fn pointers_are_told_apart_and_put_in_order_by_their_segments() {
        let mut pointers = [
            Pointer::of(["ab"]),
            Pointer::of(["a", "", "b"]),
            Pointer::of(["a", "b"]),
            Pointer::of(["a"]),
            Pointer::root(),
            Pointer::of(["a", ""]),
            Pointer::of([""]),
        ];
        pointers.sort();
        let told = pointers.iter().map(|pointer| pointer.segments().collect::<Vec<_>>());
        let expected: [&[&str]; 7] = [&[], &[""], &["a"], &["a", ""], &["a", "", "b"], &["a", "b"], &["ab"]];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_ne!(Pointer::of(["a", "b"]), Pointer::of(["ab", ""]));
    }
}
