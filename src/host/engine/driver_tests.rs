//! With a small program in the place of Podman.

use super::Podman;
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

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
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
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
    assert_eq!(dropped(folder.path(), "localhost/landfall/shop/web:83a25c16b489"), (Err(not_gone), String::new()));
}

#[test]
fn an_image_of_ours_that_a_container_of_another_uses_loses_its_tag() {
    let folder = tempfile::tempdir().unwrap();
    let tag = "localhost/landfall/bookshop/web:83a25c16b489";
    assert_eq!(dropped(folder.path(), tag), (Ok(()), format!("{tag}\n")));
}

/// Of what is left of a container nobody knows which image it has.
#[test]
fn regression_015_an_image_keeps_its_last_tag_as_long_as_something_is_left_of_a_container_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let not_gone = Failure::new("its container shop-db is not gone yet");
    assert_eq!(dropped(folder.path(), "localhost/landfall/shop/web:0123456789ab"), (Err(not_gone), String::new()));
}
