//! What can be learned of a plan's images: from archives here, from registries, and from what is deployed. Reads only.

use super::deployed::Deployed;
use crate::facts::FileFact;
use crate::host::archive_folder::Meant;
use crate::host::elsewhere::Fetching;
use crate::host::engine::{Access, Login};
use crate::host::registry::{self, InRegistry, Platform};
use crate::host::sources::{self, InArchive, Sources};
use crate::operation::{Layout, PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::pins::Pin;
use crate::plan::secrets::Secrets;
use crate::plan::values::{Digest, ImageId, PlanPath, ServiceName, Sha256};
use crate::run::{Cancel, Failure};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What was learned of the image of a service.
#[derive(Debug, Clone)]
pub(super) struct Learned {
    /// The service.
    pub(super) service: ServiceName,
    /// Where the plan says that its image comes from.
    pub(super) image: Image,
    /// What was learned.
    pub(super) found: Found,
    /// Why that is not everything.
    pub(super) problem: Option<String>,
}

/// What was found out about an image.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// What told it; `None` where nothing did.
    pub(super) by: Option<By>,
    /// The archive's name in its folder.
    pub(super) archive: Option<String>,
    /// The digest of its manifest in the registry.
    pub(super) digest: Option<Digest>,
    /// The SHA-256 of its archive.
    pub(super) sha256: Option<Sha256>,
    /// Its ID.
    pub(super) id: Option<ImageId>,
    /// What it is built for: `linux/amd64`.
    pub(super) platform: Option<String>,
    /// When it was made.
    pub(super) created: Option<Timestamp>,
    /// How much a pull of all of it transfers.
    pub(super) download_bytes: Option<u64>,
    /// How much its layers are, unpacked.
    pub(super) unpacked_bytes: Option<u64>,
}

/// What tells about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Its archive.
    Archive,
    /// Its registry, or a mirror of it.
    Registry,
    /// The engine, of the image that is deployed from the same description.
    Engine,
}

impl Learned {
    /// What pins it. An image that the plan means otherwise is not pinned.
    pub(super) fn pin(&self) -> Pin {
        let Found {
            by: _,
            archive: _,
            digest,
            sha256,
            id,
            platform: _,
            created: _,
            download_bytes: _,
            unpacked_bytes: _,
        } = &self.found;
        match self.problem {
            Some(_) => Pin::default(),
            None => Pin { digest: digest.clone(), sha256: sha256.clone(), id: id.clone() },
        }
    }
}

/// What an image's configuration says of it.
#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
}

/// How other servers are asked.
pub(super) struct How<'a> {
    /// What fetches archives; `None` where none is to be fetched.
    pub(super) fetching: Option<Fetching<'a>>,
    /// What the images are to be for; this machine's if not said.
    pub(super) platform: Option<&'a Platform>,
    /// Ends it early.
    pub(super) cancel: &'a Cancel,
}

/// A plan whose images are asked for.
pub(super) struct Learning<'a> {
    plan: &'a Plan,
    secrets: Option<&'a Secrets>,
    how: How<'a>,
    sources: Sources,
    files: BTreeMap<PlanPath, FileFact>,
    deployed: Deployed,
}

impl<'a> Learning<'a> {
    /// A plan in this folder.
    pub(super) fn of(
        plan: &'a Plan,
        folder: &Path,
        (secrets, how): (Option<&'a Secrets>, How<'a>),
        state_dir: &Path,
    ) -> Self {
        let (sources, files) = Sources::open(plan, folder, sources::Trust::Anybody);
        Self { plan, secrets, how, sources, files, deployed: Deployed::under(&Layout::new(state_dir, &plan.name)) }
    }

    /// What can be learned of each service's image; of the same one, only once.
    pub(super) fn all(&self) -> Vec<Learned> {
        let mut all: Vec<Learned> = Vec::new();
        for (name, service) in &self.plan.services {
            let image = &service.image;
            // What was deployed may differ from service to service.
            let by_itself = |known: &&Learned| matches!(known.found.by, Some(By::Archive | By::Registry));
            let known = all.iter().find(|known| known.image == *image).filter(by_itself);
            let learned = match known {
                Some(known) => Learned { service: name.clone(), ..known.clone() },
                None => self.one(name, image),
            };
            all.push(learned);
        }
        all
    }

