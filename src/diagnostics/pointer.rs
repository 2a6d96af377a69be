//! JSON pointers (RFC 6901). Reads nothing, changes nothing.

use std::fmt;

/// A path into a JSON document, as its unescaped segments.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The pointer with these segments.
    pub fn of<S: ToString>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(|segment| segment.to_string()).collect())
    }

    /// Reads `/services/web/ports/0`; an empty text is the root.
    pub fn parse(text: &str) -> Self {
        Self(text.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect())
    }

    /// The member or element below this one.
    #[must_use]
    pub fn then(&self, segment: impl ToString) -> Self {
        let mut longer = self.clone();
        longer.0.push(segment.to_string());
        longer
    }

    /// The value that holds this one, if it is not the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The last segment, if it is not the root.
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// The unescaped segments.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| write!(out, "/{}", segment.replace('~', "~0").replace('/', "~1")))
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn a_pointer_reads_back_as_written() {
        let pointer = Pointer::of(["services", "a/b~c", "0"]);
        assert_eq!(pointer.to_string(), "/services/a~1b~0c/0");
        assert_eq!(Pointer::parse(&pointer.to_string()), pointer);
    }
}
