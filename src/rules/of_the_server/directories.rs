//! Data directories as they are on the server. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{DirectoryFact, Facts};
use crate::plan::model::{Plan, Volume};
use crate::rules::place::element;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, volume) in service.volumes.iter().enumerate() {
            let at = element(name, "volumes", index).then("source");
            findings.extend(of_the_engine(volume, facts, &at));
            findings.extend(of_landfall(volume, facts, &at));
            if let Some(fact) = facts.directories.get(&volume.source) {
                findings.extend(one(volume, fact, at));
            }
        }
    }
    findings
}

/// Wherever `--state-dir` has our own state: a container that writes to it would decide what root does at the next boot.
fn of_landfall(volume: &Volume, facts: &Facts, at: &Pointer) -> Option<Finding> {
    let state = &facts.machine.state_folder;
    let source = volume.source.as_path();
    let overlaps = source.starts_with(state) || state.starts_with(source);
    // The usual folder is refused without a look at the server.
    let usual = state.starts_with("/var/lib/landfall");
    (overlaps && !usual).then(|| {
        let message = format!("`{}` is no place for data", volume.source);
        Finding::error(Code::SystemDirectory, at.clone(), message)
            .label(format!("Landfall keeps its own state in `{}`", state.display()))
            .help("use a directory of its own, or another `--state-dir`")
    })
}

/// Wherever the engine of this server keeps its images and containers.
fn of_the_engine(volume: &Volume, facts: &Facts, at: &Pointer) -> Option<Finding> {
    // One that does not answer does not say where, either.
    let engine = facts.engine.as_ref().filter(|engine| engine.problem.is_none())?;
    let root = &engine.graph_root;
    let source = volume.source.as_path();
    // The usual folder is refused without a look at the server.
    let overlaps = source.starts_with(root) || root.starts_with(source);
    let usual = root.starts_with("/var/lib/containers") || root.starts_with("/var/lib/docker");
    (overlaps && !usual).then(|| {
        let message = format!("`{}` is no place for data", volume.source);
        Finding::error(Code::SystemDirectory, at.clone(), message)
            .label(format!("the engine keeps its images and containers in `{}`", root.display()))
            .help("use a directory of its own")
    })
}

fn one(volume: &Volume, fact: &DirectoryFact, at: Pointer) -> Option<Finding> {
    let source = &volume.source;
    let error = |code, message: String| Finding::error(code, at.clone(), message);
    match fact {
        DirectoryFact::Symlink(component) => {
            let message = format!("`{source}` is reached through the symbolic link `{}`", component.display());
            let label = "whoever can change the link could move the data";
            Some(
                error(Code::DirectoryIsSymlink, message)
                    .label(label)
                    .help(format!("write the real path: `readlink -f {source}` prints it")),
            )
        }
        DirectoryFact::WithinReach { at, by } => {
            let at = at.display();
            Some(
                error(Code::DirectoryWithinReach, format!("`{at}` can be exchanged by {by}"))
                    .label(format!("with a link in its place, the engine has root write elsewhere than to `{source}`"))
                    .help("move the data to where only root can change the way to it, such as below `/srv`"),
            )
        }
        DirectoryFact::NotADirectory(component) => {
            let message = format!("`{}` is not a directory", component.display());
            Some(error(Code::NotADirectory, message).help("choose another source, or move away what is there"))
        }
        DirectoryFact::Missing if volume.mountpoint => Some(not_mounted(error, volume, "it is not even there")),
        DirectoryFact::Missing => None,
        DirectoryFact::Present { mountpoint: false, label_usable: _ } if volume.mountpoint => {
            Some(not_mounted(error, volume, "a directory, with nothing mounted on it"))
        }
        DirectoryFact::Present { mountpoint: _, label_usable: false } => {
            let message = format!("containers can't use the SELinux label of `{source}`");
            Some(error(Code::LabelNotUsable, message).label("nothing that exists is relabelled for you").help(format!(
                "run `semanage fcontext -a -t container_file_t '{source}(/.*)?' && restorecon -R {source}`"
            )))
        }
        DirectoryFact::Present { mountpoint: _, label_usable: true } => None,
    }
}

fn not_mounted(error: impl Fn(Code, String) -> Finding, volume: &Volume, label: &str) -> Finding {
    let source = &volume.source;
    error(Code::NotMounted, format!("no disk is mounted at `{source}`"))
        .label(label)
        .help(format!("mount it: `mount {source}`; or remove `mountpoint` if it is no disk of its own"))
}