    fn one(&self, name: &ServiceName, image: &Image) -> Learned {
        let asked = match image {
            Image::Reference(_)
            | Image::Source(ImageSource::Registry {
                registry: _,
                digest: _,
                tls_verify: _,
                ca: _,
                id: _,
                timeout: _,
            }) => Some(self.in_registry(name, image)),
            Image::Source(ImageSource::Archive { archive, sha256, reference, id }) => {
                let meant = Meant { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() };
                let there = self.there(archive.path());
                Some(there.and_then(|()| self.sources.image_in(archive, meant)).and_then(in_archive))
            }
            Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256, id: _, timeout: _ }) => {
                self.elsewhere(name, image, sha256.as_ref(), None)
            }
            Image::Source(ImageSource::Url { url: _, sha256, id: _, ca, timeout: _ }) => {
                self.elsewhere(name, image, Some(sha256), ca.as_ref())
            }
            Image::Source(ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ }) => None,
        };
        let (found, problem) = match asked {
            Some(Ok(found)) => (found, None),
            Some(Err(failure)) => (self.deployed.image(name, image).unwrap_or_default(), Some(failure.message)),
            None => match self.deployed.image(name, image) {
                Ok(found) => (found, None),
                Err(failure) => (Found::default(), Some(failure.message)),
            },
        };
        let (service, image) = (name.clone(), image.clone());
        let otherwise = image.pinned_id().zip(found.id.as_ref()).filter(|(pinned, id)| pinned != id);
        let otherwise = otherwise.map(|(pinned, id)| format!("the plan pins the ID {pinned}, and it has the ID {id}"));
        Learned { service, image, problem: problem.or(otherwise).or(self.other_platform(&found)), found }
    }

    fn other_platform(&self, found: &Found) -> Option<String> {
        let asked = self.how.platform?.to_string();
        let is = found.platform.as_ref().filter(|platform| **platform != asked)?;
        Some(format!("it is for {is}, and {asked} was asked for"))
    }

    /// What an archive on another server holds: as it was deployed here, where it is the same file, or as it is there; `None` where it
    /// is not to be fetched.
    fn elsewhere(
        &self,
        name: &ServiceName,
        image: &Image,
        sha256: Option<&Sha256>,
        ca: Option<&PlanPath>,
    ) -> Option<Result<Found, Failure>> {
        let deployed = || self.deployed.image(name, image).ok();
        if let Some(found) = sha256.and_then(|_| deployed()) {
            return Some(Ok(found));
        }
        let fetching = self.how.fetching.as_ref()?;
        let retrieved = RetrievedImage::of(image, vec![name.clone()], &self.plan.registries);
        let authority = ca.map(|ca| self.there(ca).and_then(|()| self.sources.config(ca))).transpose();
        authority
            .and_then(|authority| fetching.image(&retrieved, authority))
            .transpose()
            .map(|found| found.and_then(in_archive))
    }

    /// Whether a file or folder of the plan is there to be read.
    fn there(&self, path: &PlanPath) -> Result<(), Failure> {
        match self.files.get(path) {
            Some(FileFact::Missing) | None => Err(Failure::new(format!("there is no `{path}`"))),
            Some(FileFact::Unusable { reason, cure: _ }) => Err(Failure::new(reason.clone())),
            Some(FileFact::File { sha256: _, size: _ } | FileFact::Folder) => Ok(()),
        }
    }

    /// Asks as a deployment does: the mirrors first.
    fn in_registry(&self, name: &ServiceName, image: &Image) -> Result<Found, Failure> {
        let RetrievedImage { image: _, services: _, places } =
            RetrievedImage::of(image, vec![name.clone()], &self.plan.registries);
        let mut failed: Vec<String> = Vec::new();
        for place in &places {
            let PulledFrom { reference, digest, tls_verify, ca: _, account: _ } = place;
            let asked = self.access(place).and_then(|access| {
                registry::ask(reference, digest.as_ref(), *tls_verify, &access, (self.how.platform, self.how.cancel))
            });
            match asked {
                Ok(InRegistry { digest, id, configuration, download_bytes }) => {
                    let found = Found {
                        by: Some(By::Registry),
                        digest: Some(digest),
                        id: Some(id),
                        download_bytes: Some(download_bytes),
                        ..Found::default()
                    };
                    return Ok(found.configured(&configuration));
                }
                Err(failure) => failed.push(failure.message),
            }
        }
        Err(Failure::new(failed.join("; ")))
    }

    fn access(&self, place: &PulledFrom) -> Result<Access, Failure> {
        let PulledFrom { reference, digest: _, tls_verify: _, ca, account } = place;
        let password = account.as_ref().and_then(|(username, secret)| Some((username, self.secrets?.get(secret)?)));
        let login = password.map(|(username, password)| Login {
            registry: reference.registry().to_string(),
            username: username.clone(),
            password: password.clone(),
        });
        let authority = ca.as_ref().map(|ca| self.there(ca).and_then(|()| self.sources.config(ca)));
        Ok(Access { login, authority: authority.transpose()? })
    }
}

fn in_archive(InArchive { name, archive, image }: InArchive) -> Result<Found, Failure> {
    let defect = |problem: crate::plan::values::Problem| Failure::new(problem.to_string());
    let found = Found {
        by: Some(By::Archive),
        archive: name,
        sha256: Some(Sha256::parse(&archive.sha256).map_err(defect)?),
        id: Some(ImageId::parse(&image.id).map_err(defect)?),
        unpacked_bytes: Some(image.size_bytes),
        ..Found::default()
    };
    Ok(found.configured(&image.configuration))
}

impl Found {
    /// With what the image's configuration says.
    fn configured(mut self, configuration: &str) -> Self {
        if let Ok(Configuration { created, os, architecture }) = serde_json::from_str(configuration) {
            self.created = created.and_then(|created| created.parse().ok());
            self.platform = (!os.is_empty() && !architecture.is_empty()).then(|| format!("{os}/{architecture}"));
        }
        self
    }
}
