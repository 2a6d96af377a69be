//! Reads the plan and the secrets file: as root what only root may write, without root whatever is there.

use crate::Checked;
use crate::diagnostics::{Code, Document, Finding, Place, Severity, Source};
use crate::facts::FileFact;
use crate::few::Few;
use crate::host::files::{self, FileProblem};
use crate::plan::model::Plan;
use crate::plan::named::files_of;
use crate::plan::secrets::Secrets;
use crate::plan::text::MAXIMUM_BYTES;
use crate::plan::values::PlanPath;
use crate::policy::Places;
use crate::rules;
use secrecy::{ExposeSecret, SecretSlice};
use std::path::{Path, PathBuf};

/// How the files are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// For judging only: whatever is there.
    Anything,
    /// For acting on as root: what nobody else can change, and secrets that nobody else can read.
    OwnersOnly,
}

/// What stands for standard input on the command line.
const STANDARD_INPUT: &str = "-";

/// Whether a path means standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

/// A secrets file as far as it could be read.
pub struct SecretsRead {
    name: String,
    bytes: Result<SecretSlice<u8>, FileProblem>,
}

/// Reads and checks both files. A file that can't be read is a finding like any other.
///
/// With it the folder that the plan really lies in, every symbolic link followed: of the file that was read.
pub fn check(plan: &Path, secrets: Option<&Path>, trust: Trust) -> (Checked, PathBuf) {
    let secrets = secrets.map(|path| read_secrets(path, trust));
    check_with(plan, secrets.as_ref(), trust)
}

/// The same with a secrets file that was read already, as for several plans.
pub fn check_with(plan: &Path, secrets: Option<&SecretsRead>, trust: Trust) -> (Checked, PathBuf) {
    let name = name_of(plan);
    match read_plan(plan, trust) {
        Ok((bytes, lies_in)) => (both(&name, &bytes, secrets), lies_in),
        Err(problem) => (unreadable(&name, &problem), PathBuf::new()),
    }
}

/// The same with a plan that was read already.
pub fn both(name: &str, bytes: &[u8], secrets: Option<&SecretsRead>) -> Checked {
    match secrets {
        None => crate::check((name, bytes), None),
        Some(SecretsRead { name: secrets, bytes: Ok(values) }) => {
            crate::check((name, bytes), Some((secrets, values.expose_secret())))
        }
        Some(SecretsRead { name: secrets, bytes: Err(problem) }) => {
            let mut checked = crate::check((name, bytes), None);
            checked.secrets_source = Some(Source::new(secrets, ""));
            checked.findings.push(finding(Document::Secrets, problem));
            checked
        }
    }
}

impl SecretsRead {
    /// The values in it, whatever plan it belongs to.
    ///
    /// # Errors
    /// It can't be read, or is no object of texts.
    pub fn values(&self) -> Result<Secrets, String> {
        let Self { name, bytes } = self;
        let bytes = bytes.as_ref().map_err(ToString::to_string)?;
        let document: serde_json::Value = serde_json::from_slice(bytes.expose_secret())
            // Its own words may quote what is there.
            .map_err(|error| format!("{name}: no JSON, at line {}, column {}", error.line(), error.column()))?;
        if document.is_object() { Ok(Secrets::of(&document)) } else { Err(format!("{name} is no JSON object")) }
    }
}

/// Reads a secrets file, or standard input.
pub fn read_secrets(path: &Path, trust: Trust) -> SecretsRead {
    let limit = MAXIMUM_BYTES as u64;
    let bytes = match trust {
        Trust::Anything | Trust::OwnersOnly if is_standard_input(path) => files::read_standard_input(limit),
        Trust::Anything => files::read_untrusted(path, limit),
        Trust::OwnersOnly => files::open_secret(path, &[0]).and_then(|mut file| file.read(limit)),
    };
    SecretsRead { name: name_of(path), bytes: bytes.map(SecretSlice::from) }
}

fn read_plan(path: &Path, trust: Trust) -> Result<(Vec<u8>, PathBuf), FileProblem> {
    let limit = MAXIMUM_BYTES as u64;
    let folder = |file: &Path| file.parent().unwrap_or(Path::new("/")).to_path_buf();
    match trust {
        Trust::Anything if is_standard_input(path) => {
            Ok((files::read_standard_input(limit)?, files::where_it_leads(Path::new("."))))
        }
        Trust::Anything => Ok((files::read_untrusted(path, limit)?, folder(&files::where_it_leads(path)))),
        Trust::OwnersOnly => {
            let mut file = files::open_trusted(path, &files::trusted_owners())?;
            Ok((file.read(limit)?, folder(&file.leads_to)))
        }
    }
}

fn name_of(path: &Path) -> String {
    if is_standard_input(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// A plan of which nothing is known but why it can't be read.
pub fn unreadable(name: &str, problem: &FileProblem) -> Checked {
    refused(name, finding(Document::Plan, problem))
}

/// A plan of which nothing is known but this finding.
pub fn refused(name: &str, finding: Finding) -> Checked {
    Checked {
        plan: None,
        secrets: None,
        plan_source: Source::new(name, ""),
        secrets_source: None,
        policy_source: None,
        findings: vec![finding],
    }
}

/// A file that can't be read, as a finding about it.
pub fn finding(document: Document, problem: &FileProblem) -> Finding {
    if let FileProblem::TooLarge { path: _, limit } = problem {
        let message = format!("the file has more than {limit} bytes");
        return Finding::new(Code::TooLarge, Severity::Error, document, Place::Whole, message)
            .help("at most 1 MiB is read; is it the right file?");
    }
    Finding::new(Code::FileUnusable, Severity::Error, document, Place::Whole, problem.to_string())
}

/// A warning for each file that the plan names and that isn't there: the plan is judged, not this machine. An archive that is
/// built later is missing here and not on the server.
pub fn missing_files(plan: &Plan, folder: &Path) -> Vec<Finding> {
    let named = files_of(plan).into_keys();
    let missing = named.filter(|path| !path.from(folder).exists()).map(|path| (path, FileFact::Missing)).gathered();
    rules::of_the_files(plan, &missing, Severity::Warning)
}

/// Where the files of a plan lie on this machine, which may be another one than the server.
pub fn places(plan: &Plan, folder: &Path, lies_in: PathBuf) -> Places {
    let leads_to = |path: PlanPath| (path.clone(), files::where_it_leads(&path.from(folder)));
    let files = files_of(plan).into_keys().map(leads_to).gathered();
    Places { folder: lies_in, files, on_the_server: false }
}

/// The folder that the plan's relative paths start from.
pub fn folder_of(plan: &Path) -> &Path {
    plan.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
