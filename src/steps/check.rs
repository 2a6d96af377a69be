//! Step 1, as far as it changes anything: images are retrieved and verified. Reads nothing, changes nothing.

use super::ids;
use crate::operation::{Look, MountedDirectory, Operation, RetrievedImage, VerifiedImage};
use crate::plan::model::{Plan, Service, Tmpfs};
use crate::plan::values::{ContainerPath, ImageId, ServiceName};
use std::collections::BTreeMap;

/// Retrieves each distinct image of a plan once, but for those that are here, and verifies it for every service that uses it.
pub fn images(plan: &Plan, here: &BTreeMap<ServiceName, ImageId>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for retrieved in RetrievedImage::all_of(plan) {
        let services = retrieved.services.clone();
        let Some(first) = services.first() else { continue };
        let retrieve = (!here.contains_key(first)).then(|| Operation::new(ids::retrieve(first), [], retrieved));
        let after = ids::of(retrieve.as_slice());
        operations.extend(retrieve);
        for (name, service) in plan.services.iter().filter(|(name, _)| services.contains(name)) {
            let action = Look::VerifyImage(verified(name, service));
            operations.push(Operation::new(ids::verify(name), after.clone(), action));
        }
    }
    operations
}

/// What this service expects of its image.
pub fn verified(name: &ServiceName, service: &Service) -> VerifiedImage {
    VerifiedImage {
        service: name.clone(),
        id: service.image.pinned_id().cloned(),
        mounts: mounts(service),
        working_dir_given: service.working_dir.is_some(),
    }
}

/// The directories of a container that something is mounted on.
fn mounts(service: &Service) -> Vec<MountedDirectory> {
    let on = |target: &ContainerPath, source| MountedDirectory { target: target.clone(), source };
    let volumes = service.volumes.iter().map(|volume| on(&volume.target, Some(volume.source.clone())));
    volumes.chain(service.tmpfs.iter().map(Tmpfs::target).map(|target| on(target, None))).collect()
}
