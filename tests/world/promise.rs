//! What must hold, whatever happened.

use crate::examples::Example;
use crate::fault::Fault;
use crate::model::State;
use crate::server::{Server, Told};
use landfall::facts::{ContainerFact, Saved, SavedService};
use landfall::operation::Layout;
use landfall::plan::model::Teardown;
use landfall::run::Ending;
use landfall::steps;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

/// What is wrong, for every kind of thing; nothing if the promise is kept.
pub fn broken(server: &Server, before: &State, example: &Example) -> Vec<String> {
    let (layout, now) = (&server.layout, &server.state);
    let mut wrong = match &now.saved {
        None => of_a_containerless_state(layout, now),
        Some(saved) => of_a_deployed_state(layout, now, saved),
    };
    if is_brought_back(now, before) {
        wrong.extend(differ("the old scripts", &scripts(layout, now), &scripts(layout, before)));
        wrong.extend(differ("the old configs", &configs(layout, now), &configs(layout, before)));
        wrong.extend(differ("the old keys", &now.keys, &before.keys));
    }
    if let (Some(saved), Some(old)) = (&now.saved, &before.saved)
        && saved == old
    {
        wrong.extend(differ("the old containers", &ours(layout, now), &ours(layout, before)));
        wrong.extend(differ("the old images", &tags(layout, now), &tags(layout, before)));
        wrong.extend(differ("the old jobs", &now.crontab.block, &before.crontab.block));
    }
    let dedicated = example.plan.teardown == Teardown::Node;
    if !dedicated {
        wrong.extend(differ("strangers' containers", &strangers(layout, now), &strangers(layout, before)));
        wrong.extend(differ("strangers' images", &foreign_tags(layout, now), &foreign_tags(layout, before)));
    }
    let networks = |state: &State| {
        state.networks.keys().filter(|name| **name != layout.plan().to_string()).cloned().collect::<Vec<_>>()
    };
    wrong.extend(differ("strangers' networks", &networks(now), &networks(before)));
    let secrets = |state: &State| {
        state.secrets.iter().filter(|name| !name.starts_with(&layout.secrets_prefix())).cloned().collect::<Vec<_>>()
    };
    wrong.extend(differ("strangers' secrets", &secrets(now), &secrets(before)));
    wrong.extend(differ("the lines of others in the crontab", &now.crontab.others, &before.crontab.others));
    let lost: Vec<_> = before.data.difference(&now.data).collect();
    wrong.extend((!lost.is_empty()).then(|| format!("data directories are gone: {lost:?}")));
    wrong
}

/// What a run says must be so.
pub fn untrue(told: &Told, server: &Server, before: &State) -> Vec<String> {
    let (layout, now) = (&server.layout, &server.state);
    let says = |holds: bool| if holds { Vec::new() } else { vec![format!("it says {:?}", told.ending)] };
    let mut wrong = told.violations.clone();
    wrong.extend(match &told.ending {
        None => Vec::new(),
        Some(Ending::Done { known, warnings: _ }) => {
            says(now.saved.as_ref().is_some_and(|saved| saved.run == known.run))
        }
        Some(Ending::Refused { cause: _ }) => {
            says(now.saved == before.saved && ours(layout, now) == ours(layout, before))
        }
        Some(Ending::RolledBack { cause: _ } | Ending::TornDown) => {
            says(now.saved.is_none()).into_iter().chain(of_a_containerless_state(layout, now)).collect()
        }
        Some(Ending::Restored { cause: _ }) if now.saved == before.saved => says(now.stopped == before.stopped),
        Some(Ending::Restored { cause: _ }) => {
            says(is_brought_back(now, before)).into_iter().chain(idle(now)).collect()
        }
        Some(Ending::Incomplete { cause: _, left }) => says(!left.is_empty()),
    });
    wrong
}

/// Whether what was deployed before is deployed again: as it was, but for the run that has created its containers.
pub fn is_brought_back(now: &State, before: &State) -> bool {
    let (Some(now), Some(before)) = (&now.saved, &before.saved) else { return false };
    let created_by = |service: &SavedService| service.run.clone();
    let run = now.services.values().find_map(created_by);
    run.is_some_and(|run| *now == steps::brought_back(before, &run))
}

