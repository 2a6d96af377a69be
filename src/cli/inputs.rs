//! Reads the plan and the secrets file: as root what only root may write, without root whatever is there.

use crate::Checked;
use crate::diagnostics::{Code, Document, Finding, Place, Severity, Source};
use crate::facts::FileFact;
use crate::host::files::{self, FileProblem};
use crate::host::sources;
use crate::plan::model::Plan;
use crate::plan::text::MAXIMUM_BYTES;
use crate::rules;
use secrecy::{ExposeSecret, SecretSlice};
use std::io::Read;
use std::path::Path;

/// The most that is read of a secrets file.
const SECRETS_BYTES: u64 = 64 << 20;

/// How the files are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// For judging only: whatever is there.
    Anything,
    /// For acting on as root: what nobody else can change, and secrets that nobody else can read.
    OwnersOnly,
}

/// Reads and checks both files. A file that can't be read is a finding like any other.
pub fn check(plan: &Path, secrets: Option<&Path>, trust: Trust) -> Checked {
    let name = plan.display().to_string();
    let bytes = match read_plan(plan, trust) {
        Ok(bytes) => bytes,
        Err(problem) => return unreadable(&name, Document::Plan, &problem),
    };
    let secrets_name = secrets.map(|path| path.display().to_string());
    let secrets = match secrets.map(|path| read_secrets(path, trust)).transpose() {
        Ok(secrets) => secrets,
        Err(problem) => {
            let mut checked = crate::check((&name, &bytes), None);
            checked.findings.push(finding(Document::Secrets, &problem));
            return checked;
        }
    };
    let secrets = secrets_name.as_deref().zip(secrets.as_ref().map(ExposeSecret::expose_secret));
    crate::check((&name, &bytes), secrets)
}

fn read_plan(path: &Path, trust: Trust) -> Result<Vec<u8>, FileProblem> {
    // One byte more than is taken, so that the plan's own check tells that it is too large.
    let limit = MAXIMUM_BYTES as u64 + 1;
    match trust {
        Trust::Anything => files::read_untrusted(path, limit),
        Trust::OwnersOnly => files::open_trusted(path, &files::trusted_owners())?.read(limit),
    }
}

fn read_secrets(path: &Path, trust: Trust) -> Result<SecretSlice<u8>, FileProblem> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(SECRETS_BYTES).read_to_end(&mut bytes);
        return match read {
            Ok(_) => Ok(bytes.into()),
            Err(error) => Err(FileProblem::System { path: path.to_owned(), action: "read", reason: error.to_string() }),
        };
    }
    let bytes = match trust {
        Trust::Anything => files::read_untrusted(path, SECRETS_BYTES)?,
        Trust::OwnersOnly => files::open_secret(path, &[0])?.read(SECRETS_BYTES)?,
    };
    Ok(bytes.into())
}

fn unreadable(name: &str, document: Document, problem: &FileProblem) -> Checked {
    Checked {
        plan: None,
        secrets: None,
        plan_source: Source::new(name, ""),
        secrets_source: None,
        findings: vec![finding(document, problem)],
    }
}

fn finding(document: Document, problem: &FileProblem) -> Finding {
    Finding::new(Code::FileUnusable, Severity::Error, document, Place::Whole, problem.to_string())
}

/// A warning for each file that the plan names and that isn't there: the plan is judged, not this machine. An archive that is
/// built later is missing here and not on the server.
pub fn missing_files(plan: &Plan, folder: &Path) -> Vec<Finding> {
    let named = sources::named_files(plan).into_iter();
    let missing = named.filter(|path| !path.from(folder).exists()).map(|path| (path, FileFact::Missing)).collect();
    rules::of_the_files(plan, &missing, Severity::Warning)
}

/// The folder that the plan's relative paths start from.
pub fn folder_of(plan: &Path) -> &Path {
    plan.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
