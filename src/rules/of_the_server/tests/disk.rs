//! Room for the images.

use super::{facts, other, plan, told_of};
use crate::facts::{Disk, Engine, EngineKind, Facts, ImageFact, RemoteImage, RemoteSize, Saved};
use crate::plan::values::{ImageId, PlanName, ServiceName};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::path::PathBuf;

const GIB: u64 = 1 << 30;

fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}

fn image(services: &[&str], size: RemoteSize) -> RemoteImage {
    RemoteImage { services: services.iter().map(|name| service(name)).collect(), size }
}

fn layers(id: char, layers: &[(&str, u64)]) -> RemoteSize {
    let missing = layers.iter().map(|(digest, bytes)| ((*digest).to_owned(), *bytes)).collect();
    RemoteSize::Layers { id: id.to_string().repeat(64), missing }
}

/// A plan with two images from a registry and an archive at a URL, that asks for nothing else.
fn remote() -> Value {
    let mut plan = plan();
    plan["requires"] = json!({});
    plan["services"]["db"]["image"] = json!("images.example/db:1");
    plan["services"]["web"]["image"] = json!("images.example/web:1");
    plan["services"]["files"] =
        json!({"image": {"url": "https://images.example/files.tar", "sha256": "ab".repeat(32)}});
    plan
}

/// A server with this much free on one disk for all, and what the images of [`remote`] take: 1 + 2 + 1 GiB, of which the engine
/// keeps one layer of 1 GiB but once.
fn server(free: u64) -> Facts {
    let mut facts = facts();
    facts.remote = vec![
        image(&["db"], layers('a', &[("sha256:1", GIB)])),
        image(&["files"], RemoteSize::Archive(GIB)),
        image(&["web"], layers('b', &[("sha256:1", GIB), ("sha256:2", GIB)])),
    ];
    (facts.machine.free_disk, facts.machine.free_state) = (free, free);
    facts
}

fn with_a_disk_for_the_state(free_images: u64, free_state: u64) -> Facts {
    let mut facts = server(free_images);
    facts.machine.free_state = free_state;
    facts.machine.state_disk = Disk { device: 1, at: PathBuf::from("/var/lib/landfall") };
    facts
}

#[test]
fn on_one_disk_there_must_be_room_for_what_is_kept_and_for_what_passes_through() {
    // Kept are 3 GiB; 1, 3 and 2 GiB pass through.
    assert_eq!(told_of(&remote(), &server(9 * GIB + (16 << 20))), Vec::<String>::new());
    assert_eq!(
        told_of(&remote(), &server(9 * GIB)),
        ["LF107 server: 9.0 GiB are free for images on the disk at /, at least 9.1 GiB are needed"]
    );
}

/// Docker has its own folder for what is not finished, beside its images: the archive passes through the state folder once and
/// through Docker's once, of each image in a registry the largest layer.
#[test]
fn on_docker_what_passes_through_lies_beside_the_images() {
    let on_docker = |free_images: u64, free_state: u64| {
        let mut facts = with_a_disk_for_the_state(free_images, free_state);
        facts.engine = Some(Engine::assumed_of(EngineKind::Docker));
        facts
    };
    let mut plan = remote();
    plan["engine"] = json!("docker");
    // Kept are 3 GiB.
    assert_eq!(told_of(&plan, &on_docker(6 * GIB, GIB + (16 << 20))), Vec::<String>::new());
    assert_eq!(
        told_of(&plan, &on_docker(6 * GIB - 1, GIB)),
        [
            "LF107 server: 5.9 GiB are free for images on the disk at /, at least 6.0 GiB are needed",
            "LF107 server: 1.0 GiB are free for the state on the disk at /var/lib/landfall, at least 1.1 GiB are needed"
        ]
    );
}

