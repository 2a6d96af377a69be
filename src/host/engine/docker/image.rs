//! How images are retrieved and tagged. Reads nothing, changes nothing.

use super::super::downloads::{build_context, image_id_file, pull_reference};
use super::super::literals;
use super::super::options::Options;
use crate::operation::{Argument, Layout, PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource};
use crate::plan::values::ServiceName;

/// What retrieves an image: a pull from the first place, a build, or a load that reads the archive from standard input.
pub fn retrieve(retrieved: &RetrievedImage, layout: &Layout) -> Vec<Argument> {
    let RetrievedImage { image, services, places } = retrieved;
    match image {
        Image::Reference(_)
        | Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            places.first().map(pull).unwrap_or_default()
        }
        Image::Source(
            ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ },
        ) => literals(["load", "--quiet"]),
        Image::Source(ImageSource::Build { build: _, file, args, target, id: _, timeout: _ }) => {
            let folder = |name: fn(&Layout, &ServiceName) -> Argument| {
                services.first().map(|service| name(layout, service)).unwrap_or_default()
            };
            let context = folder(build_context);
            // What it prints tells which images it makes on its way.
            Options::of(["build", "--pull=false", "--no-cache"])
                .with_argument("--iidfile", folder(image_id_file))
                .with_argument("--file", context.clone().then("/").then(file))
                .each("--build-arg", args.iter().map(|(name, value)| format!("{name}={value}")))
                .each("--target", target)
                .then([context])
                .finish()
        }
    }
}

/// Pulls an image. Whom the daemon trusts is its own configuration: a plan that says otherwise is refused before.
pub fn pull(place: &PulledFrom) -> Vec<Argument> {
    let PulledFrom { reference, digest, tls_verify: _, ca: _, account: _ } = place;
    literals(["pull", &pull_reference(reference, digest.as_ref())])
}

/// Looks at the image of a service, which is known only once it was retrieved.
pub fn inspect_image_of(service: &ServiceName) -> Vec<Argument> {
    [literals(["image", "inspect"]), vec![Argument::image_of(service)]].concat()
}

/// Gives an image a tag.
pub fn add_tag(image: &str, tag: &str) -> Vec<Argument> {
    literals(["tag", image, tag])
}

/// Takes a tag from an image; with its last tag, an image that nobody uses goes as well.
pub fn untag(tag: &str) -> Vec<Argument> {
    literals(["rmi", "--no-prune", tag])
}

/// Lists the images of a repository: the ID of each, and its name by digest, one a line.
pub fn names_by_digest(repository: &str) -> Vec<Argument> {
    let format = "{{.ID}} {{.Repository}}@{{.Digest}}";
    literals(["images", "--digests", "--no-trunc", "--format", format, repository])
}

/// Everything about an image.
pub fn inspect_image(image: &str) -> Vec<Argument> {
    literals(["image", "inspect", image])
}
