//! Step 1, as far as it changes nothing: what a deployment is made from.

use crate::cli::beneath;
use crate::cli::origin::{Origin, is_about_an_image_that_is_here};
use crate::cli::review;
use crate::diagnostics::{Code, Finding};
use crate::facts::{Facts, FileFact};
use crate::host::engine::Engine;
use crate::host::node::Deployment;
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::host::threads::beside;
use crate::host::{files, system};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::PlanPath;
use crate::run::Cancel;
use crate::steps::{self, Accepted, Again};
use crate::{Checked, names_secrets, rules, script};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

/// What `deploy` asks for beyond `check`.
pub fn what_is_needed(checked: &Checked, secrets_given: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !system::is_root() {
        findings.push(Finding::host(Code::NotRoot, "a deployment needs root").help("run it with sudo"));
    }
    let named = checked.plan.as_ref().map(names_secrets).unwrap_or_default();
    if let Some((name, places)) = named.first_key_value().filter(|_| !secrets_given) {
        let place = places.first().cloned().unwrap_or_default();
        let others: Vec<_> = named.keys().skip(1).map(|name| format!("`{name}`")).collect();
        let (what, are) = match others.as_slice() {
            [] => (format!("the secret `{name}`"), "is"),
            others => (format!("the secrets `{name}`, {}", others.join(", ")), "are"),
        };
        findings.push(
            Finding::error(Code::SecretMissing, place, format!("{what} {are} named, and no secrets file was given"))
                .help("deploy with `--secrets FILE`, or `--secrets -` for standard input"),
        );
    }
    findings
}

/// A deployment that passed step 1, up to what it changes.
pub struct Prepared {
    /// What is deployed.
    pub deployment: Deployment,
    /// Which images it had, where it was accepted once.
    pub again: Option<Again>,
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
    (plan, opened): (Arc<Plan>, Opened),
    (origin, deny_warnings): (&Origin<'_>, bool),
    (state_dir, layout): (&Path, &Layout),
    interrupted: &Cancel,
) -> Result<Option<Prepared>, String> {
    let Opened { sources, found, review } = opened;
    let secrets = checked.secrets.clone().unwrap_or_default();
    let commands = rules::needed_commands(&plan).into_keys().collect();
    let again = origin.again(&plan);
    let exact = again.as_ref().map_or(&*plan, |again| &again.exact);
    let archives = sources.found_in_folders(exact, &|| interrupted.is_cancelled());
    let engine = survey::chosen_engine(&plan, layout).map_err(|failure| failure.message)?;
    let looked = Looked { engine: engine.as_ref(), sources: &sources, files: found, archives, commands };
    let survey = || survey::facts(&plan, &secrets, layout, state_dir, &looked);
    // Where the engine has lost track of a container it can't even list the others.
    let mended = || engine.as_ref().is_some_and(Engine::mend_namespaces);
    let (facts, git_commit) = thread::scope(|scope| {
        // Git has answered before the engine has, and the templates are parsed.
        let git_commit = beside(scope, || {
            // What is wrong with them is told where they are needed.
            drop(script::prepare());
            origin.git_commit()
        });
        let facts = survey().or_else(|failure| if mended() { survey() } else { Err(failure) });
        (facts, git_commit.map_or_else(|_| Ok(origin.git_commit()), ScopedJoinHandle::join))
    });
    let git_commit = git_commit.map_err(|_| "asking git has panicked, which is a defect of Landfall")?;
    let facts = facts.map_err(|failure| failure.message)?;
    checked.findings.retain(|finding| !rules::known_better(finding, &facts));
    checked.findings.extend(rules::of_the_server(&plan, &facts));
    let again = again.map(|again| again.on(&facts, layout));
    checked.findings.retain(|finding| !again.iter().any(|again| is_about_an_image_that_is_here(finding, again)));
    if deny_warnings {
        checked.deny_warnings();
    }
    if !checked.report().is_valid() {
        return Ok(None);
    }
    let program = match &again {
        None => steps::deployment(&plan, &facts, layout),
        Some(again) => steps::deployment_again(&plan, again, &facts, layout),
    };
    let program = program.map_err(|problem| problem.to_string())?;
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
        git_commit,
        beneath: beneath::now(facts.engine.as_ref(), origin.folder()),
    };
    let engine = engine.ok_or("there is no container engine")?;
    let deployment = Deployment { plan, secrets, accepted, program: Arc::new(program), sources };
    Ok(Some(Prepared { deployment, again, facts, review, engine }))
}
