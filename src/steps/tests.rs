//! Whole programs, and what holds for the program of every plan.
#![allow(clippy::disallowed_methods, reason = "plans and expected texts are files")]

mod floors;

use super::{departure, deployment, floor::Names};
use crate::committed::assert_committed;
use crate::facts::{
    ContainerFact, DirectoryFact, EngineLook, Facts, ImageFact, NetworkFact, Observed, Saved, SavedService, SecretFact,
};
use crate::operation::{Action, EngineChange, HostChange, Layout, Operation, OperationId, Program};
use crate::plan::model::Plan;
use crate::plan::values::{HostPath, ImageId, RunId, ServiceName};
use pretty_assertions::assert_eq;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

fn plan(text: &str) -> Plan {
    crate::check(("plan.json", text.as_bytes()), None).plan.unwrap()
}

fn layout(plan: &Plan) -> Layout {
    Layout::new(Path::new(Layout::STATE), &plan.name)
}

fn rich() -> Plan {
    plan(include_str!("tests/rich.json"))
}

/// Every example, and the rich plan in its variants.
fn plans() -> Vec<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.to_string_lossy();
        name.ends_with(".json") && !name.ends_with(".secrets.json")
    });
    let mut plans: Vec<_> = paths.iter().map(|path| plan(&std::fs::read_to_string(path).unwrap())).collect();
    let rich = include_str!("tests/rich.json");
    plans.push(plan(rich));
    plans.push(plan(&rich.replace("\"version\": 1,", "\"version\": 1, \"staging\": \"after\",")));
    plans.push(plan(&rich.replace("\"version\": 1,", "\"version\": 1, \"teardown\": \"node\",")));
    plans
}

fn container(plan: &Plan, service: &str) -> ContainerFact {
    ContainerFact {
        image_id: "a".repeat(64),
        labels: BTreeMap::from([(ContainerFact::PLAN.to_owned(), plan.name.to_string())]),
        networks: vec![plan.name.to_string()],
        ..ContainerFact::running(&format!("{}-{service}", plan.name), &"1".repeat(64))
    }
}

/// What an earlier deployment of the plan left on record: `old-api` depends on `old-db`.
fn saved(plan: &Plan) -> Saved {
    let service = |name: &str, needs: &[&str]| {
        let image_id = ImageId::parse(&"a".repeat(64)).unwrap();
        let service = SavedService {
            secrets: Vec::new(),
            configs: Vec::new(),
            run: None,
            container: format!("{}-{name}", plan.name),
            tag: format!("localhost/landfall/{}/{name}:aaaaaaaaaaaa", plan.name),
            image_id,
            config: "c".repeat(64),
            one_shot: false,
            depends_on: needs.iter().map(|name| ServiceName::parse(name).unwrap()).collect(),
        };
        (ServiceName::parse(name).unwrap(), service)
    };
    Saved {
        hotfixes: std::collections::BTreeMap::new(),
        version: 1,
        name: plan.name.clone(),
        run: RunId::parse("20261121t101112").unwrap(),
        plan: String::new(),
        plan_sha256: String::new(),
        hash: None,
        files: BTreeMap::new(),
        deployed_at: jiff::Timestamp::UNIX_EPOCH,
        deployed_by: "root".to_owned(),
        landfall: "0.1.0".to_owned(),
        git_commit: None,
        beneath: None,
        services: [service("old-api", &["old-db"]), service("old-db", &[])].into(),
        secrets: vec![format!("landfall.{}.20261121t101112.0", plan.name)],
        network: plan.name.to_string(),
        crontab: vec!["@reboot root true".to_owned()],
    }
}

/// A server on which an earlier version of the plan is deployed, beside a stranger.
fn observed(plan: &Plan) -> Observed {
    let saved = saved(plan);
    let stranger = ContainerFact { labels: BTreeMap::new(), ..container(plan, "stranger") };
    let network = NetworkFact {
        name: plan.name.to_string(),
        labels: BTreeMap::from([(ContainerFact::PLAN.to_owned(), plan.name.to_string())]),
        subnets: Vec::new(),
    };
    let tags = saved.services.values().map(|service| service.tag.clone()).chain(["docker.io/library/db:1".to_owned()]);
    let layout = layout(plan);
    Observed {
        stopped: std::collections::BTreeSet::new(),
        guarded: std::collections::BTreeSet::new(),
        healthy: std::collections::BTreeSet::new(),
        look: EngineLook {
            containers: vec![container(plan, "old-db"), container(plan, "old-api"), stranger],
            images: vec![ImageFact { id: "a".repeat(64), tags: tags.collect() }],
            networks: vec![network],
            secrets: vec![SecretFact { name: saved.secrets[0].clone() }, SecretFact { name: "theirs".to_owned() }],
        },
        network_remains: false,
        monitors: Vec::new(),
        paths: vec![layout.jobs(), layout.configs(), layout.recover(), layout.downloads(&saved.run)],
        keys: true,
        crontab_block: Some(saved.crontab.clone()),
        saved: Some(saved),
    }
}

