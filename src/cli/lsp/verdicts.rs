//! What is wrong with each open plan and secrets file: what `landfall check` would say of them, as the client has them.

use super::documents::{Document, Documents, uri_beside};
use super::subject::{self, Subject};
use super::text::{Encoding, Text};
use crate::cli::inputs;
use crate::diagnostics::{self, Code, Finding, Source};
use crate::few::InOrder;
use crate::host::files;
use crate::plan::reading;
use crate::plan::text::MAXIMUM_BYTES;
use lsp_types::Uri;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The findings of one text, which need not be open: a plan's secrets file is judged with it.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The text's name in the protocol.
    pub uri: Uri,
    /// The version that was judged; none of what isn't open.
    pub version: Option<i32>,
    /// The text, for positions.
    pub text: Text,
    /// The text, for places.
    pub source: Source,
    /// What is wrong with it, in the order of the text.
    pub findings: Vec<Finding>,
}

/// The bytes of the secrets file of a plan.
pub struct SecretsFile {
    /// Its name in the protocol.
    pub uri: Uri,
    /// Its version, if it is open.
    pub version: Option<i32>,
    /// Where it is.
    pub path: PathBuf,
    /// What is in it. Only names may ever be shown.
    pub bytes: Vec<u8>,
}

/// The secrets file of a plan: the first of the possible ones that is open or can be read.
pub fn secrets_file_of(plan: &Document, documents: &Documents) -> Option<SecretsFile> {
    let places = subject::secrets_files_of(plan.path.as_deref()?);
    places.into_iter().find_map(|path| match documents.at(&path) {
        Some(Document { uri, path: _, version, text, subject: _ }) => {
            let bytes = text.as_str().as_bytes().to_vec();
            Some(SecretsFile { uri: uri.clone(), version: Some(*version), path, bytes })
        }
        None => {
            let bytes = files::open_untrusted(&path).and_then(|mut file| file.read(MAXIMUM_BYTES as u64)).ok()?;
            Some(SecretsFile { uri: uri_beside(&plan.uri, &path)?, version: None, path, bytes })
        }
    })
}

/// The verdict on a plan, and the one on its secrets file, if it has one.
pub fn of_plan(plan: &Document, documents: &Documents, encoding: Encoding) -> (Verdict, Option<Verdict>) {
    let secrets = secrets_file_of(plan, documents);
    let name = secrets.as_ref().map(|secrets| secrets.path.display().to_string()).unwrap_or_default();
    let given = secrets.as_ref().map(|secrets| (name.as_str(), secrets.bytes.as_slice()));
    let checked = crate::check((plan.name(), plan.text.as_str().as_bytes()), given);
    let (mut of_plan, mut of_secrets) = (Vec::new(), Vec::new());
    for finding in checked.findings {
        match finding.document {
            diagnostics::Document::Plan | diagnostics::Document::Policy | diagnostics::Document::Host => {
                of_plan.push(finding)
            }
            diagnostics::Document::Secrets => of_secrets.push(finding),
        }
    }
    if let (Some(read), Some(folder)) = (&checked.plan, plan.folder()) {
        of_plan.extend(inputs::missing_files(read, folder));
    }
    let verdict = Verdict {
        uri: plan.uri.clone(),
        version: Some(plan.version),
        text: plan.text.clone(),
        findings: in_order(of_plan, &checked.plan_source),
        source: checked.plan_source,
    };
    let of_secrets = secrets.zip(checked.secrets_source).map(|(file, source)| Verdict {
        uri: file.uri,
        version: file.version,
        text: Text::new(source.text(), encoding),
        findings: in_order(of_secrets, &source),
        source,
    });
    (verdict, of_secrets)
}

/// The verdict on a secrets file by itself.
pub fn of_secrets(document: &Document) -> Verdict {
    let reading::Read { source, content: _, beside_mistakes: _, findings } =
        reading::secrets(document.name(), document.text.as_str().as_bytes());
    Verdict {
        uri: document.uri.clone(),
        version: Some(document.version),
        text: document.text.clone(),
        findings: in_order(findings, &source),
        source,
    }
}

/// The verdicts on open documents, each by the name of what it is on: of a secrets file that several plans use, everything that
/// one of them has against it. That a secret is never used counts only if all of them say so.
pub fn together<'a>(
    plans: impl Iterator<Item = &'a (Verdict, Option<Verdict>)>,
    secrets: Vec<Verdict>,
) -> BTreeMap<String, Verdict> {
    let mut all: BTreeMap<String, Verdict> = BTreeMap::new();
    let mut of_secrets: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
    for (plan, beside) in plans {
        all.insert(plan.uri.as_str().to_owned(), plan.clone());
        if let Some(beside) = beside {
            of_secrets.entry(beside.uri.as_str().to_owned()).or_default().push(beside.clone());
        }
    }
    for (uri, verdicts) in of_secrets {
        let unused = |verdict: &Verdict, finding: &Finding| verdict.findings.contains(finding);
        let by_all = |finding: &Finding| verdicts.iter().all(|verdict| unused(verdict, finding));
        let mut findings: Vec<Finding> = Vec::new();
        for finding in verdicts.iter().flat_map(|verdict| &verdict.findings) {
            let counts = finding.code != Code::SecretNeverUsed || by_all(finding);
            if counts && !findings.contains(finding) {
                findings.push(finding.clone());
            }
        }
        if let Some(first) = verdicts.into_iter().next() {
            all.insert(uri, Verdict { findings: in_order(findings, &first.source), ..first });
        }
    }
    for verdict in secrets {
        all.entry(verdict.uri.as_str().to_owned()).or_insert(verdict);
    }
    all
}

/// Whether a plan is at this path, as far as its text tells.
pub fn is_a_plan(path: &Path) -> bool {
    let bytes = files::open_untrusted(path).and_then(|mut file| file.read(MAXIMUM_BYTES as u64)).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str());
    subject::of(name, &String::from_utf8_lossy(&bytes), None) == Subject::Plan && !bytes.is_empty()
}

fn in_order(mut findings: Vec<Finding>, source: &Source) -> Vec<Finding> {
    findings.put_in_order_by_key(|finding| bytes_of(source, &finding.place).start);
    findings
}

/// What to underline; of what is meant as a whole, only its beginning.
pub fn bytes_of(source: &Source, place: &diagnostics::Place) -> std::ops::Range<usize> {
    match place {
        diagnostics::Place::Whole => 0..0,
        diagnostics::Place::Value(_) | diagnostics::Place::Key(_) | diagnostics::Place::Bytes(_) => {
            source.span_of(place)
        }
    }
}
