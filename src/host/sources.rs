//! The files and folders that a plan names, each opened once and used as verified.

use crate::facts::FileFact;
use crate::host::files::{self, FileProblem, TrustedFile};
use crate::plan::model::{Config, ConfigSource, HttpCheck, Image, ImageSource, Plan, Probe, Service};
use crate::plan::values::PlanPath;
use crate::run::Failure;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The largest config or certificate: they travel with the plan, and are held in memory.
const SMALL: u64 = 4 << 20;

/// What a plan does with a file that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// Read whole: a config or a certificate.
    Small,
    /// Streamed into the engine: an image archive.
    Archive,
    /// Copied, then built from.
    Context,
}

/// A file or folder that was opened.
#[derive(Debug)]
enum Opened {
    Small(Vec<u8>),
    Archive(Mutex<File>),
    Context(PathBuf),
}

/// The files and folders that a plan names.
#[derive(Debug, Default)]
pub struct Sources {
    opened: BTreeMap<PlanPath, Opened>,
    trust: Trust,
}

/// Who may be able to write what a plan names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Anybody: nothing is done with it but looking.
    #[default]
    Anybody,
    /// These users alone.
    Owners(Vec<u32>),
}

impl Sources {
    /// Opens everything that a plan names, relative to the plan's folder.
    pub fn open(plan: &Plan, folder: &Path, trust: Trust) -> (Self, BTreeMap<PlanPath, FileFact>) {
        let mut sources = Self { opened: BTreeMap::new(), trust };
        let mut facts = BTreeMap::new();
        for (path, role) in named(plan) {
            let at = path.from(folder);
            let fact = match open(&at, role, &sources.trust) {
                Ok((opened, fact)) => {
                    sources.opened.insert(path.clone(), opened);
                    fact
                }
                Err(FileProblem::Missing { .. }) => FileFact::Missing,
                Err(problem) => FileFact::Unusable { reason: problem.to_string(), cure: String::new() },
            };
            facts.insert(path, fact);
        }
        (sources, facts)
    }

    /// The content of a config or certificate.
    ///
    /// # Errors
    /// When it was not opened.
    pub fn config(&self, path: &PlanPath) -> Result<Vec<u8>, Failure> {
        match self.opened.get(path) {
            Some(Opened::Small(bytes)) => Ok(bytes.clone()),
            Some(Opened::Archive(_) | Opened::Context(_)) | None => Err(not_opened(path)),
        }
    }

    /// An image archive, for one reader at a time.
    ///
    /// # Errors
    /// When it was not opened.
    pub fn archive(&self, path: &PlanPath) -> Result<MutexGuard<'_, File>, Failure> {
        match self.opened.get(path) {
            Some(Opened::Archive(file)) => Ok(file.lock().unwrap_or_else(PoisonError::into_inner)),
            Some(Opened::Small(_) | Opened::Context(_)) | None => Err(not_opened(path)),
        }
    }

    /// Copies a build context into an empty folder, verifying every entry on the way.
    ///
    /// # Errors
    /// When it was not opened, or a stranger could change a part of it.
    pub fn copy_context(&self, path: &PlanPath, destination: &Path) -> Result<(), Failure> {
        match self.opened.get(path) {
            Some(Opened::Context(from)) => {
                let Trust::Owners(owners) = &self.trust else { return Err(not_opened(path)) };
                let copied = files::copy_context(from, destination, owners);
                copied.map(drop).map_err(|problem| Failure::new(problem.to_string()))
            }
            Some(Opened::Small(_) | Opened::Archive(_)) | None => Err(not_opened(path)),
        }
    }
}

fn not_opened(path: &PlanPath) -> Failure {
    Failure::new(format!("{path} was not opened when the plan was checked, which is a defect of Landfall"))
}

fn open(at: &Path, role: Role, trust: &Trust) -> Result<(Opened, FileFact), FileProblem> {
    if role == Role::Context {
        match trust {
            Trust::Owners(owners) => files::check_trusted_directory(at, owners)?,
            Trust::Anybody if at.is_dir() => {}
            Trust::Anybody => return Err(FileProblem::Missing { path: at.to_owned() }),
        }
        return Ok((Opened::Context(at.to_owned()), FileFact::Folder));
    }
    let TrustedFile { file, path, size } = match trust {
        Trust::Owners(owners) => files::open_trusted(at, owners)?,
        Trust::Anybody => files::open_untrusted(at)?,
    };
    if role == Role::Archive {
        return Ok((Opened::Archive(Mutex::new(file)), FileFact::File { sha256: None, size }));
    }
    let bytes = TrustedFile { file, path, size }.read(SMALL)?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Opened::Small(bytes), FileFact::File { sha256: Some(sha256), size }))
}

/// The files and folders that a plan names.
pub fn named_files(plan: &Plan) -> Vec<PlanPath> {
    named(plan).into_keys().collect()
}

/// Every file and folder that a plan names, with what is done with it.
fn named(plan: &Plan) -> BTreeMap<PlanPath, Role> {
    let mut named = BTreeMap::new();
    let mut note = |path: &PlanPath, role| {
        named.entry(path.clone()).or_insert(role);
    };
    for service in plan.services.values() {
        named_by(service, &mut note);
    }
    let server = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    let authorities = server.and_then(|server| server.ca.as_ref());
    for path in authorities.into_iter().chain(plan.registries.values().filter_map(|registry| registry.ca.as_ref())) {
        note(path, Role::Small);
    }
    named
}

fn named_by(service: &Service, note: &mut impl FnMut(&PlanPath, Role)) {
    match &service.image {
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => note(archive, Role::Archive),
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _ }) => note(build, Role::Context),
        Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: Some(ca), id: _ }) => {
            note(ca, Role::Small);
        }
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: None, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _ }
            | ImageSource::Url { url: _, sha256: _, id: _ },
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
