//! What to do so that nothing of a plan, or nothing of a run, is left. Reads nothing, changes nothing.
//!
//! Each function looks at what is there and at nothing else, so it may be asked again and again; it answers with no operation
//! when the floor is reached.

mod as_saved;
mod engine;
mod previous;

pub use as_saved::{Concerned, as_saved};
pub use previous::before_the_previous;

use super::{ids, teardown};
use crate::facts::{Observed, Saved};
use crate::operation::{HostChange, Layout, Operation, OperationId};
use engine::{Gone, Stays};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What tells a plan's containers from strangers', beside their labels, and how they depend on one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Names of containers of which the mere storage is ours: what a killed engine leaves has no labels.
    pub containers: BTreeSet<String>,
    /// The containers that each container depends on.
    pub depends_on: BTreeMap<String, Vec<String>>,
    /// Whether the output of a container is kept before it goes.
    pub keep_logs: bool,
}

/// The containerless state: no container, network, secret, image, key, file or cron job of the plan. Data stays.
pub fn containerless(layout: &Layout, names: &Names, observed: &Observed) -> Vec<Operation> {
    let Observed {
        look: _,
        network_remains: _,
        monitors: _,
        paths,
        keys,
        crontab_block,
        saved,
        stopped: _,
        guarded: _,
        healthy: _,
    } = observed;
    // Were the power to go after a container went, a plan that still counts as deployed would be a lie.
    if saved.is_some() {
        return vec![teardown::uncommit([])];
    }
    let Gone { mut operations, ended, images } = engine::gone(layout, names, observed, &Stays::default());
    if *keys {
        operations.push(Operation::new(OperationId::of("remove keys"), [], HostChange::RemoveKeys));
    }
    // What is in the folder of the configs goes with it, and so does what is in the folder in memory.
    let within = |path: &PathBuf| path.parent() == Some(&layout.configs()) || *path == layout.keys_aside();
    let apart = |path: &&PathBuf| **path != layout.recover() && !within(path);
    operations.extend(paths.iter().filter(apart).map(|path| remove(path, &ended, &images)));
    if operations.is_empty() { last(layout, paths, crontab_block.is_some()) } else { operations }
}

/// As before the run, which has not passed the point of no return: only what it retrieved goes, and what it reserved.
pub fn as_before(layout: &Layout, observed: &Observed) -> Vec<Operation> {
    let Observed {
        look: _,
        network_remains: _,
        monitors: _,
        paths,
        keys: _,
        crontab_block,
        saved,
        stopped: _,
        guarded: _,
        healthy: _,
    } = observed;
    let mut operations = engine::tags(layout, observed, &Stays::of(saved), &[]);
    let dropped = ids::of(&operations);
    operations.extend(paths.iter().filter(|path| is_of_the_run(layout, path)).map(|path| remove(path, &[], &dropped)));
    match saved {
        None if operations.is_empty() => last(layout, paths, crontab_block.is_some()),
        None => operations,
        Some(saved) => operations.into_iter().chain(crontab_of(saved, crontab_block.as_deref())).collect(),
    }
}

/// Removes a file or folder; what the removal of an image has on record is of use until that is over.
fn remove(path: &Path, after: &[OperationId], images: &[OperationId]) -> Operation {
    let after = if Layout::is_layers(path) { images } else { after };
    let id = OperationId::of(format!("remove {}", path.display()));
    Operation::new(id, after.to_vec(), HostChange::RemovePath { path: path.to_owned() })
}

/// Whether it serves only the run that made it: what it retrieved, and what it was writing when it ended.
fn is_of_the_run(layout: &Layout, path: &Path) -> bool {
    path.starts_with(layout.runs()) || Layout::is_unfinished(path)
}

/// After a commit: what the earlier deployment left and this one does not use.
pub fn superseded(layout: &Layout, observed: &Observed) -> Vec<Operation> {
    unused(layout, observed, &[])
}

/// What is deployed does not use it; `gone` are the containers that go before it.
fn unused(layout: &Layout, observed: &Observed, gone: &[OperationId]) -> Vec<Operation> {
    let Observed {
        look: _,
        network_remains: _,
        monitors: _,
        paths,
        keys: _,
        crontab_block,
        saved,
        stopped: _,
        guarded: _,
        healthy: _,
    } = observed;
    let Some(saved) = saved else { return Vec::new() };
    let stays = Stays::of(Some(saved));
    let mut operations = engine::tags(layout, observed, &stays, gone);
    let dropped = ids::of(&operations);
    operations.extend(engine::secrets(layout, observed, &stays, gone));
    let mounted = || saved.services.values().flat_map(|service| &service.configs);
    let in_use = |path: &PathBuf| {
        path.ends_with(saved.run.to_string()) || mounted().any(|config| Path::new(config).starts_with(path))
    };
    let old = |path: &&PathBuf| path.parent() == Some(&layout.configs()) && !in_use(path);
    let kept = [layout.jobs_aside(), layout.keys_aside()];
    let paths = paths.iter().filter(|path| is_of_the_run(layout, path) || old(path) || kept.contains(path));
    operations.extend(paths.map(|path| remove(path, gone, &dropped)));
    operations.extend(crontab_of(saved, crontab_block.as_deref()));
    operations
}

