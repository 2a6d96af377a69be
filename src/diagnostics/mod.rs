//! What is wrong, where, and the cure: findings, and the forms in which they are reported. Reads nothing, changes nothing.

pub mod code;
pub mod explained;
mod fix;
mod pointer;
pub mod report;
pub mod source;
mod usual;

pub use code::Code;
pub use fix::{Edit, Fix};
pub use pointer::Pointer;
pub use source::{Inside, Members, Position, Source, Span};

use std::ops::Range;

/// Which text a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// The plan file.
    Plan,
    /// The secrets file.
    Secrets,
    /// The site's policy.
    Policy,
    /// No text: the server itself (its engine, its disk, its crontab).
    Host,
}

/// Which part of a document a finding underlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The value at this pointer.
    Value(Pointer),
    /// The key of the member at this pointer.
    Key(Pointer),
    /// These bytes of the text, where there is no structure to point into.
    Bytes(Range<usize>),
    /// The document as a whole.
    Whole,
}

/// Whether a finding ends the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is done until it is cured.
    Error,
    /// Worth knowing; the exit status stays 0.
    Warning,
}

/// One mistake: what, where and the cure.
///
/// Messages, labels and helps are lower case, name the actual value, and never contain a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: Code,
    /// Whether it ends the run.
    pub severity: Severity,
    /// The text it is about.
    pub document: Document,
    /// What to underline.
    pub place: Place,
    /// What is wrong, with the actual value: ``schedule `61 * * * *` never fires``.
    pub message: String,
    /// What stands beside the underlined text: ``minutes are 0 to 59``. May be empty.
    pub label: String,
    /// The cure. May be empty.
    pub help: String,
    /// Where two places disagree: the others, each with its label.
    pub also: Vec<(Place, String)>,
    /// Changes that cure it, where exactly one text is known that does, or several; the likeliest first.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// An error at the value that `pointer` names in the plan.
    pub fn error(code: Code, pointer: Pointer, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Document::Plan, Place::Value(pointer), message)
    }

    /// A warning at the value that `pointer` names in the plan.
    pub fn warning(code: Code, pointer: Pointer, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Document::Plan, Place::Value(pointer), message)
    }

    /// A finding of any kind.
    pub fn new(code: Code, severity: Severity, document: Document, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            document,
            place,
            message: message.into(),
            label: String::new(),
            help: String::new(),
            also: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// An error of the server itself.
    pub fn host(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Document::Host, Place::Whole, message)
    }

    /// Underlines the key instead of the value, and replaces it where the value would have been.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        if let Place::Value(pointer) = self.place.clone() {
            let key = Place::Key(pointer);
            self.fixes.iter_mut().filter(|fix| fix.place == self.place).for_each(|fix| fix.place = key.clone());
            self.place = key;
        }
        self
    }

    /// Sets the label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the cure.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds a second place of the plan that takes part in the mistake.
    #[must_use]
    pub fn also(mut self, pointer: Pointer, label: impl Into<String>) -> Self {
        self.also.push((Place::Value(pointer), label.into()));
        self
    }

    /// Adds the key of a second place of the plan.
    #[must_use]
    pub fn also_key(mut self, pointer: Pointer, label: impl Into<String>) -> Self {
        self.also.push((Place::Key(pointer), label.into()));
        self
    }

    /// Adds a change that cures it: this JSON text at `place`.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, place: Place, replacement: impl ToString) -> Self {
        let replacement = Some(replacement.to_string());
        self.fixes.push(Fix { title: title.into(), place, replacement });
        self
    }

    /// Adds a change that cures it: without the member or element at `place`.
    #[must_use]
    pub fn fix_by_removing(mut self, title: impl Into<String>, place: Place) -> Self {
        self.fixes.push(Fix { title: title.into(), place, replacement: None });
        self
    }

    /// Says that it is about the secrets file.
    #[must_use]
    pub fn in_secrets(mut self) -> Self {
        self.document = Document::Secrets;
        self
    }
}
