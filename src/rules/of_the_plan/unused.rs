//! What the plan describes and never uses. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::RegistryName;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let unused = plan.registries.keys().filter(|host| !is_used(plan, host));
    let finding = |host: &RegistryName| {
        let at = Pointer::of(["registries", &host.to_string()]);
        Finding::error(Code::NoEffect, at.clone(), format!("no image comes from the registry `{host}`"))
            .at_key()
            .label("never used")
            .help("remove it, or write it as the images' references do")
            .fix_by_removing("remove it", Place::Key(at))
    };
    unused.map(finding).collect()
}

/// Whether an image of the plan comes from this registry.
pub(super) fn is_used(plan: &Plan, host: &RegistryName) -> bool {
    plan.services.values().any(|service| registry(&service.image) == Some(host))
}

fn registry(image: &Image) -> Option<&RegistryName> {
    match image {
        Image::Reference(reference)
        | Image::Source(ImageSource::Registry {
            registry: reference,
            digest: _,
            tls_verify: _,
            ca: _,
            id: _,
            timeout: _,
        }) => Some(reference.registry()),
        Image::Source(
            ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _ }
            | ImageSource::Url { url: _, sha256: _, id: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        ) => None,
    }
}
