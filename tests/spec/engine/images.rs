use std::collections::BTreeMap;
use std::fs;
use std::thread::scope;

use landfall::host::engine::{Access, Arrived, Order};
use landfall::operation::{EngineChange, PulledFrom, RetrievedImage};
use landfall::run::{Cancel, Failure};
use pretty_assertions::assert_eq;
use serde_json::json;

use super::{Bench, driver, web};
use crate::support::eventually;

pub fn nothing(_: &PulledFrom) -> Result<Access, Failure> {
    Ok(Access::default())
}

/// Our tags of the image, sorted.
pub fn ours(id: &str) -> Vec<String> {
    ["db", "web"].map(|service| format!("localhost/landfall/shop/{service}:{}", &id[..12])).to_vec()
}

/// What is left in the folders where the engine puts what it has not finished.
fn unfinished(bench: &Bench) -> Vec<String> {
    let own = bench.vsn.on_disk(bench.vsn.either("/var/tmp", "/var/lib/docker/tmp"));
    let folders = [own, bench.layout.downloads(&bench.known.run)];
    let names = |folder: &std::path::PathBuf| fs::read_dir(folder).into_iter().flatten();
    folders.iter().flat_map(names).map(|entry| entry.unwrap().path().display().to_string()).collect()
}

#[test]
fn a_loaded_image_has_our_tags_and_no_others() {
    let bench = Bench::new();
    let id = bench.load("tiny-v1.oci.tar.zst").unwrap();
    assert_eq!(bench.tags(), ours(id.hex()));
    assert_eq!(bench.load("tiny-v1.docker.tar.gz"), Ok(id.clone()));
    assert_eq!(bench.tags(), ours(id.hex()));
    assert_eq!(unfinished(&bench), Vec::<String>::new());
    let details = bench.engine.image_details(id.hex()).unwrap().unwrap();
    assert_eq!((details.id, details.volumes, details.tags.len()), (id, Vec::new(), 2));
}

#[test]
fn an_archive_that_is_not_the_one_of_the_plan_never_reaches_the_engine() {
    let bench = Bench::new();
    let path = bench.vsn.on_disk(&bench.vsn.image("tiny", "tiny-v1.docker.tar"));
    let load = |image| {
        let file = fs::File::open(&path).unwrap();
        bench.retrieve(image, |order| bench.engine.load(order, file)).unwrap_err().message
    };
    let zeros = "0".repeat(64);
    let sha256 = load(json!({ "archive": "x.tar", "sha256": zeros }));
    assert!(sha256.ends_with(&format!("but the plan says {zeros}")), "{sha256}");
    let id = load(json!({ "archive": "x.tar", "id": zeros }));
    assert!(id.starts_with("the archive's image has the ID "), "{id}");
    let reference = load(json!({ "archive": "x.tar", "reference": "localhost/other:1" }));
    assert!(reference.contains("localhost/tiny:v1"), "{reference}");
    assert_eq!(bench.tags(), Vec::<String>::new());
}

#[test]
fn a_pull_takes_no_tag_away_and_leaves_none() {
    let bench = Bench::new();
    let registry = bench.vsn.registry();
    let pushed = registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v1");
    let pull = || {
        let image = json!({ "registry": pushed.reference, "tls_verify": false });
        bench.retrieve(image, |order| bench.engine.pull(order, &nothing)).map(|id| id.to_string())
    };
    assert_eq!(pull(), Ok(pushed.id.clone()));
    assert_eq!(bench.tags(), ours(&pushed.id));
    bench.vsn.load(&bench.vsn.image("tiny", "tiny-v1.docker.tar"));
    bench.vsn.must([bench.vsn.engine(), "tag", "localhost/tiny:v1", &pushed.reference]);
    assert_eq!(pull(), Ok(pushed.id.clone()));
    let name = |image: &str| bench.engine.image_details(image).unwrap().map(|details| details.id);
    assert_eq!(name(&pushed.reference), name("localhost/tiny:v1"));
    assert_eq!(unfinished(&bench), Vec::<String>::new());
}

#[test]
fn an_image_that_is_pinned_is_pulled_by_its_digest() {
    let bench = Bench::new();
    let registry = bench.vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    registry.push("tiny", "tiny-v2.docker.tar", "shop/app:v1");
    let image = json!({ "registry": pushed.reference, "digest": pushed.digest, "tls_verify": false });
    let pulled = bench.retrieve(image, |order| bench.engine.pull(order, &nothing)).unwrap();
    assert_eq!(pulled.hex(), pushed.id);
    assert_eq!(bench.tags(), ours(&pushed.id));
    for tag in ours(&pushed.id) {
        bench.perform(&EngineChange::DropTag { tag, unless_image_of: None }).unwrap();
    }
    assert_eq!(bench.engine.look().unwrap().images, []);
}

