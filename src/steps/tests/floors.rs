//! What each floor asks for.

use super::super::{Interrupted, floor, floor::Names};
use super::{as_committed, container, id, layout, observed, plans, printed, rich, saved};
use crate::facts::{ContainerFact, EngineLook, FallsTo, ImageFact, Observed, RunKind, Saved};
use crate::operation::{Action, EngineChange, HostChange};
use crate::plan::values::{RunId, ServiceName};
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[test]
fn what_each_floor_asks_for_is_as_committed() {
    let plan = rich();
    let (layout, deployed) = (layout(&plan), observed(&plan));
    let names = Names::on_record(&layout, [], &deployed.saved, true).and_of(&plan, &layout);
    let undeployed = Observed { saved: None, ..deployed.clone() };
    let only_cron = Observed { crontab_block: Some(Vec::new()), paths: vec![layout.recover()], ..Observed::default() };
    let only_script = Observed { crontab_block: None, ..only_cron.clone() };
    let reserved = Observed { crontab_block: Some(Vec::new()), ..deployed.clone() };
    let told = [
        ("containerless, while it counts as deployed", floor::containerless(&layout, &names, &deployed)),
        ("containerless, with everything there", floor::containerless(&layout, &names, &undeployed)),
        ("containerless, with the crontab left", floor::containerless(&layout, &names, &only_cron)),
        ("containerless, with the script left", floor::containerless(&layout, &names, &only_script)),
        ("as before, with the crontab reserved", floor::as_before(&layout, &reserved)),
        ("as before, with nothing deployed", floor::as_before(&layout, &undeployed)),
        ("deployed", floor::superseded(&layout, &deployed)),
    ];
    let told = told.iter().map(|(floor, operations)| format!("{floor}\n{}", printed(operations)));
    as_committed("floors.txt", &told.collect::<String>());
}

#[test]
fn no_floor_asks_for_anything_on_an_empty_server() {
    for plan in plans() {
        let (layout, empty) = (layout(&plan), Observed::default());
        assert_eq!(floor::containerless(&layout, &Names::default(), &empty), Vec::new());
        assert_eq!(floor::as_before(&layout, &empty), Vec::new());
        assert_eq!(floor::superseded(&layout, &empty), Vec::new());
    }
}

#[test]
fn tags_of_the_saved_plan_and_of_others_stay_when_a_run_was_refused() {
    let plan = rich();
    let (layout, mut there) = (layout(&plan), observed(&plan));
    let new = format!("{}:bbbbbbbbbbbb", layout.repository(&ServiceName::parse("old-db").unwrap()));
    there.look.images.push(ImageFact { id: "b".repeat(64), tags: vec![new.clone(), "localhost/other:1".to_owned()] });
    let dropped: Vec<_> = floor::as_before(&layout, &there)
        .into_iter()
        .filter_map(|operation| match operation.action {
            Action::Engine(EngineChange::DropTag { tag, unless_image_of: _ }) => Some(tag),
            _ => None,
        })
        .collect();
    assert_eq!(dropped, [new]);
}

#[test]
fn what_a_network_left_that_is_gone_goes_with_the_network() {
    let plan = rich();
    let asked = |network_remains: bool| {
        let observed = Observed { network_remains, ..Observed::default() };
        let operations = floor::containerless(&layout(&plan), &Names::default(), &observed);
        operations.iter().map(|operation| operation.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(asked(true), [format!("drop network {}", plan.name)]);
    assert_eq!(asked(false), [] as [&str; 0]);
}

#[test]
fn the_remains_of_a_container_of_ours_go_and_a_whole_one_without_our_labels_stays() {
    let plan = rich();
    let layout = layout(&plan);
    let bare = ContainerFact { labels: BTreeMap::new(), networks: Vec::new(), ..container(&plan, "web") };
    let remains = ContainerFact { storage_only: true, running: false, image_id: String::new(), ..bare.clone() };
    let names = Names::default().and_of(&plan, &layout);
    let asked = |container: ContainerFact| {
        let look = EngineLook { containers: vec![container], ..EngineLook::default() };
        floor::containerless(&layout, &names, &Observed { look, ..Observed::default() })
            .into_iter()
            .map(|operation| operation.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(bare), Vec::<String>::new());
    assert_eq!(asked(remains), ["drop rich-web"]);
}

#[test]
fn paths_of_ours_are_below_our_folders() {
    let plan = rich();
    let layout = layout(&plan);
    let there = Observed { saved: None, ..observed(&plan) };
    let removed = floor::containerless(&layout, &Names::default(), &there).into_iter();
    let removed: Vec<PathBuf> = removed
        .filter_map(|operation| match operation.action {
            Action::Host(HostChange::RemovePath { path }) => Some(path),
            _ => None,
        })
        .collect();
    assert!(removed.len() > 2 && removed.iter().all(|path| path.starts_with(layout.state())), "{removed:?}");
}

#[test]
fn an_interrupted_run_goes_on_falling_and_otherwise_the_saved_plan_decides() {
    let saved_by = |run: &str| Saved { run: RunId::parse(run).unwrap(), ..saved(&rich()) };
    let (this, other) = (saved_by("20261121t120000"), saved_by("20261121t110000"));
    let told = |falls_to, uncommitted: bool, saved| {
        let done = uncommitted.then(|| id("uncommit")).into_iter().collect();
        Interrupted { run: this.run.clone(), kind: RunKind::Deploy, falls_to, done, goes_back: false }.falls_to(saved)
    };
    let (before, containerless, deployed) = (FallsTo::AsBefore, FallsTo::Containerless, FallsTo::Deployed);
    let cases = [
        ("nothing was done yet", told(None, false, Some(&other)), before),
        ("nothing is saved", told(None, true, None), containerless),
        ("it was saved by this run", told(None, true, Some(&this)), deployed),
        ("the old plan came back after it was ended", told(None, true, Some(&other)), containerless),
        ("it fell as before", told(Some(before), false, Some(&other)), before),
        ("it fell after it was saved", told(Some(containerless), true, Some(&this)), containerless),
        ("it was tidied up after the commit", told(Some(deployed), true, Some(&this)), deployed),
        ("what was saved is gone since", told(Some(deployed), true, None), containerless),
    ];
    for (case, told, expected) in cases {
        assert_eq!(told, expected, "{case}");
    }
}
