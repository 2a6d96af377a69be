//! Retrieves images, and holds them against what their services expect.

use super::{Node, state, watched};
use crate::facts::{EngineKind, KEPT_FREE};
use crate::few::Few;
use crate::host::archive_folder::Meant;
use crate::host::engine::{Access, Arrived, ImageDetails, ImageLayers, Login, Order};
use crate::host::fetch::{Goal, SshAccess};
use crate::host::{files, system};
use crate::operation::{EngineChange, Known, Learned, MountedDirectory, PulledFrom, RetrievedImage, VerifiedImage};
use crate::plan::model::{Image, ImageSource};
use crate::plan::values::{ImageId, KeyFileName};
use crate::run::{Amount, Cancel, Failure};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What images say of themselves, each looked at once for all services that use it.
#[derive(Default)]
pub(super) struct VerifiedImages(Mutex<BTreeMap<ImageId, Arc<Mutex<Option<ImageDetails>>>>>);

impl VerifiedImages {
    fn of(&self, image: &ImageId) -> Arc<Mutex<Option<ImageDetails>>> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(image.clone()).or_default())
    }
}

/// How long fetching an archive may take, where the plan does not say.
const FETCH: Duration = Duration::from_secs(3600);

impl Node {
    pub(super) fn verify_image(&self, expected: &VerifiedImage, known: &Known) -> Result<(), Failure> {
        let VerifiedImage { service, id, mounts, working_dir_given } = expected;
        let defect = || Failure::new(format!("the image of {service} is not known, which is a defect of Landfall"));
        let image = known.images.get(service).ok_or_else(defect)?;
        if let Some(pinned) = id.as_ref().filter(|pinned| *pinned != image) {
            return Err(Failure::new(format!("the image has the ID {image}, and {pinned} is expected")));
        }
        let seen = self.verified.of(image);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_none() {
            *seen = self.engine.image_details(image.hex())?;
        }
        let details = seen.as_ref();
        let details = details.ok_or_else(|| Failure::new(format!("the image {image} is gone")))?;
        let here = system::architecture().map_err(|error| Failure::new(error.to_string()))?;
        if details.architecture != here {
            return Err(Failure::new(format!("the image is for {}, and this server is {here}", details.architecture)));
        }
        volumes_are_mounted(details, mounts)?;
        if *working_dir_given { Ok(()) } else { working_directory_is_there(details, mounts) }
    }
}

/// A volume of the image with nothing mounted there becomes an anonymous volume: data that the next teardown loses.
fn volumes_are_mounted(details: &ImageDetails, mounts: &[MountedDirectory]) -> Result<(), Failure> {
    let mounted = |volume: &str| mounts.iter().any(|mount| mount.target.as_str() == volume.trim_end_matches('/'));
    match details.volumes.iter().find(|volume| !mounted(volume)) {
        None => Ok(()),
        Some(volume) => Err(Failure::new(format!(
            "the image declares the volume {volume}, and the service mounts nothing exactly there: what is written to it \
             would be lost with the container. Add a volume or a tmpfs with the target {volume}"
        ))),
    }
}

/// An engine creates a missing working directory, in the data directory if it lies below one.
fn working_directory_is_there(details: &ImageDetails, mounts: &[MountedDirectory]) -> Result<(), Failure> {
    let directory = Path::new(&details.working_dir);
    for MountedDirectory { target, source } in mounts {
        let (Some(source), Ok(below)) = (source, directory.strip_prefix(target.as_path())) else { continue };
        if below.as_os_str().is_empty() {
            continue;
        }
        let there = source.as_path().join(below);
        let found = files::observe_directory(&there).map_err(|problem| Failure::new(problem.to_string()))?;
        if !matches!(found, files::DirectoryLook::Directory { .. }) {
            return Err(Failure::new(format!(
                "the image's working directory {} lies below the volume at {target}, and the engine would create it in the \
                 data directory: create {} yourself, or set `working_dir`",
                details.working_dir,
                there.display()
            )));
        }
    }
    Ok(())
}

