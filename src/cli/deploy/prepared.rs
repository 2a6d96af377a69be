//! Step 1, as far as it changes nothing: what a deployment is made from.

use crate::cli::arguments::Deploy;
use crate::cli::beneath;
use crate::cli::inputs::folder_of;
use crate::cli::review;
use crate::diagnostics::{Code, Finding};
use crate::facts::{Facts, FileFact};
use crate::host::engine::Engine;
use crate::host::node::Deployment;
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::host::{command, files, system};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::PlanPath;
use crate::run::Cancel;
use crate::steps::{self, Accepted};
use crate::{Checked, names_secrets, rules};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What `deploy` asks for beyond `check`.
pub fn what_is_needed(checked: &Checked, secrets_given: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !system::is_root() {
        findings.push(Finding::host(Code::NotRoot, "a deployment needs root").help("run it with sudo"));
    }
    let named = checked.plan.as_ref().map(names_secrets).unwrap_or_default();
    if let Some((name, places)) = named.first_key_value().filter(|_| !secrets_given) {
        let place = places.first().cloned().unwrap_or_default();
        findings.push(
            Finding::error(
                Code::SecretMissing,
                place,
                format!("the secret `{name}` is named, and no secrets file was given"),
            )
            .help("deploy with `--secrets FILE`, or `--secrets -` for standard input"),
        );
    }
    findings
}

/// A deployment that passed step 1, up to what it changes.
pub struct Prepared {
    /// What is deployed.
    pub deployment: Deployment,
    /// The server as it is.
    pub facts: Facts,
    /// What a person reviews of it.
    pub review: Review,
    /// What performs it.
    pub engine: Engine,
}

/// The files that the plan names, each opened once: what is judged is what is deployed.
pub struct Opened {
    /// What was opened.
    pub sources: Sources,
    /// What was found.
    pub found: BTreeMap<PlanPath, FileFact>,
    /// What a person reviews of it.
    pub review: Review,
}

impl Opened {
    /// Opens them, relative to this folder.
    ///
    /// # Errors
    /// When what was opened can't be read again.
    pub fn of(plan: &Plan, folder: &Path) -> Result<Self, String> {
        let owners = sources::Trust::Owners(files::trusted_owners());
        let (sources, found) = Sources::open(plan, folder, owners);
        let review = review::of_opened(plan, &sources, &found).map_err(|problem| problem.to_string())?;
        Ok(Self { sources, found, review })
    }
}

/// Judges the server and the files; `None` when there are errors among the findings.
///
/// # Errors
/// When the server can't be seen, or the program can't be made.
pub fn prepare(
    checked: &mut Checked,
    (plan, opened): (Plan, Opened),
    arguments: &Deploy,
    (state_dir, layout): (&Path, &Layout),
    interrupted: &Cancel,
) -> Result<Option<Prepared>, String> {
    let Deploy {
        plan: path,
        secrets: _,
        deny_warnings,
        expect: _,
        dry_run: _,
        here: _,
        on_failure: _,
        policy: _,
        timings: _,
        format: _,
    } = arguments;
    let Opened { sources, found, review } = opened;
    let secrets = checked.secrets.clone().unwrap_or_default();
    let commands = rules::needed_commands(&plan).into_keys().collect();
    let archives = sources.found_in_folders(&plan, &|| interrupted.is_cancelled());
    let engine = survey::chosen_engine(&plan, layout).map_err(|failure| failure.message)?;
    let looked = Looked { engine: engine.as_ref(), sources: &sources, files: found, archives, commands };
    let survey = || survey::facts(&plan, &secrets, layout, state_dir, &looked);
    // Where the engine has lost track of a container it can't even list the others.
    let mended = || engine.as_ref().is_some_and(Engine::mend_namespaces);
    let facts = survey().or_else(|failure| if mended() { survey() } else { Err(failure) });
    let facts = facts.map_err(|failure| failure.message)?;
    checked.findings.retain(|finding| !rules::known_better(finding, &facts));
    checked.findings.extend(rules::of_the_server(&plan, &facts));
    if *deny_warnings {
        checked.deny_warnings();
    }
    if !checked.report().is_valid() {
        return Ok(None);
    }
    let program = steps::deployment(&plan, &facts, layout).map_err(|problem| problem.to_string())?;
    if let Some(defect) = program.defect() {
        return Err(format!("the program is not in order, which is a defect of Landfall: {defect}"));
    }
    let accepted = Accepted {
        text: checked.plan_source.text().to_owned(),
        hash: review.hash(),
        sha256: review.plan_sha256.clone(),
        files: review.files.clone(),
        by: system::operator(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: git_commit(folder_of(path)),
        beneath: beneath::now(facts.engine.as_ref(), folder_of(path)),
    };
    let engine = engine.ok_or("there is no container engine")?;
    Ok(Some(Prepared { deployment: Deployment { plan, secrets, accepted, program, sources }, facts, review, engine }))
}

/// The commit of the work tree that the plan lies in.
fn git_commit(folder: &Path) -> Option<String> {
    // Commands run in `/`, where a relative path leads elsewhere.
    let folder = std::path::absolute(folder).ok()?;
    let git = command::Command::new(&command::find("git")?).args(["-c", "safe.directory=*", "-C"]).arg(folder);
    let output = git.args(["rev-parse", "--verify", "HEAD"]).deadline(Duration::from_secs(5)).run().ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (commit.len() >= 40).then_some(commit)
}
