//! The files and folders that a plan names, each opened once and used as verified.

use crate::facts::{ArchiveFact, FileFact};
use crate::few::Few;
use crate::host::archive::{self, Archive, ArchiveProblem, ArchivedImage};
use crate::host::archive_folder::{ArchiveFolder, Found, Meant, NotFound};
use crate::host::files::{self, FileProblem, TrustedFile};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::named::{Role, files_of};
use crate::plan::values::{ArchivePath, PlanPath, ServiceName};
use crate::run::Failure;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The largest config or certificate: they travel with the plan, and are held in memory.
const SMALL: u64 = 4 << 20;

/// A file or folder that was opened.
#[derive(Debug)]
enum Opened {
    /// Its content, and the SHA-256 of that.
    Small(Vec<u8>, String),
    Archive(Mutex<File>),
    Archives(ArchiveFolder),
    /// Where it is, and the SHA-256 of its content, or why that can't be told; known wherever it is copied.
    Context(PathBuf, Result<String, String>),
}

/// The files and folders that a plan names.
#[derive(Debug, Default)]
pub struct Sources {
    opened: BTreeMap<PlanPath, Opened>,
    roles: BTreeMap<PlanPath, Role>,
    leads_to: BTreeMap<PlanPath, PathBuf>,
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
        let mut sources = Self { opened: BTreeMap::new(), roles: files_of(plan), leads_to: BTreeMap::new(), trust };
        let mut facts = BTreeMap::new();
        for (path, role) in sources.roles.clone() {
            let at = path.from(folder);
            let fact = match open(&at, role, &sources.trust) {
                Ok((opened, fact, leads_to)) => {
                    sources.opened.insert(path.clone(), opened);
                    sources.leads_to.insert(path.clone(), leads_to);
                    fact
                }
                Err(problem) => {
                    sources.leads_to.insert(path.clone(), files::where_it_leads(&at));
                    match problem {
                        FileProblem::Missing { .. } => FileFact::Missing,
                        problem => FileFact::Unusable { reason: problem.to_string(), cure: String::new() },
                    }
                }
            };
            facts.insert(path, fact);
        }
        (sources, facts)
    }

    /// Where everything that a plan names really lies, every symbolic link followed. What was opened was opened there.
    pub fn leads_to(&self) -> &BTreeMap<PlanPath, PathBuf> {
        &self.leads_to
    }

    /// The content of a config or certificate.
    ///
    /// # Errors
    /// When it was not opened.
    pub fn config(&self, path: &PlanPath) -> Result<Vec<u8>, Failure> {
        match self.opened.get(path) {
            Some(Opened::Small(bytes, _)) => Ok(bytes.clone()),
            Some(Opened::Archive(_) | Opened::Archives(_) | Opened::Context(_, _)) | None => Err(not_opened(path)),
        }
    }

    /// An image archive, for one reader at a time; of a folder, the one with the image that is meant.
    ///
    /// # Errors
    /// When it was not opened, or the folder has none.
    pub fn archive(&self, archive: &ArchivePath, meant: Meant<'_>) -> Result<MutexGuard<'_, File>, Failure> {
        let file = match self.opened.get(archive.path()) {
            Some(Opened::Archive(file)) => file,
            Some(Opened::Archives(folder)) => folder.find(meant).map_err(failure_of)?.file,
            Some(Opened::Small(_, _) | Opened::Context(_, _)) | None => return Err(not_opened(archive.path())),
        };
        Ok(file.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// For each service whose archive is to be found in a folder, which one it is. Reads every archive there, until `cancel` says
    /// `true`.
    pub fn found_in_folders(&self, plan: &Plan, cancel: &dyn Fn() -> bool) -> BTreeMap<ServiceName, ArchiveFact> {
        let mut found = BTreeMap::new();
        for (name, service) in &plan.services {
            let Image::Source(ImageSource::Archive { archive, sha256, reference, id }) = &service.image else {
                continue;
            };
            let Some(Opened::Archives(folder)) = self.opened.get(archive.path()) else { continue };
            let meant = Meant { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() };
            folder.search(cancel);
            let fact = match folder.find(meant) {
                Ok(Found { name, file, archive: _, image: _ }) => {
                    let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    let size = file.metadata().map(|found| found.len()).unwrap_or_default();
                    ArchiveFact::Found { name: name.to_owned(), size }
                }
                Err(NotFound { reason, cure }) => ArchiveFact::NotFound { reason, cure },
            };
            found.insert(name.clone(), fact);
        }
        found
    }

    /// The SHA-256 of the content of every config, certificate and build context, or why that can't be told. Not of image
    /// archives: they are large, and the plan itself says what they hold.
    pub fn contents(&self, facts: &BTreeMap<PlanPath, FileFact>) -> BTreeMap<PlanPath, Result<String, String>> {
        let content = |(path, fact): (&PlanPath, &FileFact)| {
            let content = match (self.opened.get(path), fact) {
                (Some(Opened::Small(_, sha256)), _) => Ok(sha256.clone()),
                (Some(Opened::Context(_, sha256)), _) => sha256.clone(),
                (Some(Opened::Archive(_) | Opened::Archives(_)), _) => return None,
                (None, FileFact::Unusable { reason, cure: _ }) => Err(reason.clone()),
                (None, FileFact::Missing | FileFact::File { sha256: _, size: _ } | FileFact::Folder) => {
                    Err("it is not there".to_owned())
                }
            };
            Some((path.clone(), content))
        };
        let is_archive = |path| matches!(self.roles.get(path), Some(Role::Archive | Role::Archives));
        facts.iter().filter(|(path, _)| !is_archive(*path)).filter_map(content).gathered()
    }

    /// An archive and the image in it that is meant; with it the archive's name, where it lies in a folder.
    ///
    /// # Errors
    /// When it was not opened, is no archive with such an image, or not the file with this SHA-256.
    pub fn image_in(&self, path: &ArchivePath, meant: Meant<'_>) -> Result<InArchive, Failure> {
        let looked = match self.opened.get(path.path()) {
            Some(Opened::Archives(folder)) => {
                let Found { name, file: _, archive, image } = folder.find(meant).map_err(failure_of)?;
                InArchive { name: Some(name.to_owned()), archive: archive.clone(), image: image.clone() }
            }
            Some(Opened::Archive(_) | Opened::Small(_, _) | Opened::Context(_, _)) | None => {
                InArchive::of(&mut *self.archive(path, meant)?, meant, &|| false)?
            }
        };
        looked.held_against(meant)
    }

    /// Copies a build context into an empty folder, verifying every entry on the way.
    ///
    /// # Errors
    /// When it was not opened, a stranger could change a part of it, or it is not any more what it was then.
    pub fn copy_context(&self, path: &PlanPath, destination: &Path) -> Result<(), Failure> {
        match self.opened.get(path) {
            Some(Opened::Context(from, Ok(judged))) => {
                let Trust::Owners(owners) = &self.trust else { return Err(not_opened(path)) };
                let copied = files::copy_context(from, destination, owners);
                let copied = copied.map_err(|problem| Failure::new(problem.to_string()))?;
                if copied.sha256 == *judged { Ok(()) } else { Err(changed(path)) }
            }
            Some(Opened::Small(_, _) | Opened::Archive(_) | Opened::Archives(_) | Opened::Context(_, Err(_)))
            | None => Err(not_opened(path)),
        }
    }
}

/// An image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InArchive {
    /// The archive's name in its folder, where the plan names the folder.
    pub name: Option<String>,
    /// What is known of the archive.
    pub archive: Archive,
    /// The image.
    pub image: ArchivedImage,
}

impl InArchive {
    /// The image in an archive that is meant. Reads all of it, until `cancel` says `true`.
    ///
    /// # Errors
    /// It is no archive with such an image, or not the file with this SHA-256.
    pub fn of(file: &mut File, meant: Meant<'_>, cancel: &dyn Fn() -> bool) -> Result<Self, Failure> {
        let failure = |problem: ArchiveProblem| Failure::new(problem.to_string());
        let archive = archive::look(file, &archive::Limits::default(), cancel).map_err(failure)?;
        let reference = meant.reference.map(ToString::to_string);
        let image = archive::choose(&archive, reference.as_deref()).map_err(failure)?.clone();
        Self { name: None, archive, image }.held_against(meant)
    }

    fn held_against(self, meant: Meant<'_>) -> Result<Self, Failure> {
        match meant.sha256.filter(|sha256| sha256.as_str() != self.archive.sha256) {
            Some(sha256) => {
                Err(Failure::new(format!("its SHA-256 is {}, but the plan says {sha256}", self.archive.sha256)))
            }
            None => Ok(self),
        }
    }
}

fn failure_of(NotFound { reason, cure }: NotFound) -> Failure {
    Failure::new(format!("{reason}: {cure}"))
}

fn changed(path: &PlanPath) -> Failure {
    Failure::new(format!(
        "the content of {path} has changed since it was checked: deploy again when nobody writes to it"
    ))
}

fn not_opened(path: &PlanPath) -> Failure {
    Failure::new(format!("{path} was not opened when the plan was checked, which is a defect of Landfall"))
}

fn open(at: &Path, role: Role, trust: &Trust) -> Result<(Opened, FileFact, PathBuf), FileProblem> {
    if role == Role::Context {
        let (leads_to, content) = match trust {
            Trust::Owners(owners) => {
                files::trusted_context(at, owners).map(|(leads_to, sha256)| (leads_to, Ok(sha256)))?
            }
            // Who only looks may not be allowed to read all of it.
            Trust::Anybody if at.is_dir() => {
                let content = files::context_sha256(at, None).map_err(|problem| problem.to_string());
                (files::where_it_leads(at), content)
            }
            Trust::Anybody => return Err(FileProblem::Missing { path: at.to_owned() }),
        };
        return Ok((Opened::Context(at.to_owned(), content), FileFact::Folder, leads_to));
    }
    if role == Role::Archives {
        let opened = match trust {
            Trust::Owners(owners) => files::open_folder(at, Some(owners))?,
            Trust::Anybody => files::open_folder(at, None)?,
        };
        let leads_to = opened.leads_to().to_owned();
        return Ok((Opened::Archives(ArchiveFolder::of(opened)), FileFact::Folder, leads_to));
    }
    let TrustedFile { file, path, leads_to, size } = match trust {
        Trust::Owners(owners) => files::open_trusted(at, owners)?,
        Trust::Anybody => files::open_untrusted(at)?,
    };
    if role == Role::Archive {
        return Ok((Opened::Archive(Mutex::new(file)), FileFact::File { sha256: None, size }, leads_to));
    }
    let bytes = TrustedFile { file, path, leads_to: leads_to.clone(), size }.read(SMALL)?;
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Opened::Small(bytes, sha256.clone()), FileFact::File { sha256: Some(sha256), size }, leads_to))
}