/// The services that do not run.
fn idle(now: &State) -> Vec<String> {
    let services = now.saved.iter().flat_map(|saved| saved.services.values()).filter(|service| !service.one_shot);
    let runs = |service: &&SavedService| now.containers.get(&service.container).is_some_and(|there| there.running);
    services.filter(|service| !runs(service)).map(|service| format!("{} does not run", service.container)).collect()
}

fn differ<T: PartialEq + std::fmt::Debug>(what: &str, now: &T, before: &T) -> Option<String> {
    (now != before).then(|| format!("{what} differ: {now:?}, and before {before:?}"))
}

fn is_ours(layout: &Layout, container: &ContainerFact) -> bool {
    container.plan() == Some(layout.plan().as_str()) || container.storage_only
}

/// Our containers, whether they run or not: a boot stops them.
fn ours(layout: &Layout, state: &State) -> BTreeMap<String, (String, BTreeMap<String, String>)> {
    let ours = state.containers.values().filter(|container| is_ours(layout, container));
    ours.map(|container| (container.name.clone(), (container.image_id.clone(), container.labels.clone()))).collect()
}

fn strangers(layout: &Layout, state: &State) -> BTreeSet<String> {
    state.containers.values().filter(|there| !is_ours(layout, there)).map(|there| there.name.clone()).collect()
}

fn scripts(layout: &Layout, state: &State) -> Vec<PathBuf> {
    state.paths.iter().filter(|path| path.starts_with(layout.jobs())).cloned().collect()
}

fn configs(layout: &Layout, state: &State) -> Vec<PathBuf> {
    state.paths.iter().filter(|path| path.starts_with(layout.configs())).cloned().collect()
}

fn tags(layout: &Layout, state: &State) -> BTreeSet<String> {
    state.images.values().flatten().filter(|tag| tag.starts_with(&layout.repositories())).cloned().collect()
}

fn foreign_tags(layout: &Layout, state: &State) -> BTreeSet<String> {
    state.images.values().flatten().filter(|tag| !tag.starts_with(&layout.repositories())).cloned().collect()
}

fn of_a_containerless_state(layout: &Layout, now: &State) -> Vec<String> {
    let prefix = layout.secrets_prefix();
    let left = [
        ("containers", ours(layout, now).into_keys().collect::<Vec<_>>()),
        ("networks", now.networks.keys().filter(|name| **name == layout.plan().to_string()).cloned().collect()),
        ("secrets", now.secrets.iter().filter(|name| name.starts_with(&prefix)).cloned().collect()),
        ("tags", tags(layout, now).into_iter().collect()),
        ("paths", now.leftover_paths(layout).iter().map(|path| path.display().to_string()).collect()),
        ("keys", now.keys.iter().cloned().collect()),
        ("lines in the crontab", now.crontab.block.iter().flatten().cloned().collect()),
    ];
    left.into_iter()
        .filter(|(_, left)| !left.is_empty())
        .map(|(what, left)| format!("{what} are left: {left:?}"))
        .collect()
}

