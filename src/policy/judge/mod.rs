//! A plan held against a policy: everything that it asks for and may not have, at once. Reads nothing, changes nothing.
//!
//! Each file takes the parts of the plan apart that it judges. What a plan's parts can do to a server, and why a part is not
//! limited here, stands in `SECURITY.md`.

mod files;
mod images;
mod limits;
mod network;
mod privileges;
mod server;
#[cfg(test)]
mod tests;

use super::Site;
use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;
use crate::plan::values::{HostPath, PlanPath};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Where the files that a plan names really lie, every symbolic link followed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// The plan's own folder.
    pub folder: PathBuf,
    /// Each file and folder that the plan names.
    pub files: BTreeMap<PlanPath, PathBuf>,
    /// Whether this is where the plan is deployed. Elsewhere, nobody knows where a path leads that is relative to the plan.
    pub on_the_server: bool,
}

impl Places {
    /// Where a path leads. What could not be found is not opened either, and is told by other rules.
    fn of(&self, path: &PlanPath) -> PathBuf {
        self.files.get(path).cloned().unwrap_or_else(|| path.from(&self.folder))
    }

    /// Whether this is in the plan's own folder. Where that is not known, nothing is.
    fn beside_the_plan(&self, path: &Path) -> bool {
        self.folder.is_absolute() && path.starts_with(&self.folder)
    }

    /// Whether it depends on the machine where a path leads.
    fn elsewhere(&self, path: &PlanPath) -> bool {
        !self.on_the_server && !Path::new(path.as_str()).is_absolute()
    }
}

/// What is judged, and by what.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    site: &'a Site,
    plan: &'a Plan,
    places: &'a Places,
}

/// Everything in a plan that the policy does not allow, in no particular order.
pub fn judge(site: &Site, plan: &Plan, places: &Places) -> Vec<Finding> {
    const JUDGES: [fn(&Case<'_>) -> Vec<Finding>; 6] = [
        files::findings,
        images::findings,
        limits::findings,
        network::findings,
        privileges::findings,
        server::findings,
    ];
    let case = Case { site, plan, places };
    JUDGES.iter().flat_map(|judge| judge(&case)).collect()
}

/// Whether a finding says that something is missing, which may be there in a plan that could not be read whole.
pub fn is_about_what_is_missing(finding: &Finding) -> bool {
    let of_a_service =
        |pointer: &Pointer| pointer.segments().count() == 2 && pointer.segments().next() == Some("services");
    matches!(&finding.place, Place::Key(pointer) if of_a_service(pointer))
}

impl Case<'_> {
    /// A finding about what a member of the policy forbids; `cure` is what the plan's author can do.
    fn forbidden(&self, member: &str, at: (Code, Pointer), message: String, cure: &str) -> Finding {
        let (code, at) = at;
        let decides =
            format!("`{member}` in {} decides: {cure}, or ask root to allow it there", self.site.place_of(member));
        Finding::error(code, at, message).help(decides)
    }
}

/// What is allowed, for a label.
fn only<T: Display>(allowed: &[T]) -> String {
    const MOST: usize = 6;
    let mut names: Vec<String> = allowed.iter().take(MOST).map(|one| format!("`{one}`")).collect();
    if allowed.len() > MOST {
        names.push(format!("{} more", allowed.len() - MOST));
    }
    match names.as_slice() {
        [] => "none is allowed here".to_owned(),
        [one] => format!("only {one} is allowed here"),
        [first @ .., last] => format!("only {} and {last} are allowed here", first.join(", ")),
    }
}

/// Whether a path is one of these folders, or lies below one; component by component, so that `/srv-other` is not in `/srv`.
fn lies_in(path: &Path, folders: &[HostPath]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder.as_path()))
}
