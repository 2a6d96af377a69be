//! Every fault of a replacement: the old service runs, or the new one, and nobody else was stopped.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{side_by_side, some_of, tell};
use crate::model::{State, in_force};
use crate::promise;
use crate::server::{Hotfix, Server, Tear, Told};
use landfall::facts::{ContainerFact, Outcome};
use landfall::operation::OperationId;
use landfall::plan::model::{Image, Service};
use landfall::plan::values::ServiceName;
use landfall::run::Ending;
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

fn shop() -> Example {
    examples::in_the_folder().into_iter().find(|example| example.name == "shop.json").unwrap()
}

fn hotfix(service: &str) -> Hotfix {
    Hotfix {
        service: ServiceName::parse(service).unwrap(),
        image: Some("localhost/hotfix:1".to_owned()),
        anew: false,
        dependents: false,
    }
}

fn container<'a>(server: &'a Server, service: &str) -> &'a ContainerFact {
    &server.state.containers[&server.layout.container(&ServiceName::parse(service).unwrap())]
}

#[test]
fn the_old_container_is_stopped_only_once_the_new_one_is_there_and_goes_only_once_that_is_on_record() {
    let mut server = Server::with_deployed(&shop());
    let old = container(&server, "web").clone();
    let told = server.replace(&shop(), &hotfix("web"), &[]);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    let expected = [
        "retrieve web",
        "verify web",
        "remove downloads",
        "rename shop-web",
        "create web",
        "stop shop-web.before",
        "start web",
        "await web",
        "check web",
        "commit",
        "drop shop-web.before",
        &format!("drop image {}", server.state.saved.as_ref().map(|_| old_tag(&old)).unwrap()),
    ];
    let sorted = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(sorted(&order), sorted(&expected));
    let at = |id: &str| order.iter().position(|it| *it == id).unwrap();
    assert!(at("create web") < at("stop shop-web.before") && at("commit") < at("drop shop-web.before"), "{order:?}");
    let new = container(&server, "web");
    assert!(new.running && new.id != old.id && new.image_id != old.image_id);
    assert_eq!(told.interrupted, BTreeSet::from([old.id]));
}

fn old_tag(old: &ContainerFact) -> String {
    format!("localhost/landfall/shop/web:{}", &old.image_id[..12])
}

#[test]
fn a_new_version_that_does_not_become_healthy_makes_room_for_the_old_one_again() {
    let mut server = Server::with_deployed(&shop());
    let (before, old) = (server.state.clone(), container(&server, "web").clone());
    let told = server.replace(&shop(), &hotfix("web"), &[Fault::once(&OperationId::of("await web"), Kind::Fails)]);
    let cause = "could not wait until web is healthy, at most 30s: it failed".to_owned();
    assert_eq!(told.ending, Some(Ending::Restored { cause }));
    assert_eq!((container(&server, "web"), &server.state.saved), (&old, &before.saved));
    assert_eq!(server.state.images, before.images);
}

#[test]
fn a_kill_right_after_the_record_ends_with_the_new_version() {
    let mut server = Server::with_deployed(&shop());
    let old = container(&server, "web").clone();
    server.replace(&shop(), &hotfix("web"), &[Fault::once(&OperationId::of("commit"), Kind::ActsThenProgramIsKilled)]);
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::AsAsked));
    assert_ne!(container(&server, "web").image_id, old.image_id);
    assert!(!server.state.containers.contains_key("shop-web.before"));
}

#[test]
fn a_second_hotfix_takes_the_place_of_the_first_and_a_deployment_undoes_it() {
    let mut server = Server::with_deployed(&shop());
    let image = container(&server, "web").image_id.clone();
    server.replace(&shop(), &hotfix("web"), &[]);
    let second = Hotfix { image: Some("localhost/hotfix:2".to_owned()), anew: true, ..hotfix("web") };
    let told = server.replace(&shop(), &second, &[]);
    assert!(matches!(&told.ending, Some(Ending::Done { warnings, .. }) if warnings.is_empty()), "{:?}", told.ending);
    let hotfixes = server.state.saved.clone().unwrap().hotfixes;
    let told: Vec<_> = hotfixes.values().map(|hotfix| (hotfix.to.as_str(), hotfix.from_id.hex())).collect();
    assert_eq!(told, [("localhost/hotfix:2", image.as_str())]);
    let plan = in_force(&server.state).unwrap();
    let now = &plan.services[&second.service];
    assert_eq!(now.image, Image::Reference("localhost/hotfix:2".parse().unwrap()));
    assert_eq!(
        Service { image: shop().plan.services[&second.service].image.clone(), ..now.clone() },
        shop().plan.services[&second.service]
    );
    assert_eq!(promise::broken(&server, &server.state, &shop()), Vec::<String>::new());
    server.deploy(&shop(), &[]);
    assert_eq!((container(&server, "web").image_id.clone(), server.state.saved.unwrap().hotfixes.len()), (image, 0));
}