fn facts(plan: &Plan, observed: &Observed) -> Facts {
    let mut facts = Facts::of_an_empty_host(&[]);
    facts.look = observed.look.clone();
    facts.saved.extend(observed.saved.clone().map(|saved| (plan.name.clone(), saved)));
    let there = HostPath::parse("/srv/rich/there").unwrap();
    facts.directories.insert(there, DirectoryFact::Present { mountpoint: false, label_usable: true });
    facts
}

/// The programs of every plan, on an empty server and over an earlier deployment.
fn programs() -> Vec<(Plan, Program)> {
    let of = |plan: Plan| {
        let over = facts(&plan, &observed(&plan));
        [Facts::of_an_empty_host(&[]), over].map(|facts| {
            let program = deployment(&plan, &facts, &layout(&plan)).unwrap();
            (plan.clone(), program)
        })
    };
    plans().into_iter().flat_map(of).collect()
}

fn printed(operations: &[Operation]) -> String {
    let mut text = String::new();
    for Operation { id, after, once_stopped, action } in operations {
        let stopped = once_stopped.iter().map(|id| format!("{id} has stopped it"));
        let after: Vec<_> = after.iter().map(ToString::to_string).chain(stopped).collect();
        writeln!(
            text,
            "  {id}: {action}\n      after {}",
            if after.is_empty() { "nothing".to_owned() } else { after.join(", ") }
        )
        .unwrap();
    }
    text
}

/// Holds a text against the one that is committed.
fn as_committed(name: &str, told: &str) {
    assert_committed(Path::new("src/steps/tests").join(name), told);
}

fn wait_for(program: &Program) -> BTreeMap<OperationId, BTreeSet<OperationId>> {
    let mut all: BTreeMap<OperationId, BTreeSet<OperationId>> = BTreeMap::new();
    for operation in program.operations() {
        let further = operation.awaited().filter_map(|id| all.get(id)).flatten().cloned();
        let whole = operation.awaited().cloned().chain(further).collect();
        all.insert(operation.id.clone(), whole);
    }
    all
}

fn id(text: &str) -> OperationId {
    OperationId::of(text)
}

#[test]
fn the_whole_program_of_a_rich_plan_over_an_earlier_one_is_as_committed() {
    let plan = rich();
    let program = deployment(&plan, &facts(&plan, &observed(&plan)), &layout(&plan)).unwrap();
    let steps = program.steps.iter().map(|step| format!("{}\n{}", step.name.words(), printed(&step.operations)));
    as_committed("program.txt", &steps.collect::<String>());
}

#[test]
fn no_program_has_a_defect() {
    for (plan, program) in programs() {
        assert_eq!(program.defect(), None, "{}", plan.name);
    }
    assert_eq!(departure().defect(), None);
}

#[test]
fn everything_after_the_first_step_waits_for_the_point_of_no_return() {
    for (plan, program) in programs() {
        let waits = wait_for(&program);
        let free = |operation: &&Operation| {
            operation.id != id("uncommit")
                && operation.id != id("reserve crontab")
                && !waits[&operation.id].contains(&id("uncommit"))
        };
        let later = program.steps.iter().skip(1).flat_map(|step| &step.operations);
        let free: Vec<_> = later.filter(free).map(|operation| operation.id.clone()).collect();
        assert_eq!(free, Vec::<OperationId>::new(), "{}", plan.name);
        let staged = program.steps[0].operations.iter().map(|operation| operation.id.clone());
        let not_waited_for: Vec<_> = staged.filter(|staged| !waits[&id("uncommit")].contains(staged)).collect();
        assert_eq!(not_waited_for, Vec::<OperationId>::new(), "{}", plan.name);
    }
}

