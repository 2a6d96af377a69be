//! With a small program in the place of the engine that writes down its calls.

use super::super::look::Storage;
use super::super::{Docker, Engine, Podman};
use crate::operation::Layout;
use crate::plan::values::PlanName;
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// A program that does this once it has written down its arguments.
fn program(folder: &Path, does: &str) -> PathBuf {
    let program = folder.join("engine");
    std::fs::write(&program, format!("#!/bin/sh\necho \"$*\" >> {}/calls\n{does}\n", folder.display())).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    program
}

fn calls(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("calls")).unwrap_or_default()
}

fn names() -> Vec<String> {
    ["shop-web", "shop-db"].map(str::to_owned).to_vec()
}

/// Podman that has seen these containers.
fn podman(program: &Path, seen: &[&str]) -> Engine {
    let podman = Podman::at(program);
    podman.graces.note(seen.iter().map(|name| ((*name).to_owned(), Duration::from_secs(1))));
    Engine::Podman(podman)
}

#[test]
fn podman_removes_several_in_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let podman = podman(&program(folder.path(), ":"), &["shop-web", "shop-db"]);
    assert_eq!(podman.drop_containers(&names(), &|_| ()), Ok(()));
    assert_eq!(calls(folder.path()), "rm --force shop-web shop-db\n");
}

/// What it is called for where eight are to end at a time, and what comes of it.
fn removed_with_eight_at_once(does: &str) -> (Result<(), Failure>, String) {
    let folder = tempfile::tempdir().unwrap();
    let podman = Podman::at(&program(folder.path(), does));
    let removal = ["rm", "--force", "shop-web", "shop-db"].map(str::to_owned);
    (podman.remove_together(&removal, Some(8), Duration::from_secs(20)), calls(folder.path()))
}

#[test]
fn a_podman_without_the_option_for_that_removes_them_as_it_does_of_itself() {
    let all = "rm --max-workers 8 --force shop-web shop-db\n";
    assert_eq!(removed_with_eight_at_once(":"), (Ok(()), all.to_owned()));
    let knows_none = "case $* in *--max-workers*) echo 'Error: unknown flag: --max-workers' >&2; exit 125 ;; esac";
    assert_eq!(removed_with_eight_at_once(knows_none), (Ok(()), format!("{all}rm --force shop-web shop-db\n")));
    let failed = Err(Failure::new("`engine rm` failed: shop-web is in the way"));
    let fails = "echo 'Error: shop-web is in the way' >&2; exit 125";
    assert_eq!(removed_with_eight_at_once(fails), (failed, all.to_owned()));
}

/// Podman that has this storage, and these containers in it.
fn with_storage(folder: &Path, does: &str, stored: &[String]) -> Engine {
    let program = program(folder, does);
    let (graph, run) = (folder.join("graph"), folder.join("run"));
    std::fs::create_dir_all(graph.join("overlay-containers")).unwrap();
    let each: Vec<_> =
        stored.iter().map(|name| serde_json::json!({ "id": format!("id-{name}"), "names": [name] })).collect();
    std::fs::write(graph.join("overlay-containers/containers.json"), serde_json::to_vec(&each).unwrap()).unwrap();
    let engine = podman(&program, &["shop-web", "shop-db"]);
    if let Engine::Podman(podman) = &engine {
        podman.storage.get_or_init(|| Storage::at(&graph, &run));
    }
    engine
}

#[test]
fn of_those_that_podman_removes_each_is_told_once_its_storage_does_not_list_it() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("graph/overlay-containers/containers.json");
    // The second one is gone at once, the first one when somebody has heard of that.
    let left = "[{\"id\":\"id-shop-web\",\"names\":[\"shop-web\"]}]";
    let (heard, told) = (folder.path().join("heard"), Mutex::new(Vec::new()));
    let does = format!(
        "echo '{left}' > {list}.new; mv {list}.new {list}; until [ -e {heard} ]; do sleep 0.01; done",
        list = list.display(),
        heard = heard.display()
    );
    let podman = with_storage(folder.path(), &does, &names());
    let gone = |place: usize| {
        told.lock().unwrap().push(place);
        std::fs::write(&heard, "").unwrap();
    };
    assert_eq!(podman.drop_containers(&names(), &gone), Ok(()));
    assert_eq!(told.into_inner().unwrap(), [1]);
}

#[test]
fn podman_is_not_asked_to_remove_several_of_which_one_was_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let podman = podman(&program(folder.path(), ":"), &["shop-web"]);
    let unseen = Failure::new("not all of them were seen before they are removed");
    assert_eq!((podman.drop_containers(&names(), &|_| ()), calls(folder.path())), (Err(unseen), String::new()));
}

#[test]
fn one_that_is_gone_is_a_failure_of_all_for_it_may_hide_what_is_said_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let gone = "echo 'Error: no container with name or ID \"shop-db\" found: no such container' >&2; exit 1";
    let podman = podman(&program(folder.path(), gone), &["shop-web", "shop-db"]);
    let said = Failure::new("`engine rm` failed: no container with name or ID \"shop-db\" found: no such container");
    assert_eq!(podman.drop_containers(&names(), &|_| ()), Err(said));
}

#[test]
fn docker_stops_several_in_one_call_before_it_removes_them_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path(), &PlanName::parse("shop").unwrap());
    let docker = Engine::Docker(Docker::at(&program(folder.path(), ":"), &layout));
    assert_eq!(docker.drop_containers(&names(), &|_| ()), Ok(()));
    let graces = "container inspect --format {{.Config.StopTimeout}} shop-web shop-db\n";
    assert_eq!(calls(folder.path()), format!("{graces}stop shop-web shop-db\nrm --force shop-web shop-db\n"));
}