fn of_a_deployed_state(layout: &Layout, now: &State, saved: &Saved) -> Vec<String> {
    let mut wrong = Vec::new();
    // What came back after a power cut has no container of a one-shot: that has completed, and no boot runs it.
    let is_left_out = |service: &SavedService| {
        service.one_shot && service.run.is_some() && !now.containers.contains_key(&service.container)
    };
    let expected: BTreeMap<_, _> = saved
        .services
        .values()
        .filter(|service| !is_left_out(service))
        .map(|service| (service.container.clone(), (service.image_id.hex().to_owned(), service.config.clone())))
        .collect();
    let there: BTreeMap<_, _> = ours(layout, now)
        .into_iter()
        .map(|(name, (image, labels))| (name, (image, labels.get(ContainerFact::CONFIG).cloned().unwrap_or_default())))
        .collect();
    wrong.extend(differ("the containers", &there, &expected));
    let one_shots = saved.services.values().filter(|service| service.one_shot);
    let incomplete = one_shots.filter_map(|service| now.containers.get(&service.container));
    let incomplete = incomplete.filter(|there| there.exit_code != Some(0));
    wrong.extend(incomplete.map(|there| format!("{} counts as completed: {:?}", there.name, there.exit_code)));
    wrong.extend(differ(
        "the tags",
        &tags(layout, now),
        &saved.services.values().map(|service| service.tag.clone()).collect(),
    ));
    let secrets: BTreeSet<_> =
        now.secrets.iter().filter(|name| name.starts_with(&layout.secrets_prefix())).cloned().collect();
    wrong.extend(differ("the secrets", &secrets, &saved.secrets.iter().cloned().collect()));
    wrong.extend(differ("the jobs", &now.crontab.block.as_ref(), &Some(&saved.crontab)));
    wrong.extend((!now.networks.contains_key(&saved.network)).then(|| "the network is gone".to_owned()));
    let aside = [layout.jobs_aside(), layout.keys_aside()];
    let aside: Vec<_> = now.paths.iter().filter(|path| aside.iter().any(|folder| path.starts_with(folder))).collect();
    wrong.extend((!aside.is_empty()).then(|| format!("what was put aside is left: {aside:?}")));
    let downloads: Vec<_> = now.paths.iter().filter(|path| path.ends_with("downloads")).collect();
    wrong.extend((!downloads.is_empty()).then(|| format!("downloads are left: {downloads:?}")));
    wrong
}

/// Holds everything that is promised against a server after a run with faults: what the run says is so; once recovery ran, without
/// faults, the promise is kept; a second recovery changes nothing; the next deployment works.
pub fn hold(server: &mut Server, told: &Told, before: &State, example: &Example, faults: &dyn std::fmt::Debug) {
    let what = format!("{} after {faults:?}", example.name);
    let untrue = untrue(told, server, before);
    assert!(untrue.is_empty(), "{what}: {untrue:#?}\n{}", order(told));
    let recovered = server.recover(&[]);
    let is_over = matches!(
        told.ending,
        Some(
            Ending::Done { .. }
                | Ending::Refused { .. }
                | Ending::RolledBack { .. }
                | Ending::Restored { .. }
                | Ending::TornDown
        )
    );
    assert!(
        !is_over || recovered.is_none(),
        "{what}: {:?}, and recovery finds something to do: {recovered:?}",
        told.ending
    );
    if let Some(recovered) = &recovered {
        assert_eq!((&recovered.left, &recovered.told.violations), (&Vec::new(), &Vec::new()), "{what}: recovery");
    }
    let warned = matches!(&told.ending, Some(Ending::Done { known: _, warnings }) if !warnings.is_empty());
    if !warned || recovered.is_some() {
        let broken = broken(server, before, example);
        assert!(broken.is_empty(), "{what}: {broken:#?}\n{:?}\n{recovered:?}\n{}", told.ending, order(told));
    }
    let (state, last) = (server.state.clone(), server.last.clone());
    let again = server.recover(&[]);
    assert!(again.is_none(), "{what}: a second recovery finds something to do: {again:?}");
    assert_eq!((&server.state, &server.last), (&state, &last), "{what}: a second recovery changes something");
    if is_new(format!("{} {:?} {:?}", example.name, server.state, server.last)) {
        converges(server, before, example, &what);
    }
}

/// The operations that were performed, for a message.
fn order(told: &Told) -> String {
    told.performed.iter().map(|operation| operation.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether an end was not seen before: thousands of faults come to a few ends, and deploying from each once is enough.
fn is_new(end: String) -> bool {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    SEEN.lock().unwrap().insert(end)
}

fn converges(server: &mut Server, before: &State, example: &Example, what: &str) {
    let told = server.deploy(example, &[] as &[Fault]);
    let warnings = match &told.ending {
        Some(Ending::Done { known: _, warnings }) => warnings,
        other => panic!("{what}: the next deployment ends with {other:?}"),
    };
    assert_eq!((warnings, &told.violations), (&Vec::new(), &Vec::new()), "{what}: the next deployment");
    let broken = broken(server, before, example);
    assert!(broken.is_empty(), "{what}: after the next deployment {broken:#?}");
}
