//! Where images come from, and whether it is certain which ones. Reads nothing, changes nothing.

use super::files::folders;
use super::{Case, lies_in, only};
use crate::diagnostics::{Code, Finding, Pointer, Severity};
use crate::plan::model::{Image, ImageSource};
use crate::plan::review::is_pinned;
use crate::plan::values::{Endpoint, Host, ImageReference, PlanPath, RegistryName, RegistryPath};
use crate::rules::place::field;

/// The port of ssh.
const SSH: u16 = 22;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &case.plan.services {
        let at = field(name, "image");
        findings.extend(source(case, &service.image, &at));
        if !case.site.policy.unpinned_images && !is_pinned(&service.image) {
            let message = "the site lets no image run that can be another one next time".to_owned();
            let cure = "pin it by `digest`, `sha256` or `id`";
            let finding = case.forbidden("unpinned_images", (Code::UnpinnedNotAllowed, at), message, cure);
            findings.push(finding.label("no digest, id or sha256 says which one"));
        }
    }
    findings.extend(mirrors(case));
    findings
}

/// A mirror decides what a tag means, as its registry would.
fn mirrors(case: &Case<'_>) -> Vec<Finding> {
    let entries = case.plan.registries.iter().flat_map(|(host, entry)| {
        let mirrors = entry.mirrors.iter().enumerate();
        mirrors.map(move |(index, mirror)| {
            (host, mirror, Pointer::of(["registries", &host.to_string(), "mirrors"]).then(index))
        })
    });
    let of_mirror = |(host, mirror, at): (&RegistryName, &RegistryPath, Pointer)| {
        let images = case.plan.services.values().filter_map(|service| service.image.reference());
        let mut images = images.filter(|image| image.registry() == host).map(|image| mirror.mirrored(image));
        images.find_map(|image| registry(case, &image, at.clone()))
    };
    entries.filter_map(of_mirror).collect()
}

fn source(case: &Case<'_>, image: &Image, at: &Pointer) -> Vec<Finding> {
    match image {
        Image::Reference(reference) => registry(case, reference, at.clone()).into_iter().collect(),
        Image::Source(ImageSource::Registry {
            registry: reference,
            digest: _,
            tls_verify,
            ca: _,
            id: _,
            timeout: _,
        }) => {
            let registry = registry(case, reference, at.then("registry"));
            registry.into_iter().chain(super::network::unverified(case, *tls_verify, at)).collect()
        }
        Image::Source(ImageSource::Archive { archive: path, sha256: _, reference: _, id: _ }) => {
            archive(case, path.path(), at.then("archive")).into_iter().collect()
        }
        Image::Source(ImageSource::Ssh { ssh, key: _, sha256: _, id: _, timeout: _ }) => {
            fetched(case, (ssh.host(), SSH), at.then("ssh")).into_iter().collect()
        }
        Image::Source(ImageSource::Url { url, sha256: _, id: _, ca: _, timeout: _ }) => {
            fetched(case, (url.url().host(), url.url().port()), at.then("url")).into_iter().collect()
        }
        Image::Source(ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ }) => {
            build(case, at.then("build")).into_iter().collect()
        }
    }
}

fn registry(case: &Case<'_>, reference: &ImageReference, at: Pointer) -> Option<Finding> {
    let allowed = case.site.policy.registries.as_ref()?;
    if allowed.iter().any(|allowed| allowed.covers(reference)) {
        return None;
    }
    let (registry, repository) = (reference.registry(), reference.repository());
    let message = format!("the site lets no image come from `{registry}/{repository}`");
    let at = (Code::ImageNotAllowed, at);
    Some(case.forbidden("registries", at, message, "take it from a registry that is allowed").label(only(allowed)))
}

fn archive(case: &Case<'_>, path: &PlanPath, at: Pointer) -> Option<Finding> {
    let allowed = case.site.policy.archive_folders.as_ref()?;
    let leads_to = case.places.of(path);
    if lies_in(&leads_to, allowed) {
        return None;
    }
    let message = format!("the archive `{}` is not where the site lets images come from", leads_to.display());
    let at = (Code::ImageNotAllowed, at);
    let cure = "put it into a folder that is allowed";
    let mut finding = case.forbidden("archive_folders", at, message, cure).label(folders(allowed));
    if case.places.elsewhere(path) {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

fn fetched(case: &Case<'_>, (host, port): (&Host, u16), at: Pointer) -> Option<Finding> {
    let allowed: &Vec<Endpoint> = case.site.policy.archive_hosts.as_ref()?;
    if allowed.iter().any(|allowed| allowed.covers(host, port)) {
        return None;
    }
    let message = format!("the site lets no image be fetched from `{}:{port}`", host.before_port());
    let at = (Code::ImageNotAllowed, at);
    Some(case.forbidden("archive_hosts", at, message, "fetch it from a server that is allowed").label(only(allowed)))
}

fn build(case: &Case<'_>, at: Pointer) -> Option<Finding> {
    (!case.site.policy.build).then(|| {
        let message = "the site lets no image be built on the server".to_owned();
        let cure = "build it elsewhere, and deliver it by a registry or as an archive";
        case.forbidden("build", (Code::ImageNotAllowed, at), message, cure).label("a build runs commands as root")
    })
}
