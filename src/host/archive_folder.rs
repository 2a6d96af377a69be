//! A folder of image archives, such as a USB stick: which of them has an image. Reads the files that were opened with it.

use crate::host::archive::{self, Archive, ArchiveProblem, ArchivedImage, Limits};
use crate::host::files::OpenedFolder;
use crate::plan::values::{ImageId, ImageReference, Sha256};
use std::fs::File;
use std::sync::{Mutex, OnceLock};

/// The most archives of a folder: each stays open, so that the one that was found is the one that is used.
const MOST: usize = 100;

/// The most that is told of what a folder holds instead.
const TOLD: usize = 12;

/// A folder of archives. Each is read once, when the first image is looked for.
#[derive(Debug)]
pub struct ArchiveFolder {
    folder: OpenedFolder,
    entries: OnceLock<Result<Vec<Entry>, NotFound>>,
}

/// An archive, or what should be one.
#[derive(Debug)]
struct Entry {
    name: String,
    looked: Result<(Mutex<File>, Archive), String>,
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
    /// A folder that was opened.
    pub fn of(folder: OpenedFolder) -> Self {
        Self { folder, entries: OnceLock::new() }
    }

    /// Reads every archive of the folder, unless that was done; `cancel` is asked again and again, and ends it by saying `true`.
    pub fn search(&self, cancel: &dyn Fn() -> bool) {
        self.entries.get_or_init(|| self.searched(cancel));
    }

    fn searched(&self, cancel: &dyn Fn() -> bool) -> Result<Vec<Entry>, NotFound> {
        let mut entries = Vec::new();
        for (name, file) in self.folder.files() {
            let looked = match file.map(|mut file| (archive::look(&mut file, &Limits::default(), cancel), file)) {
                Ok((Ok(archive), file)) => Ok((Mutex::new(file), archive)),
                Ok((Err(ArchiveProblem::Interrupted), _)) => {
                    return Err(NotFound::new("looking for it was interrupted", "run the command again"));
                }
                Ok((
                    Err(
                        ArchiveProblem::NotAnArchive
                        | ArchiveProblem::UnknownFormat { found: _ }
                        | ArchiveProblem::NoImage,
                    ),
                    _,
                )) => continue,
                Ok((Err(problem), _)) => Err(problem.to_string()),
                Err(problem) => Err(problem.to_string()),
            };
            tracing::debug!(name = %name.display(), usable = looked.is_ok(), "looked at an archive of the folder");
            entries.push(Entry { name: name.to_string_lossy().into_owned(), looked });
            if entries.len() > MOST {
                return Err(NotFound::new(&format!("it holds more than {MOST} archives"), "name the archive itself"));
            }
        }
        Ok(entries)
    }

    /// The archive whose image has the name that is meant. Where several archives have different images of that name, the
    /// SHA-256 and the ID decide.
    ///
    /// # Errors
    /// None has it, or several have.
    pub fn find(&self, meant: Meant<'_>) -> Result<Found<'_>, NotFound> {
        let Meant { sha256, reference, id } = meant;
        let Some(reference) = reference.map(ToString::to_string) else {
            let reason = "nothing says which image of the folder is meant";
            return Err(NotFound::new(reason, "add `reference`: the image's name in its archive"));
        };
        self.search(&|| false);
        let entries = match self.entries.get() {
            Some(Ok(entries)) => entries.as_slice(),
            Some(Err(problem)) => return Err(problem.clone()),
            None => &[],
        };
        let fitting: Vec<Found<'_>> = entries.iter().filter_map(|entry| entry.with(&reference)).collect();
        let is_it = |found: &&Found<'_>| {
            sha256.is_none_or(|sha256| sha256.as_str() == found.archive.sha256)
                && id.is_none_or(|id| id.hex() == found.image.id)
        };
        // What is pinned decides among several; of a single one, whoever loads it says what it is instead.
        let pinned: Vec<&Found<'_>> = fitting.iter().filter(is_it).collect();
        let several = if pinned.is_empty() { fitting.iter().collect() } else { pinned };
        let Some(first) = several.first() else { return Err(nothing(entries, &reference)) };
        if several.iter().any(|other| other.image.id != first.image.id) {
            return Err(ambiguous(&reference, &several));
        }
        let Found { name, file, archive, image } = first;
        Ok(Found { name, file, archive, image })
    }
}