#[test]
fn the_commit_waits_for_everything_but_what_tidies_up_after_it() {
    for (plan, program) in programs() {
        let waits = wait_for(&program);
        let not_waited_for = program.operations().filter(|operation| !waits[&id("commit")].contains(&operation.id));
        let tidies =
            |operation: &&Operation| !waits[&operation.id].contains(&id("commit")) && operation.id != id("commit");
        let forgotten: Vec<_> = not_waited_for.filter(tidies).map(|operation| operation.id.clone()).collect();
        assert_eq!(forgotten, Vec::<OperationId>::new(), "{}", plan.name);
        for operation in program.operations().filter(|operation| waits[&operation.id].contains(&id("commit"))) {
            assert!(
                matches!(
                    operation.action,
                    Action::Engine(EngineChange::DropSecret { secret: _ })
                        | Action::Host(HostChange::RemoveOldConfigs | HostChange::PruneRuns { keep: _ })
                ),
                "{}: {} comes after the commit",
                plan.name,
                operation.id
            );
        }
    }
}

#[test]
fn a_service_starts_only_after_everything_that_it_depends_on_is_as_it_must_be() {
    for (plan, program) in programs() {
        let waits = wait_for(&program);
        for (name, service) in &plan.services {
            for (needed, _) in service.depends_on.iter() {
                let start = &waits[&id(&format!("start {name}"))];
                assert!(start.contains(&id(&format!("await {needed}"))), "{}: {name} and {needed}", plan.name);
            }
        }
    }
}

#[test]
fn dependents_go_before_what_they_depend_on_and_no_container_comes_before_all_old_ones_are_gone() {
    for (plan, program) in programs() {
        let waits = wait_for(&program);
        let (api, db) = (id(&format!("drop {}-old-api", plan.name)), id(&format!("drop {}-old-db", plan.name)));
        if !waits.contains_key(&db) {
            continue;
        }
        assert!(waits[&db].contains(&api), "{}", plan.name);
        for name in plan.services.keys() {
            let create = &waits[&id(&format!("create {name}"))];
            assert!(create.contains(&api) && create.contains(&db), "{}: {name}", plan.name);
        }
    }
}

#[test]
fn who_waits_for_one_of_those_that_are_removed_last_waits_for_all_of_them() {
    for (plan, program) in programs() {
        let last: BTreeSet<_> = program.last_removed().iter().map(|name| id(&format!("drop {name}"))).collect();
        let waits = program.operations().filter(|operation| !operation.after.is_disjoint(&last));
        let not_for_all: Vec<_> = waits.filter(|operation| !operation.after.is_superset(&last)).collect();
        assert_eq!(not_for_all, Vec::<&Operation>::new(), "{}", plan.name);
    }
}

#[test]
fn those_are_removed_last_that_no_other_removal_waits_for() {
    let plan = rich();
    let mut observed = observed(&plan);
    observed.look.containers.push(container(&plan, "old-cache"));
    let program = deployment(&plan, &facts(&plan, &observed), &layout(&plan)).unwrap();
    assert_eq!(program.last_removed(), BTreeSet::from(["rich-old-cache", "rich-old-db"]));
}

#[test]
fn with_staging_after_nothing_is_retrieved_before_everything_old_is_gone() {
    let plan =
        plan(&include_str!("tests/rich.json").replace("\"version\": 1,", "\"version\": 1, \"staging\": \"after\","));
    let program = deployment(&plan, &facts(&plan, &observed(&plan)), &layout(&plan)).unwrap();
    let waits = wait_for(&program);
    let drops: BTreeSet<_> = program.steps[1].operations.iter().map(|operation| operation.id.clone()).collect();
    assert_eq!(program.steps[0].operations, Vec::new());
    let retrieved = program.operations().filter(|operation| matches!(operation.action, Action::Retrieve(_)));
    let too_early: Vec<_> = retrieved.filter(|operation| !waits[&operation.id].is_superset(&drops)).collect();
    assert_eq!(too_early, Vec::<&Operation>::new());
}

#[test]
fn a_container_goes_before_what_its_earlier_version_depends_on_too() {
    let plan = plan(&include_str!("tests/rich.json").replace("\"web\": {", "\"old-api\": {"));
    let layout = layout(&plan);
    let names = Names::on_record(&layout, [], &observed(&plan).saved, false).and_of(&plan, &layout);
    let expected = ["rich-old-db", "rich-db", "rich-migrate"].map(str::to_owned).to_vec();
    assert_eq!(names.depends_on.get("rich-old-api"), Some(&expected));
}
