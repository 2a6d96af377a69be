//! Plans with exactly the images that are on record, wherever their files lay. Reads nothing, changes nothing.

use crate::facts::Saved;
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::{ArchivePath, ImageId, PlanPath};
use std::path::{Path, PathBuf};

/// A plan as it is in force, with exactly the images that are on record, wherever the plan files lay.
pub fn as_on_record(mut plan: Plan, saved: &Saved) -> Plan {
    for (name, service) in &mut plan.services {
        let Some(there) = saved.services.get(name) else { continue };
        let hotfix = saved.hotfixes.get(name).and_then(|hotfix| hotfix.folder.as_deref());
        let folder = hotfix.or(saved.beneath.as_ref().and_then(|beneath| beneath.folder.as_deref()));
        service.image = pinned(service.image.clone(), &there.image_id, folder);
    }
    plan
}

/// The image with this ID, and no other one.
pub(super) fn pinned(image: Image, id: &ImageId, folder: Option<&Path>) -> Image {
    let source = match image {
        Image::Reference(registry) => {
            ImageSource::Registry { registry, digest: None, tls_verify: true, ca: None, id: None, timeout: None }
        }
        Image::Source(source) => source,
    };
    let id = Some(id.clone());
    Image::Source(match source {
        ImageSource::Registry { registry, digest, tls_verify, ca, id: _, timeout } => {
            ImageSource::Registry { registry, digest, tls_verify, ca, id, timeout }
        }
        ImageSource::Archive { archive, sha256, reference, id: _ } => {
            let archive = folder.and_then(|folder| beside(folder, &archive)).unwrap_or(archive);
            ImageSource::Archive { archive, sha256, reference, id }
        }
        ImageSource::Ssh { ssh, key, sha256, id: _, timeout } => ImageSource::Ssh { ssh, key, sha256, id, timeout },
        ImageSource::Url { url, sha256, id: _, ca, timeout } => ImageSource::Url { url, sha256, id, ca, timeout },
        ImageSource::Build { build, file, args, target, id: _, timeout } => {
            let build = folder.and_then(|folder| context_beside(folder, &build)).unwrap_or(build);
            ImageSource::Build { build, file, args, target, id, timeout }
        }
    })
}

/// Joining with a folder loses the `/` at the end that says that it is one itself.
fn beside(folder: &Path, archive: &ArchivePath) -> Option<ArchivePath> {
    let end = if archive.is_folder() { "/" } else { "" };
    let path = archive.path().from(folder);
    ArchivePath::parse(&format!("{}{end}", path.to_str()?.trim_end_matches('/'))).ok()
}

fn context_beside(folder: &Path, context: &PlanPath) -> Option<PlanPath> {
    let path: PathBuf = context.from(folder).components().collect();
    PlanPath::parse(path.to_str()?).ok()
}
