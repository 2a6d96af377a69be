//! What Podman is told about images, as lists.

use super::super::super::downloads::pull_reference;
use super::super::{add_tags, inspect_images, untag};
use super::*;
use crate::plan::values::ImageId;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;

const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn retrieved(image: Value) -> Vec<String> {
    let image = serde_json::from_value::<Image>(image).unwrap();
    let services = vec![web(), "migrate".parse().unwrap()];
    texts(&retrieve(&RetrievedImage::of(&image, services, &BTreeMap::new()), &layout()))
}

#[test]
fn a_reference_is_pulled_as_it_stands() {
    assert_eq!(
        retrieved(json!("registry.example:5000/shop/app:3.43.1")),
        ["pull", "--quiet", "registry.example:5000/shop/app:3.43.1"]
    );
}

#[test]
fn what_the_plan_says_of_a_registry_is_told_for_this_pull_alone() {
    let registry = "registry.example:5000/shop/app:3";
    assert_eq!(
        retrieved(json!({ "registry": registry, "digest": DIGEST, "tls_verify": false, "ca": "ca.pem" })),
        [
            "pull",
            "--quiet",
            "--tls-verify=false",
            "--cert-dir",
            "/var/lib/landfall/shop/runs/<run>/downloads/certificates-web",
            &format!("registry.example:5000/shop/app@{DIGEST}"),
        ]
    );
}

/// Podman refuses a tag and a digest side by side.
#[test]
fn where_a_digest_is_written_the_tag_is_left_out() {
    let reference = format!("registry.example/app:3@{DIGEST}").parse().unwrap();
    assert_eq!(pull_reference(&reference, None), format!("registry.example/app@{DIGEST}"));
}

#[test]
fn archives_from_anywhere_are_loaded_from_standard_input() {
    let sha256 = &DIGEST["sha256:".len()..];
    let load = ["load", "--quiet"];
    assert_eq!(retrieved(json!({ "archive": "images/app.tar" })), load);
    assert_eq!(retrieved(json!({ "ssh": "root@images.example:/srv/app.tar", "key": "id_rsa" })), load);
    assert_eq!(retrieved(json!({ "url": "https://images.example/app.tar", "sha256": sha256 })), load);
}

#[test]
fn a_build_is_the_same_whenever_it_is_done() {
    let downloads = "/var/lib/landfall/shop/runs/<run>/downloads";
    assert_eq!(
        retrieved(json!({ "build": "app", "file": "Dockerfile", "args": { "A": "b c" }, "target": "release" })),
        [
            "build",
            "--quiet",
            "--pull=false",
            "--layers=false",
            "--http-proxy=false",
            "--identity-label=false",
            "--timestamp",
            "0",
            "--iidfile",
            &format!("{downloads}/image-id-web"),
            "--file",
            &format!("{downloads}/context-web/Dockerfile"),
            "--build-arg",
            "A=b c",
            "--target",
            "release",
            &format!("{downloads}/context-web"),
        ]
    );
}

#[test]
fn an_image_is_tagged_with_its_service_and_the_start_of_its_id() {
    let id = ImageId::parse(DIGEST).unwrap();
    let tag = layout().tag(&web(), &id);
    assert_eq!(tag, "localhost/landfall/shop/web:9f86d081884c");
    assert_eq!(add_tags(id.hex(), [tag.as_str()]), ["tag", id.hex(), &tag].map(Argument::literal));
    assert_eq!(untag(id.hex(), &tag), ["untag", id.hex(), &tag].map(Argument::literal));
    assert_eq!(inspect_images([id.hex()]), ["image", "inspect", id.hex()].map(Argument::literal));
}

#[test]
fn an_image_is_verified_by_what_is_known_of_it_once_it_was_retrieved() {
    assert_eq!(texts(&inspect_image_of(&web())), ["image", "inspect", "<image of web>"]);
}
