//! Images whose reference can mean another image tomorrow. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::ImageReference;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let movable = plan.services.iter().filter_map(|(name, service)| {
        let at = field(name, "image");
        match &service.image {
            Image::Reference(reference) => of_reference(reference, at),
            Image::Source(ImageSource::Registry {
                registry,
                digest: None,
                id: None,
                tls_verify: _,
                ca: _,
                timeout: _,
            }) => of_reference(registry, at.then("registry")),
            Image::Source(
                ImageSource::Registry { digest: _, id: _, registry: _, tls_verify: _, ca: _, timeout: _ }
                | ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
                | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
        }
    });
    movable.collect()
}

/// Any tag can be moved; one without a number in it is meant to be.
fn of_reference(reference: &ImageReference, at: Pointer) -> Option<Finding> {
    if reference.digest().is_some() {
        return None;
    }
    let message = match reference.tag() {
        None => "the image has no tag, which means `latest`".to_owned(),
        Some(tag) if !tag.contains(|character: char| character.is_ascii_digit()) => {
            format!("the tag `{tag}` names no version")
        }
        Some(_) => return None,
    };
    Some(
        Finding::warning(Code::MovableTag, at, message)
            .label("another image tomorrow, and going back does not bring this one")
            .help("write a version as the tag, or pin the image with a digest: `…@sha256:…`"),
    )
}
