//! What is read from Podman's description of an image.

use super::super::driver::Podman;
use super::{ImageDetails, ImageLayers};
use crate::plan::values::ImageId;
use pretty_assertions::assert_eq;
use std::path::Path;

fn details(image: &str) -> Option<ImageDetails> {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/host/engine/recorded/podman");
    Podman::at(&recorded).image_details(image).unwrap()
}

#[test]
fn an_image_says_what_it_declares() {
    let image = ImageDetails {
        id: ImageId::parse("83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd").unwrap(),
        architecture: "amd64".to_owned(),
        volumes: Vec::new(),
        working_dir: String::new(),
        tags: ["web", "job"].map(|service| format!("localhost/landfall/shop/{service}:83a25c16b489")).to_vec(),
        layers: ImageLayers {
            image: Some("83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd".to_owned()),
            layers: [
                "sha256:e9be266565044c0f23ab4ce05bb46e9cf282948d664d133228ca3d156005d610",
                "sha256:d2739a4fd8292282714d30bc3a743385f01113cbc4d774b81793ac60cec200d6",
            ]
            .map(str::to_owned)
            .to_vec(),
        },
    };
    assert_eq!(details("web"), Some(image));
    assert_eq!(details("with-volume").map(|image| image.volumes), Some(vec!["/data".to_owned()]));
}

#[test]
fn an_image_that_is_not_there_is_no_mistake() {
    assert_eq!(details("gone"), None);
}
