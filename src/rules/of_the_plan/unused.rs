//! What the plan describes and never uses. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;
use crate::plan::values::{ImageReference, RegistryName, RegistryPath};

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

/// Whether an image of the plan comes from this registry, or may come from it as a mirror of another.
fn is_used(plan: &Plan, host: &RegistryName) -> bool {
    let references = || plan.services.values().filter_map(|service| service.image.reference());
    let images = || references().map(ImageReference::registry);
    let mirrors = images().filter_map(|from| plan.registries.get(from)).flat_map(|from| &from.mirrors);
    images().chain(mirrors.map(RegistryPath::registry)).any(|from| from == host)
}
