//! The two sides of a comparison, each with what can be known of it beside its text. Reads only.

use crate::cli::review;
use crate::difference::{MadeFrom, Side};
use crate::facts::{Saved, SavedService};
use crate::few::Few;
use crate::host::archive_folder::Meant;
use crate::host::files;
use crate::host::sources::{self, Sources};
use crate::operation::{Known, Layout};
use crate::plan::model::{ConfigSource, Image, ImageSource, Plan, Service};
use crate::plan::reading;
use crate::plan::review::{Contents, Review, is_pinned};
use crate::plan::values::{ImageId, PlanPath, ServiceName};
use crate::run::Failure;
use crate::{script, steps};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The images that services are known to get.
pub type Images = BTreeMap<ServiceName, ImageId>;

/// A plan file's side.
pub(super) struct Read {
    /// The side.
    pub(super) side: Side,
    /// What a person reviews of it.
    pub(super) review: Review,
}

/// The side of a plan file where there is nothing to compare it with.
pub(super) fn new(plan: &Plan, folder: &Path, layout: &Layout) -> Result<Read, String> {
    of_a_file(plan, folder, layout, &|_, _| false)
}

/// What is deployed, and the plan file, of whose images these are known.
pub(super) fn with_saved(
    plan: &Plan,
    (folder, known): (&Path, &Images),
    saved: &Saved,
    layout: &Layout,
) -> Result<(Side, Read), String> {
    let deployed = reading::plan("the saved plan", saved.plan.as_bytes()).content;
    let deployed = deployed.ok_or("the plan that is deployed can't be read: an older Landfall may have deployed it")?;
    let same_and_pinned = |name: &ServiceName, service: &Service| says_the_same(&deployed, name, service);
    let look = |name: &ServiceName, service: &Service| !known.contains_key(name) && !same_and_pinned(name, service);
    let mut read = of_a_file(plan, folder, layout, &look)?;
    for (name, image) in known {
        read.side.containers.entry(name.clone()).or_default().image = Some(image.clone());
    }
    let made = |(name, service): (&ServiceName, &SavedService)| {
        let made = MadeFrom { config: service.config.clone(), image: Some(service.image_id.clone()) };
        (name.clone(), made)
    };
    let side = Side {
        plan_sha256: saved.plan_sha256.clone(),
        hash: saved.hash.clone(),
        contents: deployed_contents(&deployed, saved, layout),
        containers: saved.services.iter().map(made).gathered(),
        crontab: saved.crontab.clone(),
        plan: deployed,
    };
    Ok((side, read))
}

/// Another plan file, and the plan file.
pub(super) fn with_file(
    (plan, folder): (&Plan, &Path),
    (other, other_folder): (&Plan, &Path),
    state_dir: &Path,
) -> Result<(Side, Read), String> {
    let layout = |plan: &Plan| Layout::new(state_dir, &plan.name);
    let looked = |plan: &Plan, folder: &Path, opposite: &Plan| {
        of_a_file(plan, folder, &layout(plan), &|name, service| !says_the_same(opposite, name, service))
    };
    Ok((looked(other, other_folder, plan)?.side, looked(plan, folder, other)?))
}

/// Whether the other plan describes a service's image in the same words, and these leave no doubt which it is.
fn says_the_same(other: &Plan, name: &ServiceName, service: &Service) -> bool {
    let described = other.services.get(name).map(|service| &service.image);
    described == Some(&service.image) && is_pinned(&service.image)
}

/// The side of a plan file. Image archives are large: `look` says whether that of a service is worth reading.
fn of_a_file(
    plan: &Plan,
    folder: &Path,
    layout: &Layout,
    look: &dyn Fn(&ServiceName, &Service) -> bool,
) -> Result<Read, String> {
    let (sources, facts) = Sources::open(plan, folder, sources::Trust::Anybody);
    let review = review::of_opened(plan, &sources, &facts).map_err(|problem| problem.to_string())?;
    let mut archives = Archives { sources: &sources, read: Vec::new() };
    let containers = plan.services.iter().map(|(name, service)| {
        let pinned = service.image.pinned_id().cloned();
        let image = pinned.or_else(|| look(name, service).then(|| archives.image(&service.image)).flatten());
        (name.clone(), MadeFrom { config: steps::config(service, &facts), image })
    });
    let side = Side {
        plan: plan.clone(),
        plan_sha256: review.plan_sha256.clone(),
        hash: review.hash(),
        contents: review.files.clone(),
        containers: containers.gathered(),
        crontab: script::crontab(plan, layout).map_err(|problem| problem.to_string())?,
    };
    Ok(Read { side, review })
}

/// The archives on the disk, each of which is read once.
struct Archives<'a> {
    sources: &'a Sources,
    read: Vec<(Image, Option<ImageId>)>,
}

impl Archives<'_> {
    /// The ID of the image that is delivered as an archive, if that can be read and is the one that the plan means.
    fn image(&mut self, image: &Image) -> Option<ImageId> {
        if let Some((_, id)) = self.read.iter().find(|(read, _)| read == image) {
            return id.clone();
        }
        let id = match image {
            Image::Source(ImageSource::Archive { archive, sha256, reference, id }) => {
                let meant = Meant { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() };
                let found = self.sources.image_in(archive, meant).and_then(|found| {
                    ImageId::parse(&found.image.id).map_err(|problem| Failure::new(problem.to_string()))
                });
                found.inspect_err(|failure| tracing::info!(%archive, cause = %failure.message, "not compared")).ok()
            }
            Image::Reference(_)
            | Image::Source(
                ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
                | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
        };
        self.read.push((image.clone(), id.clone()));
        id
    }
}

/// The content of what the deployed plan names: of a config as it lies in the state folder now, which is what its container
/// sees; of everything else as it was when it was deployed.
fn deployed_contents(plan: &Plan, saved: &Saved, layout: &Layout) -> Contents {
    let mut contents: BTreeMap<PlanPath, String> = saved.files.clone();
    let known = Known::at_start(saved.run.clone());
    for (name, service) in &plan.services {
        for (number, config) in service.configs.iter().enumerate() {
            let ConfigSource::File(path) = &config.source else { continue };
            let copy = layout.config(name, number).resolve(&known).map(PathBuf::from);
            let bytes = copy.and_then(|copy| files::read_if_there(&copy).ok().flatten());
            let sha256 = bytes.map(|bytes| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect());
            contents.extend(sha256.map(|sha256| (path.clone(), sha256)));
        }
    }
    contents
}