/// More than are retrieved side by side are not there at once.
#[test]
fn no_more_than_eight_images_pass_through_at_once() {
    let mut many = plan();
    many["requires"] = json!({});
    let names: Vec<String> = (1..=9).map(|number| format!("files-{number}")).collect();
    let image_of = |name: &String| {
        let url = format!("https://images.example/{name}.tar");
        (name.clone(), json!({ "image": { "url": url, "sha256": "ab".repeat(32) } }))
    };
    many["services"] = names.iter().map(image_of).collect();
    let mut facts = with_a_disk_for_the_state(9 * GIB, 24 * GIB + (16 << 20));
    facts.remote = names.iter().map(|name| image(&[name.as_str()], RemoteSize::Archive(GIB))).collect();
    assert_eq!(told_of(&many, &facts), Vec::<String>::new());
    facts.machine.free_state -= 1;
    let needed =
        "LF107 server: 24.0 GiB are free for the state on the disk at /var/lib/landfall, at least 24.1 GiB are needed";
    assert_eq!(told_of(&many, &facts), [needed]);
}

#[test]
fn each_disk_must_have_room_for_its_part() {
    assert_eq!(told_of(&remote(), &with_a_disk_for_the_state(3 * GIB, 6 * GIB + (16 << 20))), Vec::<String>::new());
    assert_eq!(
        told_of(&remote(), &with_a_disk_for_the_state(3 * GIB - 1, 6 * GIB)),
        [
            "LF107 server: 2.9 GiB are free for images on the disk at /, at least 3.0 GiB are needed",
            "LF107 server: 6.0 GiB are free for the state on the disk at /var/lib/landfall, at least 6.1 GiB are needed"
        ]
    );
}

fn has(facts: &mut Facts, id: &str) {
    facts.look.images.push(ImageFact { id: id.to_owned(), tags: Vec::new() });
}

#[test]
fn an_image_that_is_there_needs_no_room() {
    let mut facts = server(5 * GIB + (16 << 20));
    // 4 GiB are for the archive, 1 GiB is kept of what passes through once.
    has(&mut facts, &"b".repeat(64));
    let needed = told_of(&remote(), &facts);
    assert_eq!(needed, ["LF107 server: 5.0 GiB are free for images on the disk at /, at least 6.1 GiB are needed"]);
    has(&mut facts, &"c".repeat(64));
    let mut pinned = remote();
    pinned["services"]["files"]["image"]["id"] = json!(format!("sha256:{}", "c".repeat(64)));
    assert_eq!(told_of(&pinned, &facts), Vec::<String>::new());
}

/// The plan as it is deployed, the image of `files` with this ID.
fn deployed(plan: &Value, id: &str) -> (PlanName, Saved) {
    let (_, saved) = other(&json!({}), &json!({}));
    let name = PlanName::parse("shop").unwrap();
    let of_files = json!({
        "container": "shop-files", "image_id": format!("sha256:{id}"), "tag": "t", "config": "c", "one_shot": false
    });
    let services = [(service("files"), serde_json::from_value(of_files).unwrap())].into();
    assert_eq!(ImageId::parse(&format!("sha256:{id}")).unwrap().hex(), id);
    (name.clone(), Saved { name, plan: plan.to_string(), services, ..saved })
}

#[test]
fn an_archive_that_is_deployed_needs_no_room_again() {
    let mut facts = server(0);
    facts.remote.retain(|image| matches!(image.size, RemoteSize::Archive(_)));
    (facts.machine.free_disk, facts.machine.free_state) = (GIB, GIB);
    facts.saved.extend([deployed(&remote(), &"c".repeat(64))]);
    let refused = ["LF107 server: 1.0 GiB are free for images on the disk at /, at least 4.1 GiB are needed"];
    assert_eq!(told_of(&remote(), &facts), refused, "it is not there any more");
    has(&mut facts, &"c".repeat(64));
    assert_eq!(told_of(&remote(), &facts), Vec::<String>::new());
    let mut newer = remote();
    newer["services"]["files"]["image"]["sha256"] = json!("cd".repeat(32));
    assert_eq!(told_of(&newer, &facts), refused);
}

#[test]
fn where_the_old_images_go_first_nobody_knows_how_much_room_there_will_be() {
    let mut late = remote();
    late["staging"] = json!("after");
    let mut facts = server(GIB);
    assert_eq!(
        told_of(&late, &facts),
        ["LF107 server: 1.0 GiB are free for images on the disk at /, at least 9.1 GiB are needed"],
        "there is none to go"
    );
    facts.saved.extend([deployed(&remote(), &"c".repeat(64))]);
    assert_eq!(told_of(&late, &facts), Vec::<String>::new());
}
