//! Picks the image that a plan means. Reads nothing, changes nothing.

use super::problem::ArchiveProblem;
use super::{Archive, ArchivedImage};

/// The image with this reference, or the only one where no reference is given. `nginx`, `nginx:latest` and
/// `docker.io/library/nginx:latest` are one and the same reference.
///
/// # Errors
/// There is none, or more than one: the problem lists the references that were found.
pub fn choose<'a>(archive: &'a Archive, reference: Option<&str>) -> Result<&'a ArchivedImage, ArchiveProblem> {
    let fits = |image: &&ArchivedImage| match reference {
        Some(wanted) => image.references.iter().any(|name| full(name) == full(wanted)),
        None => true,
    };
    let fitting: Vec<&ArchivedImage> = archive.images.iter().filter(fits).collect();
    match (fitting.as_slice(), reference) {
        ([image], _) => Ok(image),
        ([], Some(reference)) => {
            Err(ArchiveProblem::NoSuchImage { reference: reference.to_owned(), found: shown(&archive.images) })
        }
        ([], None) => Err(ArchiveProblem::NoImage),
        (several, _) => Err(ArchiveProblem::SeveralImages { found: shown(several.iter().copied()) }),
    }
}

fn shown<'a>(images: impl IntoIterator<Item = &'a ArchivedImage>) -> Vec<String> {
    let names = |image: &ArchivedImage| match image.references.as_slice() {
        [] => vec![format!("sha256:{}", image.id)],
        names => names.iter().map(|name| name.escape_debug().to_string()).collect(),
    };
    images.into_iter().flat_map(names).collect()
}

/// The reference with its registry, its namespace, and its tag where it has no digest.
fn full(reference: &str) -> String {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        Some(_) | None => ("docker.io", name),
    };
    let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
    let namespace = if registry == "docker.io" && !path.contains('/') { "library/" } else { "" };
    let end = match digest {
        Some(digest) => format!("@{digest}"),
        None if path.rsplit('/').next().is_some_and(|last| last.contains(':')) => String::new(),
        None => ":latest".to_owned(),
    };
    format!("{registry}/{namespace}{path}{end}")
}
