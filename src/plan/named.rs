//! The files and folders beside a plan that it names, and what each is for. Reads nothing, changes nothing.

use super::model::{Config, ConfigSource, HttpCheck, Image, ImageSource, Plan, Probe, Service};
use super::values::PlanPath;
use std::collections::BTreeMap;

/// What a plan does with a file that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read whole: a config or a certificate.
    Small,
    /// Streamed into the engine: an image archive.
    Archive,
    /// Searched for such a file.
    Archives,
    /// Copied, then built from.
    Context,
}

/// Every file and folder that a plan names, with what is done with it.
pub fn files_of(plan: &Plan) -> BTreeMap<PlanPath, Role> {
    let mut named = BTreeMap::new();
    let mut note = |path: &PlanPath, role| {
        named.entry(path.clone()).or_insert(role);
    };
    for service in plan.services.values() {
        of_service(service, &mut note);
    }
    let server = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    let authorities = server.and_then(|server| server.ca.as_ref());
    for path in authorities.into_iter().chain(plan.registries.values().filter_map(|registry| registry.ca.as_ref())) {
        note(path, Role::Small);
    }
    named
}

fn of_service(service: &Service, note: &mut impl FnMut(&PlanPath, Role)) {
    match &service.image {
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => {
            note(archive.path(), if archive.is_folder() { Role::Archives } else { Role::Archive });
        }
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            note(build, Role::Context)
        }
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: Some(ca), id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: Some(ca), timeout: _ },
        ) => note(ca, Role::Small),
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: None, id: _, timeout: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: None, timeout: _ },
        )
        | Image::Reference(_) => {}
    }
    for Config { source, target: _, owner: _, mode: _ } in &service.configs {
        if let ConfigSource::File(path) = source {
            note(path, Role::Small);
        }
    }
    if let Some(Probe::Http(HttpCheck { url: _, status: _, headers: _, ca: Some(ca), tls_verify: _ })) =
        service.healthcheck.as_ref().map(|check| &check.probe)
    {
        note(ca, Role::Small);
    }
}
