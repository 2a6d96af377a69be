//! What Docker prints, as it was recorded from 20.10.24 and, where it says so, as Docker 29 is documented to print it.

use super::info::Info;
use super::look::{ListedImage, Network, image_facts, is_half_gone};
use crate::facts::{Engine, EngineKind, ImageFact, NetworkFact};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::Path;

fn info(changed: impl Fn(&mut Value)) -> Engine {
    info_with(false, changed)
}

/// Where containerd's content is found, or not.
fn info_with(contents: bool, changed: impl Fn(&mut Value)) -> Engine {
    let mut info = json!({
        "ServerVersion": "20.10.24+dfsg1", "DockerRootDir": "/var/lib/docker",
        "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]],
        "Plugins": { "Log": ["journald", "json-file", "local", "syslog"] },
        "SecurityOptions": ["name=seccomp,profile=default"],
    });
    changed(&mut info);
    serde_json::from_value::<Info>(info).unwrap().engine(Path::new("/usr/bin/docker"), true, contents)
}

fn usable() -> Engine {
    Engine {
        kind: EngineKind::Docker,
        program: "/usr/bin/docker".into(),
        version: "20.10.24+dfsg1".to_owned(),
        network_backend: "libnetwork".to_owned(),
        name_resolution: true,
        problem: None,
        graph_root: "/var/lib/docker".into(),
        journald: true,
    }
}

#[test]
fn what_docker_says_of_itself_is_read() {
    assert_eq!(info(|_| {}), usable());
}

#[test]
fn a_docker_that_landfall_can_not_use_says_why() {
    let why = |key: &str, value: Value| info(|info| info[key] = value.clone()).problem.unwrap_or_default();
    assert_eq!(why("SecurityOptions", json!(["name=rootless"])), "its daemon does not run as root");
    let mapped = "it maps the users of containers to others (`userns-remap`), whom no data directory belongs to";
    assert_eq!(why("SecurityOptions", json!(["name=userns"])), mapped);
    assert_eq!(why("ServerErrors", json!(["Cannot connect"])), "Cannot connect");
    let in_containerd = json!([["driver-type", "io.containerd.snapshotter.v1"]]);
    let store = why("DriverStatus", in_containerd.clone());
    assert!(store.starts_with("it keeps images in containerd's store"), "{store}");
    let of_version = |version: &str| {
        info_with(true, |info| {
            info["DriverStatus"] = in_containerd.clone();
            info["ServerVersion"] = json!(version);
        })
    };
    let old = of_version("26.1.5+dfsg1").problem.unwrap_or_default();
    assert!(old.starts_with("it keeps images in containerd's store, where a Docker before 28 loses an image"), "{old}");
    assert_eq!(of_version("28.5.2+dfsg4"), Engine { version: "28.5.2+dfsg4".to_owned(), ..usable() });
}

#[test]
fn an_image_has_the_tags_of_all_its_lines() {
    let line = |repository: &str, tag: &str| json!({ "ID": "sha256:83a2", "Repository": repository, "Tag": tag });
    let lines = [line("localhost/landfall/shop/web", "1"), line("localhost/a", "v1"), line("<none>", "<none>")];
    let listed = lines.map(|line| serde_json::from_value::<ListedImage>(line).unwrap()).into_iter().collect();
    let tags = vec!["localhost/a:v1".to_owned(), "localhost/landfall/shop/web:1".to_owned()];
    assert_eq!(image_facts(listed), [ImageFact { id: "83a2".to_owned(), tags }]);
}

#[test]
fn a_network_has_its_label_and_its_ranges() {
    let printed = json!({
        "Name": "shop", "Labels": { "landfall.plan": "shop" },
        "IPAM": { "Driver": "default", "Options": {}, "Config": [{ "Subnet": "10.90.0.0/24" }] },
    });
    let expected = NetworkFact {
        name: "shop".to_owned(),
        labels: [("landfall.plan".to_owned(), "shop".to_owned())].into(),
        subnets: vec!["10.90.0.0/24".parse().unwrap()],
    };
    assert_eq!(serde_json::from_value::<Network>(printed).unwrap().fact(), expected);
}

/// Recorded from 26.1.5 with containerd's store.
#[test]
fn an_image_that_is_being_removed_is_no_failure_of_the_store() {
    let of =
        "Error response from daemon: failed to calculate size of image localhost/landfall/shop/migrate:83a25c16b489";
    let digest = format!("content digest sha256:{}", "e".repeat(64));
    assert_eq!(is_half_gone(&format!("{of}: {digest}: not found\n")), true);
    assert_eq!(is_half_gone(&format!("{of}: {digest}: input/output error\n")), false);
    assert_eq!(is_half_gone("Error response from daemon: No such image: nothing:1\n"), false);
}
