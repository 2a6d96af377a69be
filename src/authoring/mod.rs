//! Answers an editor's questions about a plan's text at a byte offset, while it is complete, incomplete or broken. Reads
//! nothing, changes nothing.
//!
//! A [`Document`] is a text with its syntax tree. [`Texts`] are the plan and the secrets file beside it, and what can be asked
//! about them. What a field is comes from the JSON Schema alone. Offsets and ranges are bytes of the text asked about; an
//! offset past the end or inside a character has no answer. No answer contains the value of a secret.

mod completion;
mod cursor;
mod document;
mod hover;
mod meaning;
mod names;
mod rename;
mod symbols;

#[cfg(test)]
mod names_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod symbols_tests;

pub use completion::{Completion, CompletionKind, Entry};
pub use document::{Content, Document, Hole, Key, Member, Node};
pub use hover::Hover;
pub use rename::{NotRenamed, Renaming};
pub use symbols::{Symbol, SymbolKind};

use jiff::civil::DateTime;
use std::ops::Range;

/// Which of the two files a question or an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// The plan.
    Plan,
    /// The secrets file.
    Secrets,
}

/// The plan and the secrets file that belong together, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'d> {
    /// The plan.
    pub plan: Option<&'d Document>,
    /// The secrets file.
    pub secrets: Option<&'d Document>,
}

/// Bytes of one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: File,
    /// The bytes.
    pub range: Range<usize>,
}

/// A change of one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub location: Location,
    /// What stands there afterwards.
    pub text: String,
}

/// Where a name is made, asked for where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name at the cursor, without quotes, in the file that was asked about.
    pub name: Range<usize>,
    /// The key that makes it, without quotes.
    pub location: Location,
    /// The whole member, from the key to the end of the value.
    pub member: Range<usize>,
}

impl<'d> Texts<'d> {
    fn document(&self, file: File) -> Option<&'d Document> {
        let Self { plan, secrets } = self;
        match file {
            File::Plan => *plan,
            File::Secrets => *secrets,
        }
    }

    /// What is under the cursor, for people, in Markdown. `now` is the wall time that a schedule's next firings count from.
    pub fn hover(&self, file: File, offset: usize, now: Option<DateTime>) -> Option<Hover> {
        hover::hover(self, file, offset, now)
    }

    /// The folder whose entries [`completions`](Self::completions) wants to know at this offset of the plan, relative to the
    /// plan's own folder; `""` is that folder itself. `None` where no path is written.
    pub fn wanted_folder(&self, offset: usize) -> Option<String> {
        completion::wanted_folder(self.plan?, offset)
    }

    /// What can be written at the cursor, the likeliest first. `entries` are those of the wanted folder.
    pub fn completions(&self, file: File, offset: usize, entries: &[Entry]) -> Vec<Completion> {
        completion::completions(self, file, offset, entries)
    }

    /// Where the service, secret or SSH key under the cursor is made. On a secret's own entry, and where nothing makes it: none.
    pub fn definition(&self, file: File, offset: usize) -> Option<Definition> {
        names::definition(self, file, offset)
    }

    /// Everything that names the service, secret or SSH key under the cursor, in both files, in the order of the text.
    pub fn references(&self, file: File, offset: usize, with_definition: bool) -> Vec<Location> {
        names::references(self, file, offset, with_definition)
    }

    /// The name under the cursor (bytes without quotes) if it can be renamed.
    pub fn renameable(&self, file: File, offset: usize) -> Option<Range<usize>> {
        rename::renameable(self, file, offset)
    }

    /// The changes that rename the service, secret or SSH key under the cursor everywhere.
    ///
    /// A service's name is changed as a key, in `depends_on` and jobs, as the host of health checks, and as the host of URLs in
    /// texts that the containers get (environment, commands, configs). Other texts that consist of the name, such as
    /// `"DB_HOST": "db"`, may mean something else: they are left alone, and listed.
    ///
    /// # Errors
    /// No name under the cursor, or a new name that is wrong or taken.
    pub fn rename(&self, file: File, offset: usize, new: &str) -> Result<Renaming, NotRenamed> {
        rename::rename(self, file, offset, new)
    }
}

impl Document {
    /// The outline of a plan: its services with their kinds, jobs, networks and everything else at the top.
    pub fn symbols(&self) -> Vec<Symbol> {
        symbols::symbols(self)
    }
}
