//! With a small program in the place of Podman.

use super::{Answer, Podman, is_user};
use crate::host::stand_in;
use crate::run::{Cancel, Failure};
use pretty_assertions::assert_eq;
use std::path::Path;
use std::time::Duration;

/// Has the recorded containers, and an image that one of them uses; what it is told to untag is in the file `untagged`.
fn with_an_image_in_use(folder: &Path) -> Podman {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/host/engine/recorded/podman");
    let (program, untagged) = (folder.join("podman"), folder.join("untagged"));
    let text = format!(
        "#!/bin/bash\ncase $1 in\n  rmi) echo 'Error: image used by 68b593e2a1cc: image is in use by a container' >&2; exit 2 ;;\n\
         untag) echo \"$2\" >> {} ;;\n  *) exec {} \"$@\" ;;\nesac\n",
        untagged.display(),
        recorded.display()
    );
    stand_in::program(&program, text);
    Podman::at(&program)
}

fn dropped(folder: &Path, tag: &str) -> (Result<(), Failure>, String) {
    let ended = with_an_image_in_use(folder).drop_tag(tag, &["rmi".to_owned(), tag.to_owned()]);
    (ended, std::fs::read_to_string(folder.join("untagged")).unwrap_or_default())
}

#[test]
fn regression_015_an_image_keeps_its_last_tag_as_long_as_a_container_of_ours_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let not_gone = Failure::new("its container shop-web is not gone yet");
    let ended = dropped(folder.path(), "localhost/landfall/shop/web:83a25c16b489");
    assert_eq!(ended, (Err(not_gone), String::new()));
}

#[test]
fn regression_015_remains_of_a_container_are_known_by_their_name_and_image() {
    let folder = tempfile::tempdir().unwrap();
    let containers = with_an_image_in_use(folder.path()).containers().unwrap();
    let remains: Vec<_> = containers.iter().filter(|container| container.storage_only).collect();
    let tags = ["shop/web:83a25c16b489", "shop/web:0123456789ab", "bookshop/web:83a25c16b489", "sho/web:83a25c16b489"];
    let users = |tag: &str| {
        let users = remains.iter().filter(|container| is_user(container, &format!("localhost/landfall/{tag}")));
        users.map(|container| container.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(tags.map(users), [vec!["shop-db".to_owned()], vec![], vec![], vec![]]);
}

#[test]
fn an_image_of_ours_that_no_container_of_its_plan_uses_loses_its_tag() {
    let folder = tempfile::tempdir().unwrap();
    for tag in ["localhost/landfall/bookshop/web:83a25c16b489", "localhost/landfall/shop/web:0123456789ab"] {
        let untagged = std::fs::read_to_string(folder.path().join("untagged")).unwrap_or_default();
        assert_eq!(dropped(folder.path(), tag), (Ok(()), format!("{untagged}{tag}\n")));
    }
}

#[test]
fn regression_044_what_podman_warns_of_is_not_in_the_output_of_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("podman");
    let warns = "#!/bin/sh\n[ \"$PODMAN_IGNORE_CGROUPSV1_WARNING\" ] || echo 'Using cgroups-v1 which is deprecated' >&2\necho out\n";
    stand_in::program(&program, warns);
    let answer =
        Podman::at(&program).exec("shop-web", &["true".to_owned()], Duration::from_secs(60), &Cancel::default());
    assert_eq!(answer, Ok(Answer { code: 0, output: "out\n".to_owned() }));
}
