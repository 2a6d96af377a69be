//! A folder of image archives, such as a USB stick: which of them has an image. Reads the files that were opened with it.

use crate::host::archive::{self, Archive, ArchiveProblem, ArchivedImage, Limits};
use crate::host::files::{FileProblem, OpenedFolder};
use crate::plan::values::{ImageId, ImageReference, Sha256};
use std::fs::File;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The most that is told of what a folder holds instead.
const TOLD: usize = 12;

/// A folder of archives. Each is read once, when the first image is looked for.
#[derive(Debug)]
pub struct ArchiveFolder {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    file: Result<Mutex<File>, FileProblem>,
    looked: OnceLock<Result<Archive, String>>,
}

/// Which image of an archive, or of a folder of them, a plan means.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meant<'a> {
    /// The archive's SHA-256.
    pub sha256: Option<&'a Sha256>,
    /// What the image is called in it.
    pub reference: Option<&'a ImageReference>,
    /// The image's ID.
    pub id: Option<&'a ImageId>,
}

/// The archive that has the image.
#[derive(Debug)]
pub struct Found<'a> {
    /// Its name in the folder.
    pub name: &'a str,
    /// The file, for one reader at a time.
    pub file: &'a Mutex<File>,
    /// What is known of it.
    pub archive: &'a Archive,
    /// The image.
    pub image: &'a ArchivedImage,
}

/// Why no archive of a folder is the one that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub cure: String,
}

impl ArchiveFolder {
    /// A folder whose files were opened.
    pub fn of(folder: OpenedFolder) -> Self {
        let OpenedFolder { leads_to: _, files } = folder;
        let entry = |(name, file): (std::ffi::OsString, Result<File, FileProblem>)| Entry {
            name: name.to_string_lossy().into_owned(),
            file: file.map(Mutex::new),
            looked: OnceLock::new(),
        };
        Self { entries: files.into_iter().map(entry).collect() }
    }

    /// The archive whose image has the name that is meant. Where several archives have different images of that name, the
    /// SHA-256 and the ID decide.
    ///
    /// # Errors
    /// None has it, or several have.
    pub fn find(&self, meant: Meant<'_>) -> Result<Found<'_>, NotFound> {
        let Meant { sha256, reference, id } = meant;
        let Some(reference) = reference.map(ToString::to_string) else {
            let cure = "add `reference`: the image's name in its archive".to_owned();
            return Err(NotFound { reason: "nothing says which image of the folder is meant".to_owned(), cure });
        };
        let fitting: Vec<Found<'_>> = self.entries.iter().filter_map(|entry| entry.with(&reference)).collect();
        let is_it = |found: &&Found<'_>| {
            sha256.is_none_or(|sha256| sha256.as_str() == found.archive.sha256)
                && id.is_none_or(|id| id.hex() == found.image.id)
        };
        // What is pinned decides among several; of a single one, whoever loads it says what it is instead.
        let pinned: Vec<&Found<'_>> = fitting.iter().filter(is_it).collect();
        let several = if pinned.is_empty() { fitting.iter().collect() } else { pinned };
        let Some(first) = several.first() else { return Err(self.nothing(&reference)) };
        if several.iter().any(|other| other.image.id != first.image.id) {
            return Err(ambiguous(&reference, &several));
        }
        let Found { name, file, archive, image } = first;
        Ok(Found { name, file, archive, image })
    }

    fn nothing(&self, reference: &str) -> NotFound {
        let mut there: Vec<String> = self.entries.iter().flat_map(Entry::told).collect();
        if there.len() > TOLD {
            let more = there.len() - TOLD;
            there.truncate(TOLD);
            there.push(format!("{more} more"));
        }
        let there = if there.is_empty() { "there is no image archive at all".to_owned() } else { there.join("; ") };
        NotFound {
            reason: format!("none of its archives has the image `{reference}`: {there}"),
            cure: "copy the archive into the folder itself, or name an image that is there with `reference`".to_owned(),
        }
    }
}

fn ambiguous(reference: &str, several: &[&Found<'_>]) -> NotFound {
    let short = |id: &str| id.chars().take(12).collect::<String>();
    let told: Vec<_> = several.iter().map(|found| format!("{} (ID {})", found.name, short(&found.image.id))).collect();
    NotFound {
        reason: format!("its archives have different images `{reference}`: {}", told.join(", ")),
        cure: "add the `id` of the right image or the `sha256` of its archive, or remove the other one".to_owned(),
    }
}

impl Entry {
    fn with(&self, reference: &str) -> Option<Found<'_>> {
        let (Ok(file), Ok(archive)) = (&self.file, self.looked().as_ref()?) else { return None };
        let image = archive::choose(archive, Some(reference)).ok()?;
        Some(Found { name: &self.name, file, archive, image })
    }

    /// What is known of it; `None` for a file that is no image archive.
    fn looked(&self) -> Option<&Result<Archive, String>> {
        let look = || {
            let file = self.file.as_ref().map_err(ToString::to_string)?;
            let mut file: MutexGuard<'_, File> = file.lock().unwrap_or_else(PoisonError::into_inner);
            match archive::look(&mut *file, &Limits::default(), &|| false) {
                Ok(archive) => Ok(archive),
                Err(
                    ArchiveProblem::NotAnArchive | ArchiveProblem::UnknownFormat { found: _ } | ArchiveProblem::NoImage,
                ) => Err(String::new()),
                Err(problem) => Err(problem.to_string()),
            }
        };
        let looked = self.looked.get_or_init(look);
        Some(looked).filter(|looked| !matches!(looked, Err(problem) if problem.is_empty()))
    }

    /// What it holds, for people.
    fn told(&self) -> Vec<String> {
        match self.looked() {
            None => Vec::new(),
            Some(Err(problem)) => vec![format!("{}: {problem}", self.name.escape_debug())],
            Some(Ok(archive)) => {
                let names = |image: &ArchivedImage| match image.references.as_slice() {
                    [] => format!("an image without a name (ID {})", image.id),
                    names => names.iter().map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", "),
                };
                let images: Vec<_> = archive.images.iter().map(names).collect();
                vec![format!("{} has {}", self.name.escape_debug(), images.join(", "))]
            }
        }
    }
}
