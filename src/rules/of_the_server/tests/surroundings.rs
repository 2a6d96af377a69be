//! What else is on the server, and what the plan finds there.

use super::{after, container, facts, held, other, plan, told, told_of, typed};
use crate::diagnostics::Severity;
use crate::facts::{ContainerFact, DirectoryFact, FileFact, HeldPort, KeyFact, NetworkFact, Protocol};
use crate::plan::values::{HostPath, PlanPath};
use pretty_assertions::assert_eq;
use serde_json::json;
use std::path::PathBuf;

#[test]
fn a_port_is_held_by_a_process_or_by_a_container() {
    let process = |held: HeldPort| after(|facts| facts.machine.ports.push(held));
    let expected = ["LF109 /services/web/ports/0: port 8080/tcp of this server is in use"];
    assert_eq!(process(held(None, 8080, Protocol::Tcp, "")), expected);
    assert_eq!(process(held(Some("0.0.0.0"), 8080, Protocol::Tcp, "")), expected);
    assert_eq!(process(held(Some("::"), 8080, Protocol::Tcp, "")), Vec::<String>::new());
    assert_eq!(process(held(Some("192.0.2.1"), 8080, Protocol::Tcp, "")), Vec::<String>::new());
    assert_eq!(process(held(None, 8080, Protocol::Udp, "")), Vec::<String>::new());
    let container = |plan| {
        let ports = vec![held(None, 8080, Protocol::Tcp, "")];
        after(|facts| facts.look.containers.push(ContainerFact { ports, ..container("other", plan) }))
    };
    assert_eq!(container(Some("blog")), expected);
    assert_eq!(container(Some("shop")), Vec::<String>::new());
}

#[test]
fn what_is_somebody_elses_and_in_the_way_is_told_and_not_touched() {
    let on_our_network = |name, plan| ContainerFact { networks: vec!["shop".to_owned()], ..container(name, plan) };
    let network = |name: &str, subnet: &str, plan: Option<&str>| NetworkFact {
        name: name.to_owned(),
        labels: plan.iter().map(|plan| (ContainerFact::PLAN.to_owned(), (*plan).to_owned())).collect(),
        subnets: vec![subnet.parse().unwrap()],
    };
    let changed = after(|facts| {
        facts.look.containers.push(on_our_network("shop-web", None));
        facts.look.containers.push(on_our_network("shop-db", Some("shop")));
        facts.look.containers.push(on_our_network("guest", Some("blog")));
        facts.look.containers.push(ContainerFact { storage_only: true, ..container("shop-db", None) });
        facts.look.networks.push(network("shop", "10.90.0.0/24", None));
        facts.look.networks.push(network("blog", "10.90.0.128/25", Some("blog")));
        facts.keys.values_mut().for_each(|key| *key = KeyFact::Foreign);
    });
    let expected = [
        "LF110 /services/web: there is a container `shop-web` already",
        "LF111 /name: the container `guest` of the plan `blog` is on the network `shop`",
        "LF112 /name: there is a network `shop` already",
        "LF113 /network/subnets/0: the subnet `10.90.0.0/24` is in use",
        "LF121 /ssh_keys/id_rsa: there is another key at `/root/.ssh/id_rsa` already",
    ];
    assert_eq!(changed, expected);
    let ours = after(|facts| facts.look.networks.push(network("shop", "10.90.0.0/24", Some("shop"))));
    assert_eq!(ours, Vec::<String>::new());
    let routed = after(|facts| facts.machine.subnets.push("10.0.0.0/8".parse().unwrap()));
    assert_eq!(routed, ["LF113 /network/subnets/0: the subnet `10.90.0.0/24` is in use"]);
}

#[test]
fn a_dedicated_server_is_cleared_of_all_containers_and_has_no_other_plan() {
    let mut plan = plan();
    plan["teardown"] = json!("node");
    let mut facts = facts();
    let ports = vec![held(None, 8080, Protocol::Tcp, "")];
    facts.look.containers.push(ContainerFact { ports, ..container("shop-web", None) });
    facts.machine.ports.push(held(None, 8080, Protocol::Tcp, "shop-web"));
    assert_eq!(told_of(&plan, &facts), Vec::<String>::new());
    facts.saved.extend([other(&json!({"web": {"image": "registry.example/blog:1"}}), &json!({}))]);
    assert_eq!(told_of(&plan, &facts), ["LF120 /teardown: the plan `blog` is deployed here too"]);
}

