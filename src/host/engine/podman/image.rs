//! How images are retrieved and tagged. Reads nothing, changes nothing.

use super::super::downloads::{build_context, certificates, image_id_file, pull_reference};
use super::super::literals;
use super::super::options::Options;
use crate::operation::{Argument, Layout, PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource};
use crate::plan::values::{PlanPath, ServiceName};
use std::collections::BTreeMap;

/// What retrieves an image: a pull from the first place, a build, or a load that reads the archive from standard input.
///
/// It is tagged afterwards, see [`tag`]: its tags hold its ID, which is known only then.
pub fn retrieve(retrieved: &RetrievedImage, layout: &Layout) -> Vec<Argument> {
    let RetrievedImage { image, services, places } = retrieved;
    let folder = |name: fn(&Layout, &ServiceName) -> Argument| {
        services.first().map(|service| name(layout, service)).unwrap_or_default()
    };
    match image {
        Image::Reference(_)
        | Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            places.first().map(|place| pull(place, folder(certificates))).unwrap_or_default()
        }
        Image::Source(
            ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ },
        ) => literals(["load", "--quiet"]),
        Image::Source(ImageSource::Build { build: _, file, args, target, id: _, timeout: _ }) => {
            build(&folder(build_context), folder(image_id_file), Build { file, args, target: target.as_deref() })
        }
    }
}

/// Pulls an image from a registry whose certificate authority, if the plan names one, is in this folder.
pub fn pull(place: &PulledFrom, certificates: Argument) -> Vec<Argument> {
    let PulledFrom { reference, digest, tls_verify, ca, account: _ } = place;
    let options = Options::of(["pull", "--quiet"]).switch("--tls-verify=false", !*tls_verify);
    match ca {
        Some(_) => options.with_argument("--cert-dir", certificates),
        None => options,
    }
    .then([Argument::literal(pull_reference(reference, digest.as_ref()))])
    .finish()
}

struct Build<'a> {
    file: &'a PlanPath,
    args: &'a BTreeMap<String, String>,
    target: Option<&'a str>,
}

/// Times are fixed and nothing is cached, so that the same context gives the same image; a base image is pulled only
/// where it is missing, so that nobody's tag moves.
fn build(context: &Argument, image_id_file: Argument, build: Build<'_>) -> Vec<Argument> {
    let Build { file, args, target } = build;
    Options::of(["build", "--quiet", "--pull=false", "--layers=false", "--http-proxy=false", "--identity-label=false"])
        .with("--timestamp", 0)
        .with_argument("--iidfile", image_id_file)
        .with_argument("--file", context.clone().then("/").then(file))
        .each("--build-arg", args.iter().map(|(name, value)| format!("{name}={value}")))
        .each("--target", target)
        .then([context.clone()])
        .finish()
}

/// Gives an image these tags.
pub fn add_tags<'a>(image: &'a str, tags: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["tag", image]).into_iter().chain(literals(tags)).collect()
}

/// Takes a tag from an image, which stays.
pub fn untag(image: &str, tag: &str) -> Vec<Argument> {
    literals(["untag", image, tag])
}

/// Looks at the image of a service, which is known only once it was retrieved.
pub fn inspect_image_of(service: &ServiceName) -> Vec<Argument> {
    [literals(["image", "inspect"]), vec![Argument::image_of(service)]].concat()
}

/// Everything about images.
pub fn inspect_images<'a>(images: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["image", "inspect"]).into_iter().chain(literals(images)).collect()
}
