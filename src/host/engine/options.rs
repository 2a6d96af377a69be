//! A list of arguments in the making. Reads nothing, changes nothing.

use crate::operation::Argument;
use std::fmt::Display;

/// A list of arguments in the making.
pub(super) struct Options(Vec<Argument>);

impl Options {
    /// A list that begins with these.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().map(Argument::literal).collect())
    }

    /// Adds an option with its value.
    #[must_use]
    pub(super) fn with(self, name: &str, value: impl Display) -> Self {
        self.with_argument(name, Argument::literal(value))
    }

    /// Adds an option with a value of which a part is known late.
    #[must_use]
    pub(super) fn with_argument(mut self, name: &str, value: Argument) -> Self {
        self.0.extend([Argument::literal(name), value]);
        self
    }

    /// Adds the option once for each value.
    #[must_use]
    pub(super) fn each(self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        values.into_iter().fold(self, |options, value| options.with(name, value))
    }

    /// Adds a switch if it is on.
    #[must_use]
    pub(super) fn switch(self, name: &str, on: bool) -> Self {
        if on { self.then([Argument::literal(name)]) } else { self }
    }

    /// Adds arguments.
    #[must_use]
    pub(super) fn then(mut self, arguments: impl IntoIterator<Item = Argument>) -> Self {
        self.0.extend(arguments);
        self
    }

    /// The list.
    pub(super) fn finish(self) -> Vec<Argument> {
        self.0
    }
}
