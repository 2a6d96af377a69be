//! Where a run puts what it retrieves, and under which name an engine pulls it. Reads nothing, changes nothing.

use crate::operation::{Argument, Layout};
use crate::plan::values::{Digest, ImageReference, ServiceName};

/// What is pulled: where a digest is known, it alone decides.
pub fn pull_reference(reference: &ImageReference, digest: Option<&Digest>) -> String {
    match digest.or(reference.digest()) {
        Some(digest) => format!("{}/{}@{digest}", reference.registry(), reference.repository()),
        None => reference.to_string(),
    }
}

/// The folder to which a build's context is copied, in the run's downloads.
pub fn build_context(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "context", service)
}

/// The file that says where the name that a pull takes was before, in the run's downloads.
pub fn pulled_name(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "name", service)
}

/// The folder in which an engine puts what it pulls until all of it is there, in the run's downloads.
pub fn pulled(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "pulled", service)
}

/// The file to which a build writes the image's ID, in the run's downloads.
pub fn image_id_file(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "image-id", service)
}

/// The folder with the certificate authority of a service's registry, in the run's downloads.
pub fn certificates(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "certificates", service)
}

/// The folder of the client's settings, with an account at a service's registry, in the run's downloads.
pub fn settings(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "settings", service)
}

/// The archive that was fetched from another server, in the run's downloads.
pub fn fetched(layout: &Layout, service: &ServiceName) -> Argument {
    download(layout, "archive", service)
}

fn download(layout: &Layout, what: &str, service: &ServiceName) -> Argument {
    let runs = Argument::literal(layout.runs().display());
    runs.then("/").join(Argument::run()).then(format_args!("/downloads/{what}-{service}"))
}
