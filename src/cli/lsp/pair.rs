//! A plan and its secrets file, as far as they are open or on the disk, for questions about either of them.

use super::documents::{Document, Documents, uri_beside};
use super::subject::{self, Subject};
use super::text::{Encoding, Text};
use super::verdicts;
use crate::authoring::{self, File, Location, Texts};
use crate::host::files;
use crate::plan::text::MAXIMUM_BYTES;
use lsp_types::{Position, Uri};
use std::path::{Path, PathBuf};

/// One of the two.
#[derive(Debug)]
pub struct Side {
    /// Its name in the protocol.
    pub uri: Uri,
    /// Its version, if it is open.
    pub version: Option<i32>,
    /// Its text, for positions.
    pub text: Text,
    /// Its text, for answers.
    pub document: authoring::Document,
}

impl Side {
    fn of(uri: Uri, version: Option<i32>, text: Text) -> Self {
        let document = authoring::Document::parse(text.as_str());
        Self { uri, version, text, document }
    }

    fn open(document: &Document) -> Self {
        Self::of(document.uri.clone(), Some(document.version), document.text.clone())
    }
}

/// The two, and which of them was asked about.
#[derive(Debug)]
pub struct Pair {
    plan: Option<Side>,
    secrets: Option<Side>,
    /// Which was asked about.
    pub file: File,
    /// Where the plan's paths start from.
    pub folder: Option<PathBuf>,
}

impl Pair {
    /// The pair of an open document. None for what is neither plan nor secrets file.
    pub fn of(document: &Document, documents: &Documents, encoding: Encoding) -> Option<Self> {
        let folder = document.folder().map(Path::to_owned);
        match document.subject {
            Subject::Plan => {
                let secrets = verdicts::secrets_file_of(document, documents).and_then(|secrets| {
                    let verdicts::SecretsFile { uri, version, path: _, bytes } = secrets;
                    Some(Side::of(uri, version, Text::new(String::from_utf8(bytes).ok()?, encoding)))
                });
                Some(Self { plan: Some(Side::open(document)), secrets, file: File::Plan, folder })
            }
            Subject::Secrets => {
                let plan = plan_of(document, documents, encoding);
                Some(Self { plan, secrets: Some(Side::open(document)), file: File::Secrets, folder })
            }
            Subject::Other => None,
        }
    }

    /// The two as answers are made from them.
    pub fn texts(&self) -> Texts<'_> {
        Texts {
            plan: self.plan.as_ref().map(|side| &side.document),
            secrets: self.secrets.as_ref().map(|side| &side.document),
        }
    }

    /// One of the two.
    pub fn side(&self, file: File) -> Option<&Side> {
        match file {
            File::Plan => self.plan.as_ref(),
            File::Secrets => self.secrets.as_ref(),
        }
    }

    /// The text that was asked about.
    pub fn asked(&self) -> Option<&Side> {
        self.side(self.file)
    }

    /// The byte offset of a position in the text that was asked about.
    pub fn offset(&self, position: Position) -> Option<usize> {
        Some(self.asked()?.text.offset(position))
    }

    /// A place in one of the two as the protocol has it.
    pub fn place(&self, location: &Location) -> Option<lsp_types::Location> {
        let Location { file, range } = location;
        let side = self.side(*file)?;
        Some(lsp_types::Location { uri: side.uri.clone(), range: side.text.range(range.clone()) })
    }
}

/// The plan that a secrets file belongs to: an open one, or one beside it.
fn plan_of(secrets: &Document, documents: &Documents, encoding: Encoding) -> Option<Side> {
    let path = secrets.path.as_deref()?;
    let is_its_plan = |plan: &&Document| {
        plan.subject == Subject::Plan
            && verdicts::secrets_file_of(plan, documents).is_some_and(|found| found.path == path)
    };
    if let Some(plan) = documents.iter().find(is_its_plan) {
        return Some(Side::open(plan));
    }
    let beside = subject::plans_of(path).into_iter().find(|plan| verdicts::is_a_plan(plan))?;
    let bytes = files::open_untrusted(&beside).and_then(|mut file| file.read(MAXIMUM_BYTES as u64)).ok()?;
    let text = Text::new(String::from_utf8(bytes).ok()?, encoding);
    Some(Side::of(uri_beside(&secrets.uri, &beside)?, None, text))
}