#[test]
fn a_failed_pull_says_why() {
    let bench = Bench::new();
    let pull = |reference: &str| {
        let image = json!({ "registry": reference, "tls_verify": false });
        bench.retrieve(image, |order| bench.engine.pull(order, &nothing)).unwrap_err()
    };
    let Failure { message, lingering } = pull("localhost:5000/shop/app:v1");
    assert!(message.starts_with("the registry localhost:5000 accepts no connection: "), "{message}");
    assert!(!lingering);
}

#[test]
fn an_image_that_somebody_else_uses_loses_our_tags_alone() {
    let bench = Bench::ready();
    let id = bench.known.images[&web()].clone();
    bench.vsn.must([bench.vsn.engine(), "run", "--detach", "--name", "other", "--network", "none", id.hex()]);
    for tag in ours(id.hex()) {
        bench.perform(&EngineChange::DropTag { tag, unless_image_of: None }).unwrap();
    }
    assert_eq!(bench.tags(), Vec::<String>::new());
    assert_eq!(bench.engine.image_details(id.hex()).unwrap().map(|details| details.id), Some(id));
}

#[test]
fn a_tag_of_an_image_that_is_used_again_stays() {
    let bench = Bench::ready();
    let id = bench.known.images[&web()].clone();
    for tag in ours(id.hex()) {
        bench.perform(&EngineChange::DropTag { tag, unless_image_of: Some(web()) }).unwrap();
    }
    assert_eq!(bench.tags(), ours(id.hex()));
}

#[test]
fn an_image_that_only_we_use_is_removed_with_its_last_tag() {
    let bench = Bench::ready();
    let id = bench.known.images[&web()].clone();
    for tag in ours(id.hex()) {
        bench.perform(&EngineChange::DropTag { tag, unless_image_of: None }).unwrap();
    }
    assert_eq!(bench.engine.look().unwrap().images, []);
    let record = bench
        .vsn
        .either("/var/lib/containers/storage/overlay-images", "/var/lib/docker/image/overlay2/imagedb/content/sha256");
    assert!(!bench.vsn.on_disk(record).join(id.hex()).exists());
}

/// What a killed load leaves lies among the run's downloads, which are removed with the run.
#[test]
fn a_load_that_is_interrupted_leaves_nothing_outside_the_runs_downloads() {
    let bench = Bench::new();
    let (name, program) = (bench.vsn.engine(), bench.vsn.program(bench.vsn.engine()));
    let program = program.display();
    let stalling = bench.vsn.shared_folder("stalling").join(name);
    // Looks are answered as ever. As with Landfall's own input, no end of it is seen before the engine has ended.
    let stalls = "(trap '' TERM; head -c 1000000; exec sleep 1000)";
    let text =
        format!("#!/bin/sh\nif [ \"$1\" = load ]; then {stalls} | {program} \"$@\"; exit; fi\nexec {program} \"$@\"\n");
    let install = ["sh", "-c", "printf %s \"$1\" > \"$0\"; chmod 755 \"$0\"", stalling.to_str().unwrap(), &text];
    bench.vsn.must(install);
    let path = bench.vsn.on_disk(&bench.vsn.image("tiny", "tiny-v1.docker.tar"));
    let (file, cancel) = (fs::File::open(&path).unwrap(), Cancel::never());
    let image = serde_json::from_value(json!({ "archive": "x.tar" })).unwrap();
    let retrieved = RetrievedImage::of(&image, vec![web()], &BTreeMap::new());
    let arrived = Arrived::default();
    let order =
        Order { retrieved: &retrieved, layout: &bench.layout, known: &bench.known, cancel: &cancel, arrived: &arrived };
    let ended = scope(|scope| {
        let loading = scope.spawn(|| driver(&bench.vsn, &stalling, &bench.layout).load(&order, file));
        eventually("the load has begun", || loading.is_finished() || !unfinished(&bench).is_empty());
        cancel.cancel();
        loading.join().unwrap()
    });
    assert_eq!(ended, Err(Failure::lingering(format!("`{name} load` was interrupted"))));
    // Docker's daemon clears away by itself what its client did not finish.
    eventually("the engine's own folder is empty", || {
        bench.vsn.must(["find", bench.vsn.either("/var/tmp", "/var/lib/docker/tmp"), "-mindepth", "1"]).is_empty()
    });
    assert_eq!(bench.engine.look().unwrap().images, []);
}

/// Podman itself, asked to remove the last two tags at once, leaves the image without any about one time in five.
#[test]
fn two_services_that_share_an_image_can_drop_it_side_by_side() {
    let bench = Bench::new();
    for _ in 0..10 {
        let id = bench.load("tiny-v1.docker.tar").unwrap();
        scope(|scope| {
            for tag in ours(id.hex()) {
                scope.spawn(|| bench.perform(&EngineChange::DropTag { tag, unless_image_of: None }).unwrap());
            }
        });
        assert_eq!(bench.engine.look().unwrap().images, []);
    }
}
