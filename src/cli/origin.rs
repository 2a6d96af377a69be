//! Where a plan comes from that is deployed: a file, or the history. Reads only.

use super::inputs::{self, Trust, folder_of};
use crate::diagnostics::{Finding, Place};
use crate::facts::Saved;
use crate::host::command;
use crate::host::files;
use crate::host::node::state;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::review::{Review, is_pinned};
use crate::plan::values::{RunId, ServiceName, Sha256};
use crate::steps::Again;
use crate::{Checked, rules};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a plan comes from.
pub enum Origin<'a> {
    /// A plan file.
    File(&'a Path),
    /// An accepted plan of the history.
    History(Box<Accepted>),
}

/// An accepted plan of the history.
pub struct Accepted {
    /// The record of its deployment.
    pub saved: Saved,
    /// The folder that its relative paths start from.
    pub folder: PathBuf,
    /// The run that deployed what is deployed while it is chosen.
    pub instead_of: Option<RunId>,
}

impl Origin<'_> {
    /// Reads and checks the plan and the secrets file; with it the folder that the plan really lies in.
    pub fn check(&self, secrets: Option<&Path>, trust: Trust) -> (Checked, PathBuf) {
        match self {
            Self::File(path) => inputs::check(path, secrets, trust),
            Self::History(accepted) => {
                let Accepted { saved, folder, instead_of: _ } = &**accepted;
                let secrets = secrets.map(|path| inputs::read_secrets(path, trust));
                let name = format!("the plan of run {}", saved.run);
                (inputs::both(&name, saved.plan.as_bytes(), secrets.as_ref()), files::where_it_leads(folder))
            }
        }
    }

    /// The folder that relative paths start from.
    pub fn folder(&self) -> &Path {
        match self {
            Self::File(path) => folder_of(path),
            Self::History(accepted) => &accepted.folder,
        }
    }

    /// The Git commit that it is of.
    pub fn git_commit(&self) -> Option<String> {
        match self {
            Self::File(path) => git_commit(folder_of(path)),
            Self::History(accepted) => accepted.saved.git_commit.clone(),
        }
    }

    /// The accepted plan, if it comes from the history.
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::File(_) => None,
            Self::History(accepted) => Some(accepted),
        }
    }

    /// What a run of it says of itself.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::File(_) => "deploy",
            Self::History(_) => "rollback",
        }
    }

    /// What is not as it was accepted, and not as it was reviewed.
    pub fn not_as_expected(&self, plan: &Plan, review: &Review, expected: Option<&Sha256>) -> Vec<Finding> {
        let accepted = self.accepted();
        let mut findings = accepted.map(|it| rules::of_the_history(plan, &it.saved.files, review)).unwrap_or_default();
        // Which images an accepted plan gets is on record.
        let exact = self.again(plan).map(|again| again.exact);
        findings.extend(
            expected.iter().flat_map(|hash| rules::of_the_review(exact.as_ref().unwrap_or(plan), review, hash)),
        );
        findings
    }

    /// Which images it had, if it comes from the history.
    pub fn again(&self, plan: &Plan) -> Option<Again> {
        self.accepted().map(|it| Again::exactly(plan, &it.saved))
    }

    /// What a person reviews of it: which images an accepted plan gets is on record, so they are not open.
    pub fn reviewed(&self, plan: &Plan, review: Review) -> Review {
        let Some(Again { exact, here: _ }) = self.again(plan) else { return review };
        let is_open = |name: &ServiceName| exact.services.get(name).is_none_or(|service| !is_pinned(&service.image));
        let unpinned = review.unpinned.iter().filter(|name| is_open(name)).cloned().collect();
        Review { unpinned, ..review }
    }

    /// That something else is deployed by now than when it was chosen.
    ///
    /// # Errors
    /// So it is, or what is on record can't be read.
    pub fn is_still_meant(&self, layout: &Layout) -> Result<(), String> {
        let Some(accepted) = self.accepted() else { return Ok(()) };
        let now = state::read_saved(&layout.saved()).map_err(|failure| failure.message)?.map(|saved| saved.run);
        if now == accepted.instead_of {
            return Ok(());
        }
        let name = layout.plan();
        Err(format!(
            "another run has changed what is deployed of {name}: look at `landfall history {name}`, and type it again"
        ))
    }
}

/// Whether a finding is about the image of one of these services, which need not be retrieved.
pub fn is_about_an_image_that_is_here(finding: &Finding, again: &Again) -> bool {
    let (Place::Value(pointer) | Place::Key(pointer)) = &finding.place else { return false };
    let mut segments = pointer.segments();
    let services = segments.next() == Some("services");
    let service = segments.next().and_then(|name| ServiceName::parse(name).ok());
    services && segments.next() == Some("image") && service.is_some_and(|name| again.here.contains_key(&name))
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
