//! An image's digest that is said twice. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::ServiceName;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    plan.services.iter().filter_map(|(name, service)| one(name, &service.image)).collect()
}

fn one(name: &ServiceName, image: &Image) -> Option<Finding> {
    let at = field(name, "image");
    match image {
        Image::Source(ImageSource::Registry {
            registry,
            digest: Some(digest),
            tls_verify: _,
            ca: _,
            id: _,
            timeout: _,
        }) => {
            let written = registry.digest().filter(|written| *written != digest)?;
            let message = format!("the image is to be `{written}` and `{digest}` at once");
            Some(
                Finding::error(Code::DigestsDisagree, at.then("digest"), message)
                    .label("another digest than the reference's")
                    .also(at.then("registry"), "ends with a digest")
                    .help("keep the right one of them"),
            )
        }
        Image::Source(ImageSource::Archive { reference: Some(reference), archive: _, sha256: _, id: _ }) => {
            let digest = reference.digest()?;
            let message = format!("no image of an archive is called `@{digest}`");
            Some(
                Finding::error(Code::ConditionNeverMet, at.then("reference"), message)
                    .label("a registry's digest does not survive being saved to an archive")
                    .help("name the image by its tag, and pin it with `id`"),
            )
        }
        Image::Source(
            ImageSource::Registry { registry: _, digest: None, tls_verify: _, ca: _, id: _, timeout: _ }
            | ImageSource::Archive { reference: None, archive: _, sha256: _, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        )
        | Image::Reference(_) => None,
    }
}