impl Node {
    pub(super) fn retrieve(
        &self,
        retrieved: &RetrievedImage,
        known: &Known,
        cancel: &Cancel,
    ) -> Result<Learned, Failure> {
        let arrived = Arrived::default();
        let order = Order { retrieved, layout: &self.layout, known, cancel, arrived: &arrived };
        let id = match &retrieved.image {
            Image::Reference(_)
            | Image::Source(ImageSource::Registry {
                registry: _,
                digest: _,
                tls_verify: _,
                ca: _,
                id: _,
                timeout: _,
            }) => {
                let of = self.expected(retrieved);
                let pull = || self.engine.pull(&order, &|place| self.access(place));
                self.watched(retrieved, watched::pulled(&arrived, of), pull)?
            }
            Image::Source(ImageSource::Archive { archive, sha256, reference, id }) => {
                let meant = Meant { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() };
                let file = self.deployment()?.sources.archive(archive, meant)?;
                let shared =
                    file.try_clone().map_err(|error| Failure::new(format!("{archive} can't be read: {error}")))?;
                self.watched(retrieved, watched::read(&file), || self.engine.load(&order, shared))?
            }
            Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
                self.watched(retrieved, || Amount::Built, || self.build(&order, build))?
            }
            Image::Source(ImageSource::Ssh { ssh, key, sha256: _, id: _, timeout: _ }) => {
                let file = order.fetched()?;
                let (goal, access) = (self.goal(&order, &file)?, self.ssh_access(key)?);
                let come = watched::fetched(&file, self.expected(retrieved));
                let archive = self.watched(retrieved, come, || goal.fetch(ssh, &access))?;
                self.load_fetched(&order, archive, &file)?
            }
            Image::Source(ImageSource::Url { url, sha256: _, id: _, ca, timeout: _ }) => {
                let file = order.fetched()?;
                let authority = ca.as_ref().map(|ca| self.deployment()?.sources.config(ca)).transpose()?;
                let (goal, come) = (self.goal(&order, &file)?, watched::fetched(&file, self.expected(retrieved)));
                let archive = self.watched(retrieved, come, || goal.download(url, authority.as_deref()))?;
                self.load_fetched(&order, archive, &file)?
            }
        };
        let images = retrieved.services.iter().map(|service| (service.clone(), id.clone())).gathered();
        Ok(Learned { images, address: None })
    }

    /// What is fetched lies in the state folder while the engine loads it, and then in the engine's storage, at least as large. Meanwhile
    /// Podman makes two copies of it in the state folder, Docker one in its storage.
    fn goal<'a>(&self, order: &Order<'a>, file: &'a Path) -> Result<Goal<'a>, Failure> {
        let free = |path: &Path| system::free_space(path).map_err(|error| Failure::new(error.to_string()));
        let (state, images) = (free(self.layout.state())?, free(&self.engine.images_folder()?)?);
        let on_one_disk = state.device == images.device;
        let passing = state.bytes.saturating_sub(KEPT_FREE);
        let room = match (self.engine.kind(), on_one_disk) {
            (EngineKind::Podman, true) => passing / 4,
            (EngineKind::Podman, false) => (passing / 3).min(images.bytes),
            (EngineKind::Docker, true) => passing / 3,
            (EngineKind::Docker, false) => passing.min(images.bytes / 2),
        };
        let limit = order.retrieved.image.timeout().map_or(FETCH, |timeout| timeout.as_std());
        Ok(Goal { file, room, limit, cancel: order.cancel })
    }

    fn load_fetched(&self, order: &Order<'_>, archive: File, file: &Path) -> Result<ImageId, Failure> {
        let come = watched::read(&archive);
        let image = self.watched(order.retrieved, come, || self.engine.load(order, archive))?;
        state::remove(file).map(|()| image)
    }

    fn ssh_access(&self, key: &KeyFileName) -> Result<SshAccess, Failure> {
        let deployment = self.deployment()?;
        let described = deployment.plan.ssh_keys.get(key);
        let described =
            described.ok_or_else(|| Failure::new(format!("the plan has no SSH key {key}: a defect of Landfall")))?;
        Ok(SshAccess {
            key: deployment.key(&described.private_key.secret)?,
            known_hosts: described.known_hosts.clone(),
        })
    }

    /// What the plan says is needed to pull from there.
    fn access(&self, place: &PulledFrom) -> Result<Access, Failure> {
        let PulledFrom { reference, digest: _, tls_verify: _, ca, account } = place;
        let deployment = self.deployment()?;
        let login = account.as_ref().map(|(username, password)| {
            let password = deployment.secret(password)?.clone();
            Ok(Login { registry: reference.registry().to_string(), username: username.clone(), password })
        });
        let authority = ca.as_ref().map(|ca| deployment.sources.config(ca));
        Ok(Access { login: login.transpose()?, authority: authority.transpose()? })
    }

    /// Removes a tag, and the image with its last one. Tags that are removed at the same time go in one call; where that fails,
    /// each on its own.
    pub(super) fn drop_tag(&self, tag: &str, known: &Known) -> Result<(), Failure> {
        let alone = |tag: String| {
            let change = EngineChange::DropTag { tag: tag.clone(), unless_image_of: None };
            self.drop_image(&tag, &change, known)
        };
        self.tags.done(tag.to_owned(), |tags| match self.drop_tags(&tags, known) {
            Ok(()) => tags.iter().map(|_| Ok(())).collect(),
            // What was killed may still be at work on any of them.
            Err(failure) if failure.lingering => tags.iter().map(|_| Err(failure.clone())).collect(),
            Err(_) => tags.into_iter().map(alone).collect(),
        })
    }

    /// Removes several tags. The layers of their images are on record meanwhile, as in [`Node::drop_image`].
    fn drop_tags(&self, tags: &[String], known: &Known) -> Result<(), Failure> {
        let details = self.engine.details_of_images(tags)?;
        let there: Vec<String> =
            tags.iter().filter(|tag| details.iter().any(|one| one.tags.contains(tag))).cloned().collect();
        let Some(first) = there.first() else { return Ok(()) };
        let mut records = Vec::new();
        for (number, image) in details.iter().enumerate() {
            let tag = tags.iter().find(|tag| image.tags.contains(tag)).unwrap_or(first);
            // One image is described as often as it has tags among these.
            if details.iter().take(number).any(|before| before.id == image.id) {
                continue;
            }
            let record = self.layout.layers(&known.run, tag);
            if let Err(failure) = image.layers.write(&record) {
                tracing::warn!(cause = failure.message, "what is removed is not on record");
            }
            records.push((record, image));
        }
        self.engine.drop_tags(&there)?;
        for (record, image) in records {
            if self.engine.may_be_left(&image.layers, self.layout.plan())? {
                self.remove_layers(&record)?;
            } else {
                state::remove(&record)?;
            }
        }
        Ok(())
    }

    /// Removes an image, or a name of it. What its layers are is on record meanwhile: the engine removes them last, and one by one.
    pub(super) fn drop_image(&self, image: &str, change: &EngineChange, known: &Known) -> Result<(), Failure> {
        let record = self.layout.layers(&known.run, image);
        let Some(details) = self.engine.image_details(image)? else {
            // There is a record where a call before this one removed the image, and then failed.
            return self.remove_layers(&record);
        };
        if let Err(failure) = details.layers.write(&record) {
            // Where there is no room, removing it makes some.
            tracing::warn!(cause = failure.message, "what is removed is not on record");
        }
        self.engine.perform(change, known, Vec::new())?;
        // The engine leaves those that a layer lies above, also one of a container whose removal was killed.
        if self.engine.may_be_left(&details.layers, self.layout.plan())? {
            return self.remove_layers(&record);
        }
        state::remove(&record)
    }

    /// Removes those layers of an image that a run left without it, and the record of them.
    pub(super) fn remove_layers(&self, record: &Path) -> Result<(), Failure> {
        let text = files::read_if_there(record).map_err(|problem| Failure::new(problem.to_string()))?;
        // One that is damaged says nothing.
        let layers = text.and_then(|text| serde_json::from_slice::<ImageLayers>(&text).ok());
        if let Some(layers) = layers {
            let temporary = record.with_file_name(format!("{}.d", record.file_name().unwrap_or_default().display()));
            self.engine.remove_lost_layers(&layers, self.layout.plan(), &temporary)?;
        }
        state::remove(record)
    }
}