/// The crontab goes last, once a look has found nothing else, and then the script that it calls: until then a crash, and a
/// removal that failed, is finished at the next boot.
fn last(layout: &Layout, paths: &[PathBuf], block: bool) -> Vec<Operation> {
    if block {
        return vec![Operation::new(OperationId::of("remove crontab"), [], HostChange::RemoveCrontab)];
    }
    let recover = paths.iter().find(|path| **path == layout.recover());
    let remove = |path: &PathBuf| {
        Operation::new(OperationId::of("remove recover"), [], HostChange::RemovePath { path: path.clone() })
    };
    recover.map(remove).into_iter().collect()
}

fn crontab_of(saved: &Saved, block: Option<&[String]>) -> Option<Operation> {
    if block == Some(&saved.crontab) {
        return None;
    }
    let action = HostChange::RestoreCrontab { lines: saved.crontab.clone() };
    Some(Operation::new(OperationId::of("restore crontab"), [], action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::MonitorFact;
    use crate::operation::EngineChange;
    use crate::plan::values::PlanName;
    use pretty_assertions::assert_eq;
    use std::path::Path;

    #[test]
    fn regression_030_a_file_that_a_crash_kept_from_being_finished_goes_with_what_it_left() {
        let layout = Layout::new(Path::new(Layout::STATE), &PlanName::parse("shop").unwrap());
        let unfinished = layout.state().join(".landfall-new-saved.json");
        let observed = Observed { paths: vec![unfinished.clone()], ..Observed::default() };
        let id = OperationId::of(format!("remove {}", unfinished.display()));
        let removed = vec![Operation::new(id, [], HostChange::RemovePath { path: unfinished })];
        assert_eq!(as_before(&layout, &observed), removed);
        assert_eq!(containerless(&layout, &Names::default(), &observed), removed);
    }

    #[test]
    fn regression_016_a_monitor_without_a_container_goes_where_its_name_is_ours_and_the_network_after_it() {
        let layout = Layout::new(Path::new(Layout::STATE), &PlanName::parse("shop").unwrap());
        let monitor = |container: &str| MonitorFact { container: container.to_owned(), id: format!("{container}1") };
        let monitors = vec![monitor("shop-web"), monitor("shop-somebody")];
        let observed = Observed { monitors, network_remains: true, ..Observed::default() };
        let names = Names { containers: ["shop-web".to_owned()].into(), ..Names::default() };
        let end = HostChange::EndMonitor { container: "shop-web".to_owned(), id: "shop-web1".to_owned() };
        let drop = EngineChange::DropNetwork { network: "shop".to_owned() };
        let expected = vec![
            Operation::new(OperationId::of("end monitor shop-web1"), [], end),
            Operation::new(OperationId::of("drop network shop"), [OperationId::of("end monitor shop-web1")], drop),
        ];
        assert_eq!(containerless(&layout, &names, &observed), expected);
        assert_eq!(as_before(&layout, &observed), []);
    }

    #[test]
    fn regression_031_the_configs_of_the_earlier_deployment_go_when_a_crash_comes_right_after_the_commit() {
        let layout = Layout::new(Path::new(Layout::STATE), &PlanName::parse("shop").unwrap());
        let saved: Saved = serde_json::from_value(serde_json::json!({
            "version": 1, "name": "shop", "run": "20261121t101112", "plan": "", "plan_sha256": "", "landfall": "0.1.0",
            "deployed_at": "2026-11-21T10:11:12Z", "deployed_by": "root", "services": {}, "secrets": [], "network": "shop", "crontab": []
        }))
        .unwrap();
        let configs = layout.configs();
        let paths = vec![configs.clone(), configs.join("20261121t101112"), configs.join("20261121t091112")];
        let observed = Observed { saved: Some(saved), crontab_block: Some(Vec::new()), paths, ..Observed::default() };
        let told = |operations: Vec<Operation>| {
            operations.into_iter().map(|operation| operation.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(told(superseded(&layout, &observed)), ["remove /var/lib/landfall/shop/configs/20261121t091112"]);
        let fallen = Observed { saved: None, ..observed };
        assert_eq!(told(containerless(&layout, &Names::default(), &fallen)), ["remove /var/lib/landfall/shop/configs"]);
    }
}
