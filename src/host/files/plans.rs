//! The plan files that an argument means: a file, the plans of a folder, or what a pattern matches. Reads only.

use super::FileProblem;
use crate::few::InOrder;
use std::path::{Path, PathBuf};

/// What an argument that should name plans turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// These files, in the order of their names; never none.
    Plans(Vec<PathBuf>),
    /// A folder in which nothing counts as a plan.
    EmptyFolder,
    /// A pattern that matches no plan.
    NoMatch,
}

/// The plans that an argument means. Whatever exists under its very name is meant, then a pattern is tried.
///
/// In a folder, and among what a pattern matches, a plan is a file whose name ends in `.json`, but not hidden, not a secrets file
/// (`secrets.json`, `….secrets.json`), and not one of the two schemas under the names that they are delivered with. Folders
/// inside a folder are not entered. A file that is named itself counts, whatever its name.
///
/// # Errors
/// The system's refusal to list a folder.
pub fn plans_of(argument: &Path) -> Result<Argument, FileProblem> {
    if argument.is_dir() {
        let refused = |error: std::io::Error| FileProblem::io(argument, "listed", &error);
        let mut plans = Vec::new();
        for entry in std::fs::read_dir(argument).map_err(refused)? {
            plans.push(entry.map_err(refused)?.path());
        }
        return Ok(some(plans).map_or(Argument::EmptyFolder, Argument::Plans));
    }
    match (argument.to_str(), argument.symlink_metadata()) {
        (Some(pattern), Err(_)) if pattern.contains(['*', '?', '[']) => {
            let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
            let matches = glob::glob_with(pattern, options).into_iter().flatten().flatten().collect();
            Ok(some(matches).map_or(Argument::NoMatch, Argument::Plans))
        }
        (Some(_) | None, Ok(_) | Err(_)) => Ok(Argument::Plans(vec![argument.to_path_buf()])),
    }
}

/// Those that count as plans, in the order of their names.
fn some(found: Vec<PathBuf>) -> Option<Vec<PathBuf>> {
    let mut plans: Vec<_> = found.into_iter().filter(|path| is_plan(path) && !path.is_dir()).collect();
    plans.put_in_order();
    Some(plans).filter(|plans| !plans.is_empty())
}

fn is_plan(path: &Path) -> bool {
    // A name that is not UTF-8 is a plan's too: what is passed over has a name of its own.
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    let other = ["secrets.json", "policy.json", "plan.v1.json", "secrets.v1.json", "policy.v1.json"]
        .contains(&name.as_ref())
        || [".secrets.json", ".policy.json"].iter().any(|ending| name.ends_with(ending));
    name.ends_with(".json") && !name.starts_with('.') && !other
}
