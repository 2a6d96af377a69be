//! What can be learned of a plan's images: from archives here, from registries, and from what is deployed. Reads only.

use crate::facts::{FileFact, Saved};
use crate::host::archive_folder::Meant;
use crate::host::engine::{Access, Engine, Login};
use crate::host::node::state;
use crate::host::registry::{self, InRegistry};
use crate::host::sources::{self, InArchive, Sources};
use crate::host::system;
use crate::operation::{Layout, PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::pins::Pin;
use crate::plan::reading;
use crate::plan::secrets::Secrets;
use crate::plan::values::{Digest, ImageId, PlanPath, ServiceName, Sha256};
use crate::run::Failure;
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

/// A plan whose images are asked for.
pub(super) struct Learning<'a> {
    plan: &'a Plan,
    secrets: Option<&'a Secrets>,
    sources: Sources,
    files: BTreeMap<PlanPath, FileFact>,
    deployed: Deployed,
}

/// What is deployed under the plan's name, and the engine that has it.
enum Deployed {
    /// Root alone can see that.
    Hidden,
    /// Nothing is, or it can't be read.
    Nothing,
    /// The plan, its record and the engine.
    This(Box<(Plan, Saved, Engine)>),
}

impl<'a> Learning<'a> {
    /// A plan in this folder.
    pub(super) fn of(plan: &'a Plan, folder: &Path, secrets: Option<&'a Secrets>, state_dir: &Path) -> Self {
        let (sources, files) = Sources::open(plan, folder, sources::Trust::Anybody);
        Self { plan, secrets, sources, files, deployed: Deployed::under(&Layout::new(state_dir, &plan.name)) }
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
            Image::Source(
                ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
                | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
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
        Learned { service, image, found, problem: problem.or(otherwise) }
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
            let asked =
                self.access(place).and_then(|access| registry::ask(reference, digest.as_ref(), *tls_verify, &access));
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

impl Deployed {
    fn under(layout: &Layout) -> Self {
        if !system::is_root() {
            return Self::Hidden;
        }
        let read = || {
            let saved = state::read_saved(&layout.saved()).ok()??;
            let plan = reading::plan("the saved plan", saved.plan.as_bytes()).content?;
            Some(Self::This(Box::new((plan, saved, state::engine(layout).ok()?))))
        };
        read().unwrap_or(Self::Nothing)
    }

    /// The image that a service was deployed with, if the plan that was deployed describes it in the same words.
    fn image(&self, name: &ServiceName, image: &Image) -> Result<Found, Failure> {
        let elsewhere = "is known to root of the server that it was deployed on";
        let (plan, saved, engine) = match self {
            Self::Hidden => return Err(Failure::new(format!("what comes of it {elsewhere}: ask as root there"))),
            Self::Nothing => {
                return Err(Failure::new(format!("what comes of it {elsewhere}, and it is not deployed here")));
            }
            Self::This(deployed) => (&deployed.0, &deployed.1, &deployed.2),
        };
        let same = plan.services.get(name).is_some_and(|service| service.image == *image);
        let Some(service) = saved.services.get(name).filter(|_| same) else {
            let reason = "what comes of it is not known: what is deployed here comes from elsewhere";
            return Err(Failure::new(reason));
        };
        let told = engine.image_told(service.image_id.hex())?;
        let told =
            told.ok_or_else(|| Failure::new(format!("the engine has no image {} any more", service.image_id)))?;
        Ok(Found {
            by: Some(By::Engine),
            id: Some(service.image_id.clone()),
            platform: Some(format!("{}/{}", told.os, told.architecture)),
            created: told.created.parse().ok(),
            unpacked_bytes: Some(told.size_bytes),
            ..Found::default()
        })
    }
}
