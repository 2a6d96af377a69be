//! What to do so that no container of a plan is left, and everything is there that the plan before it is made from. Reads nothing,
//! changes nothing.

use super::engine::{self, Stays};
use super::{Names, is_of_the_run, remove, superseded};
use crate::facts::{Observed, Saved};
use crate::operation::{HostChange, Layout, Operation, OperationId};
use crate::script;
use std::path::{Path, PathBuf};

/// As [`super::containerless`], but for the images, secrets, configs, scripts and keys of the previous plan. Where that is deployed
/// again already, what is left beside it.
pub fn before_the_previous(layout: &Layout, names: &Names, previous: &Saved, observed: &Observed) -> Vec<Operation> {
    let Observed {
        look: _,
        network_remains: _,
        monitors: _,
        paths,
        // Which of them are the previous plan's is known when they are put back.
        keys: _,
        crontab_block,
        saved,
        stopped: _,
        guarded,
        healthy: _,
    } = observed;
    match saved {
        Some(saved) if saved.run == previous.run => return superseded(layout, observed),
        // Were it renamed, it would be taken for what was deployed before.
        Some(_) => return vec![Operation::new(OperationId::of("withdraw"), [], HostChange::Withdraw)],
        None => {}
    }
    // From here on a crash is finished at the next boot, and no job of the plan that failed fires.
    let boot: Vec<_> = script::boot_line(layout).into_iter().collect();
    let mut operations: Vec<_> = reserved(&boot, crontab_block.as_deref()).into_iter().collect();
    let gone = engine::gone(layout, names, observed, &Stays::of(Some(previous)));
    operations.extend(gone.operations);
    let guards = guarded.iter().filter(|name| !previous.services.contains_key(*name));
    let guards = guards.map(|name| layout.boot_guard(name));
    let left: Vec<PathBuf> =
        paths.iter().filter(|path| goes(layout, previous, paths, path)).cloned().chain(guards).collect();
    operations.extend(left.iter().map(|path| remove(path, &gone.ended, &gone.images)));
    operations
}

/// The line that finishes the run at boot, in place of whatever lines there are.
fn reserved(boot: &[String], block: Option<&[String]>) -> Option<Operation> {
    if block == Some(boot) {
        return None;
    }
    let action = HostChange::RestoreCrontab { lines: boot.to_vec() };
    Some(Operation::new(OperationId::of("reserve crontab again"), [], action))
}

/// Whether a file or folder is of no use to the previous plan.
fn goes(layout: &Layout, previous: &Saved, there: &[PathBuf], path: &Path) -> bool {
    let mounted = || previous.services.values().flat_map(|service| &service.configs);
    let in_use = || mounted().any(|config| Path::new(config).starts_with(path));
    if path.parent() == Some(&layout.configs()) {
        return !in_use();
    }
    // Scripts are the previous plan's until they were put aside.
    let new_jobs = path == layout.jobs() && there.contains(&layout.jobs_aside());
    new_jobs || path == layout.stopped() || is_of_the_run(layout, path)
}