impl NotFound {
    fn new(reason: &str, cure: &str) -> Self {
        Self { reason: reason.to_owned(), cure: cure.to_owned() }
    }
}

fn nothing(entries: &[Entry], reference: &str) -> NotFound {
    let mut there: Vec<String> = entries.iter().map(Entry::told).collect();
    if there.len() > TOLD {
        let more = there.len() - TOLD;
        there.truncate(TOLD);
        there.push(format!("{more} more"));
    }
    let there = if there.is_empty() { "there is no image archive at all".to_owned() } else { there.join("; ") };
    NotFound::new(
        &format!("none of its archives has the image `{reference}`: {there}"),
        "copy the archive into the folder itself, or name an image that is there with `reference`",
    )
}

fn ambiguous(reference: &str, several: &[&Found<'_>]) -> NotFound {
    let short = |id: &str| id.chars().take(12).collect::<String>();
    let told: Vec<_> = several.iter().map(|found| format!("{} (ID {})", found.name, short(&found.image.id))).collect();
    NotFound::new(
        &format!("its archives have different images `{reference}`: {}", told.join(", ")),
        "add the `id` of the right image or the `sha256` of its archive, or remove the other one",
    )
}

impl Entry {
    fn with(&self, reference: &str) -> Option<Found<'_>> {
        let (file, archive) = self.looked.as_ref().ok()?;
        let image = archive::choose(archive, Some(reference)).ok()?;
        Some(Found { name: &self.name, file, archive, image })
    }

    /// What it holds, for people.
    fn told(&self) -> String {
        let name = self.name.escape_debug();
        match &self.looked {
            Err(problem) => format!("{name}: {problem}"),
            Ok((_, archive)) => {
                let names = |image: &ArchivedImage| match image.references.as_slice() {
                    [] => format!("an image without a name (ID {})", image.id),
                    names => names.iter().map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", "),
                };
                format!("{name} has {}", archive.images.iter().map(names).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ArchiveFolder, Meant, NotFound};
    use crate::host::files::open_folder;
    use crate::plan::values::ImageReference;
    use pretty_assertions::assert_eq;
    use std::fs;
    use std::path::Path;

    fn not_found(folder: &Path, cancel: &dyn Fn() -> bool) -> NotFound {
        let reference = ImageReference::parse("registry.example/a:1").unwrap();
        let folder = ArchiveFolder::of(open_folder(folder, None).unwrap());
        folder.search(cancel);
        folder.find(Meant { reference: Some(&reference), ..Meant::default() }).unwrap_err()
    }

    #[test]
    fn what_is_no_archive_is_passed_over_and_what_is_broken_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("README.txt"), "no archive\n").unwrap();
        let none = "none of its archives has the image `registry.example/a:1`:";
        assert_eq!(not_found(folder.path(), &|| false).reason, format!("{none} there is no image archive at all"));
        fs::write(folder.path().join("cut.tar.gz"), b"\x1f\x8b\x08\x00").unwrap();
        let cut = "cut.tar.gz: the archive is cut short: it ends inside the list of its members";
        assert_eq!(not_found(folder.path(), &|| false).reason, format!("{none} {cut}"));
    }

    #[test]
    fn a_search_ends_where_there_are_too_many_or_where_it_is_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..101 {
            fs::write(folder.path().join(format!("{number}.gz")), b"\x1f\x8b\x08\x00").unwrap();
        }
        assert_eq!(not_found(folder.path(), &|| false).reason, "it holds more than 100 archives");
        assert_eq!(not_found(folder.path(), &|| true).reason, "looking for it was interrupted");
    }
}
