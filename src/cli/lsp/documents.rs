//! The documents that the client has open, as it has them: what it typed counts, not what is on the disk.

use super::subject::{self, Subject};
use super::text::Text;
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// What may stand in a segment of a URI's path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One document.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name in the protocol.
    pub uri: Uri,
    /// Where it is, if it is a file.
    pub path: Option<PathBuf>,
    /// The client's count of its changes.
    pub version: i32,
    /// Its text now.
    pub text: Text,
    /// What it is.
    pub subject: Subject,
}

impl Document {
    /// Its file name, or all of its URI.
    pub fn name(&self) -> &str {
        let name = self.path.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
        name.unwrap_or_else(|| self.uri.as_str())
    }

    /// The folder that its relative paths start from.
    pub fn folder(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }
}

/// All open documents by their URIs.
#[derive(Debug, Default)]
pub struct Documents {
    open: BTreeMap<String, Document>,
}

impl Documents {
    /// A document was opened.
    pub fn open(&mut self, uri: Uri, version: i32, text: Text) {
        let path = path_of(&uri);
        let key = uri.as_str().to_owned();
        self.open.insert(key, Document { uri, path, version, text, subject: Subject::Other });
    }

    /// A document was changed, by edits in the order in which they were made. False if it is not open.
    pub fn change(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) -> bool {
        let Some(document) = self.open.get_mut(uri.as_str()) else { return false };
        for TextDocumentContentChangeEvent { range, range_length: _, text } in changes {
            document.text.edit(range, &text);
        }
        document.version = version;
        true
    }

    /// A document was closed.
    pub fn close(&mut self, uri: &Uri) -> Option<Document> {
        self.open.remove(uri.as_str())
    }

    /// The document of this name.
    pub fn get(&self, uri: &Uri) -> Option<&Document> {
        self.open.get(uri.as_str())
    }

    /// The open document at this path.
    pub fn at(&self, path: &Path) -> Option<&Document> {
        self.iter().find(|document| document.path.as_deref() == Some(path))
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Document> {
        self.open.values()
    }

    /// Tells anew what each of them is. `is_beside_a_plan` looks at the disk.
    pub fn tell_apart(&mut self, is_beside_a_plan: impl Fn(&Path) -> bool) {
        for document in self.open.values_mut() {
            let Document { uri: _, path, version: _, text, subject } = document;
            let name = path.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
            *subject = subject::of(name, text.as_str(), Some(*subject));
        }
        let plans = self.iter().filter(|document| document.subject == Subject::Plan);
        let named: Vec<_> = plans.filter_map(|plan| Some(subject::secrets_files_of(plan.path.as_deref()?))).collect();
        let named: Vec<_> = named.into_iter().flatten().collect();
        for document in self.open.values_mut().filter(|document| document.subject == Subject::Other) {
            let Some(path) = &document.path else { continue };
            if named.contains(path) || subject::plans_of(path).iter().any(|plan| is_beside_a_plan(plan)) {
                document.subject = Subject::Secrets;
            }
        }
    }
}

/// Where a document is, if it is a file of this machine.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().is_some_and(|scheme| scheme.eq_lowercase("file"));
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let path: Vec<u8> = percent_decode_str(uri.path().as_str()).collect();
    (is_file && matches!(host, "" | "localhost") && path.starts_with(b"/")).then(|| OsString::from_vec(path).into())
}

/// The URI of a file beside a document, written as the document's is.
pub fn uri_beside(uri: &Uri, path: &Path) -> Option<Uri> {
    let name = path.file_name()?.to_str()?;
    let (folder, _) = uri.as_str().rsplit_once('/')?;
    format!("{folder}/{}", utf8_percent_encode(name, SEGMENT)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{path_of, uri_beside};
    use pretty_assertions::assert_eq;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_uri_names_a_file_of_this_machine_or_none() {
        let path = |uri: &str| path_of(&uri.parse().unwrap());
        assert_eq!(path("file:///a%20b/%C3%A4%25.json"), Some(PathBuf::from("/a b/ä%.json")));
        assert_eq!(path("file://localhost/a.json"), Some(PathBuf::from("/a.json")));
        assert_eq!(
            [path("untitled:Untitled-1"), path("file://elsewhere/a.json"), path("git:/a.json")],
            [None, None, None]
        );
    }

    #[test]
    fn a_file_beside_a_document_is_named_as_the_document_is() {
        let uri = "file:///a%20b/plan.json".parse().unwrap();
        let beside = uri_beside(&uri, Path::new("/a b/ä b.secrets.json")).unwrap();
        assert_eq!(beside.as_str(), "file:///a%20b/%C3%A4%20b.secrets.json");
    }
}
