//! `landfall rollback`: deploys an accepted plan of the history again.

mod chosen;
mod told;

pub use told::{Before, told};

use super::arguments::Rollback;
use super::deploy;
use super::deployed::{self, Refusal};
use super::origin::{Accepted, Origin};
use super::screen::Screen;
use crate::exit::Exit;
use crate::host::{survey, system};
use crate::operation::Layout;
use std::path::{Path, PathBuf};

/// Deploys an accepted plan again, or prints how it would.
pub fn rollback(arguments: &Rollback, state_dir: &Path, screen: &Screen) -> Exit {
    match accepted(arguments, state_dir) {
        Ok(accepted) => {
            deploy::deploy_from(&Origin::History(Box::new(accepted)), &arguments.as_deployment(), state_dir, screen)
        }
        Err(refusal) => refusal.tell_of(&arguments.name, arguments.format, screen),
    }
}

/// The plan that is meant.
fn accepted(arguments: &Rollback, state_dir: &Path) -> Result<Accepted, Refusal> {
    let name = &arguments.name;
    if !system::is_root() {
        return Err(Refusal::new("the history is root's own to read, and a deployment needs root: run it with sudo"));
    }
    let layout = deployed::known(state_dir, name)?;
    nothing_is_under_way(&layout)?;
    let chosen::Chosen { saved, instead_of } = chosen::of(&layout, arguments.run.as_deref())?;
    let then = saved.beneath.as_ref().and_then(|beneath| beneath.folder.clone());
    let absolute = |folder: &PathBuf| std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
    let folder = arguments.folder.as_ref().map(absolute).or(then).ok_or_else(|| {
        Refusal::new(format!(
            "it is not on record in which folder the plan file of run {} was: give it with `--folder FOLDER`",
            saved.run
        ))
    })?;
    Ok(Accepted { saved, folder, instead_of })
}

/// What is before what is deployed can't be told while that is changing.
fn nothing_is_under_way(layout: &Layout) -> Result<(), Refusal> {
    let name = layout.plan();
    if let Some(holder) = deployed::under_way(name) {
        return Err(Refusal::busy(format!("{holder}, is under way: `landfall status {name}` tells how it ends")));
    }
    match survey::unfinished(layout)? {
        None => Ok(()),
        Some(_) => Err(Refusal::new(format!(
            "a run of {name} was interrupted: type `landfall recover`, which finishes it, and then look at `landfall history {name}`"
        ))),
    }
}