#[test]
fn data_directories_are_as_the_plan_expects() {
    let directory = |path: &str, fact: DirectoryFact| {
        after(|facts| {
            facts.directories.insert(HostPath::parse(path).unwrap(), fact);
        })
    };
    let at = "/services/db/volumes/0/source";
    let told = |text: String| vec![text];
    assert_eq!(
        directory("/srv/shop/db", DirectoryFact::Symlink(PathBuf::from("/srv/shop"))),
        told(format!("LF114 {at}: `/srv/shop/db` is reached through the symbolic link `/srv/shop`"))
    );
    let within_reach = DirectoryFact::WithinReach { at: "/srv/shop".into(), by: "its owner, user 1000".to_owned() };
    assert_eq!(
        directory("/srv/shop/db", within_reach),
        told(format!("LF132 {at}: `/srv/shop` can be exchanged by its owner, user 1000"))
    );
    assert_eq!(
        directory("/srv/shop/db", DirectoryFact::NotADirectory(PathBuf::from("/srv/shop"))),
        told(format!("LF115 {at}: `/srv/shop` is not a directory"))
    );
    assert_eq!(
        directory("/srv/shop/db", DirectoryFact::Present { mountpoint: false, label_usable: false }),
        told(format!("LF117 {at}: containers can't use the SELinux label of `/srv/shop/db`"))
    );
    let unmounted = vec!["LF116 /services/db/volumes/1/source: no disk is mounted at `/srv/disk`"];
    assert_eq!(directory("/srv/disk", DirectoryFact::Missing), unmounted);
    assert_eq!(directory("/srv/disk", DirectoryFact::Present { mountpoint: false, label_usable: true }), unmounted);
}

#[test]
fn the_folder_of_the_engine_is_no_data_wherever_it_is() {
    let moved = |root: &str| after(|facts| facts.engine.iter_mut().for_each(|engine| engine.graph_root = root.into()));
    let expected = ["LF055 /services/db/volumes/1/source: `/srv/disk` is no place for data"];
    assert_eq!(moved("/srv/disk/containers"), expected);
    assert_eq!(
        moved("/srv"),
        ["0", "1"].map(|index| {
            let source = if index == "0" { "/srv/shop/db" } else { "/srv/disk" };
            format!("LF055 /services/db/volumes/{index}/source: `{source}` is no place for data")
        })
    );
    assert_eq!(moved("/srv/images"), Vec::<String>::new());
}

#[test]
fn regression_073_our_own_state_is_no_data_wherever_it_is() {
    let moved = |folder: &str| after(|facts| facts.machine.state_folder = folder.into());
    let expected = ["LF055 /services/db/volumes/1/source: `/srv/disk` is no place for data"];
    assert_eq!([moved("/srv/disk"), moved("/srv/disk/landfall")], [expected; 2]);
    assert_eq!(moved("/srv").len(), 2);
    assert_eq!(moved("/srv/landfall"), Vec::<String>::new());
}

#[test]
fn regression_040_an_engine_that_does_not_answer_is_not_said_to_keep_its_images_in_a_data_directory() {
    let silent = after(|facts| {
        if let Some(engine) = &mut facts.engine {
            engine.problem = Some("`podman info` had not ended after 60 s and was killed".to_owned());
            engine.graph_root = std::path::PathBuf::new();
        }
    });
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert!(silent[0].starts_with("LF102 "), "{silent:?}");
}

#[test]
fn other_plans_keep_their_data_and_their_cleanup() {
    let services = |read_only: bool| {
        let volume = json!({"source": "/srv/shop", "target": "/data", "read_only": read_only});
        json!({"files": {"image": "registry.example/blog:1", "volumes": [volume]}})
    };
    let shared =
        after(|facts| facts.saved.extend([other(&services(true), &json!({"cleanup": {"schedule": "@daily"}}))]));
    let expected = [
        "LF119 /maintenance/cleanup: the plan `blog` cleans this server's log already",
        "LF118 /services/db/volumes/0/source: `/srv/shop/db` is data of the plan `blog`",
    ];
    assert_eq!(shared, expected);
    let mut reading = plan();
    reading["services"]["db"]["volumes"][0]["read_only"] = json!(true);
    let mut facts = facts();
    facts.saved.extend([other(&services(true), &json!({}))]);
    assert_eq!(told_of(&reading, &facts), Vec::<String>::new());
    facts.saved.values_mut().for_each(|saved| saved.plan = "{".to_owned());
    assert_eq!(told_of(&reading, &facts), ["LF128? server: the saved plan `blog` can't be read"]);
}

#[test]
fn the_files_of_the_plan_are_there_and_of_the_right_kind() {
    let file = |path: &str, fact: FileFact| {
        after(|facts| {
            facts.files.insert(PlanPath::parse(path).unwrap(), fact);
        })
    };
    assert_eq!(file("db.tar", FileFact::Missing), ["LF125 /services/db/image/archive: there is no `db.tar`"]);
    assert_eq!(
        file("web", FileFact::File { sha256: None, size: 1 }),
        ["LF126 /services/web/image/build: `web` is a file"]
    );
    assert_eq!(file("web.conf", FileFact::Folder), ["LF126 /services/web/configs/0/file: `web.conf` is a folder"]);
    let unusable = FileFact::Unusable { reason: "`ann` may write to it".to_owned(), cure: "chown it".to_owned() };
    assert_eq!(
        file("web.conf", unusable),
        ["LF126 /services/web/configs/0/file: `web.conf` can't be used: `ann` may write to it"]
    );
}

#[test]
fn a_check_elsewhere_only_warns_of_a_file_that_is_not_there() {
    let missing = [(PlanPath::parse("db.tar").unwrap(), FileFact::Missing)].into();
    let findings = crate::rules::of_the_files(&typed(&plan()), &missing, Severity::Warning);
    let told: Vec<_> = findings.iter().map(told).collect();
    assert_eq!(told, ["LF125? /services/db/image/archive: there is no `db.tar`"]);
}