/// What must hold after a replacement with a fault, and then a recovery without one.
fn hold(
    server: &mut Server,
    told: &Told,
    before: &State,
    (example, hotfix, concerned): (&Example, &Hotfix, &BTreeSet<ServiceName>),
) {
    let by_the_run = |state: &State| {
        let run = server.newest_run();
        state.saved.as_ref().unwrap().services[&hotfix.service].run.as_ref() == Some(&run)
    };
    match &told.ending {
        Some(Ending::Done { .. }) => assert!(by_the_run(&server.state)),
        Some(Ending::Restored { .. } | Ending::Refused { .. }) => assert_eq!(server.state.saved, before.saved),
        Some(Ending::Incomplete { left, .. }) => assert!(!left.is_empty()),
        None => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(told.violations, Vec::<String>::new());
    let others = before.containers.values().filter(|there| told.interrupted.contains(&there.id));
    let others: Vec<_> =
        others.filter(|there| !concerned.iter().any(|name| server.layout.container(name) == there.name)).collect();
    assert_eq!(others, Vec::<&ContainerFact>::new(), "others were interrupted");
    let replaced_before = by_the_run(&server.state);
    let booted = told.ending.is_none() && server.state.containers.values().all(|there| !there.running);
    let recovered = server.recover(&[]);
    assert_eq!(recovered.as_ref().map(|it| it.left.clone()).unwrap_or_default(), Vec::<String>::new());
    if let Some(recovered) = &recovered {
        assert_eq!(recovered.told.violations, Vec::<String>::new());
        assert!(recovered.told.interrupted.iter().all(|id| !before.containers.values().any(|there| {
            there.id == *id && !concerned.iter().any(|name| server.layout.container(name) == there.name)
        })));
    }
    assert!(server.state.saved == before.saved || replaced_before, "neither the old one nor the new one");
    let warned =
        matches!(&told.ending, Some(Ending::Done { warnings, .. }) if !warnings.is_empty()) && recovered.is_none();
    if !warned {
        assert_eq!(promise::broken(server, before, example), Vec::<String>::new());
    }
    if !booted {
        for name in concerned {
            let there = &server.state.containers[&server.layout.container(name)];
            assert!(there.running, "{name} does not run");
        }
    }
    let state = server.state.clone();
    assert!(server.recover(&[]).is_none());
    assert_eq!(server.state, state);
    let again = server.replace(example, hotfix, &[]);
    if !booted {
        assert!(matches!(again.ending, Some(Ending::Done { .. })), "{:?}", again.ending);
        assert_eq!(promise::broken(server, before, example), Vec::<String>::new());
    }
}

#[test]
fn every_fault_of_a_replacement_ends_with_the_old_version_or_the_new_one_and_nobody_else_stopped() {
    let large = examples::large();
    let of = |example: &Example, service: &str, image: bool, anew: bool, dependents: bool| {
        let image = image.then(|| "localhost/hotfix:1".to_owned());
        (example.clone(), Server::with_deployed(example), Hotfix { image, anew, dependents, ..hotfix(service) })
    };
    let situations = [
        of(&shop(), "web", true, false, false),
        of(&shop(), "db", true, true, true),
        of(&shop(), "db", false, true, false),
        of(&large, "api", true, true, true),
    ];
    let mut cases = Vec::new();
    for (example, server, hotfix) in &situations {
        for operation in server.program_of(example, hotfix).operations() {
            cases.extend(Kind::ALL.map(|kind| (example, server, hotfix, operation.id.clone(), kind)));
        }
    }
    let (small, large): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(example, ..)| example.name == "shop.json");
    let cases: Vec<_> = some_of(small, 2).into_iter().chain(some_of(large, 11)).collect();
    let tried = AtomicUsize::new(0);
    side_by_side(&cases, |(example, server, hotfix, operation, kind)| {
        for (tear, each_time) in [(Tear::HalfALine, false), (Tear::OnlyTheIntents, false), (Tear::Whole, true)] {
            let mut server = server.again().torn(tear);
            let before = server.state.clone();
            let concerned = server.concerned(example, hotfix);
            let fault = Fault { each_time, ..Fault::once(operation, *kind) };
            let told = server.replace(example, hotfix, std::slice::from_ref(&fault));
            let what = format!("{} {hotfix:?} {fault:?} {tear:?}: {:?}", example.name, told.ending);
            let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                hold(&mut server, &told, &before, (example, hotfix, &concerned));
            }));
            assert!(held.is_ok(), "{what}\n{:?}", told.performed);
            tried.fetch_add(1, Ordering::Relaxed);
        }
    });
    tell(tried.into_inner(), "one fault at each operation of a replacement");
}
