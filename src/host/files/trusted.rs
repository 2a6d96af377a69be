//! Opens what root is about to believe, after making sure that no stranger can change it. Reads only.

use super::descriptor::{self, Kind};
use super::{FileProblem, Stranger, groups};
use crate::few::InOrder;
use nix::errno::Errno;
use nix::fcntl::readlinkat;
use nix::sys::stat::{FileStat, fstat};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

const MOST_LINKS: usize = 40;
pub(super) const STICKY: u32 = 0o1000;

/// A regular file, open for reading, that only the trusted can write.
#[derive(Debug)]
pub struct TrustedFile {
    /// The file, at its beginning. Read this; opening the path again could find another one.
    pub file: File,
    /// The path as given.
    pub path: PathBuf,
    /// Where it really lies, every symbolic link followed.
    pub leads_to: PathBuf,
    /// Its size when it was opened, in bytes.
    pub size: u64,
}

impl TrustedFile {
    /// All of it, at most `limit` bytes.
    ///
    /// # Errors
    /// `TooLarge`, or the system's refusal.
    pub fn read(&mut self, limit: u64) -> Result<Vec<u8>, FileProblem> {
        read_bounded(&mut self.file, &self.path, limit)
    }
}

pub(super) fn read_bounded(file: &mut File, path: &Path, limit: u64) -> Result<Vec<u8>, FileProblem> {
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let length = read.map_err(|error| FileProblem::io(path, "read", &error))?;
    if length as u64 > limit { Err(FileProblem::TooLarge { path: path.to_path_buf(), limit }) } else { Ok(bytes) }
}

/// Who may write what root believes: root, the user that we run as, and the user who called sudo.
pub fn trusted_owners() -> Vec<u32> {
    let mut owners = vec![0];
    let caller = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    owners.extend(caller.into_iter().chain([nix::unistd::geteuid().as_raw()]).filter(|uid| *uid != 0));
    owners.put_in_order();
    owners.dedup();
    owners
}

/// Opens a regular file that, like every folder and link on the way to it, nobody but `owners` can change.
///
/// A group that consists of one of `owners` alone, as many systems give to each user, may write as well.
/// Below a folder that everyone may write but where only owners may rename (such as `/tmp`), what belongs to `owners` is
/// accepted. Symbolic links are followed, each judged as well.
///
/// # Errors
/// Which component, who could write it, and the command that cures it; or what it is instead of a regular file.
pub fn open_trusted(path: &Path, owners: &[u32]) -> Result<TrustedFile, FileProblem> {
    let (file, stat, leads_to) = open(path, owners, true)?;
    let size = u64::try_from(stat.st_size).unwrap_or_default();
    Ok(TrustedFile { file, path: path.to_path_buf(), leads_to, size })
}

/// The same for a file of secrets: besides, it is no symbolic link, and only its owner can read it.
///
/// # Errors
/// As [`open_trusted`], and `ReadableByOthers`.
pub fn open_secret(path: &Path, owners: &[u32]) -> Result<TrustedFile, FileProblem> {
    let (file, stat, leads_to) = open(path, owners, false)?;
    let mode = stat.st_mode & 0o7777;
    if mode & 0o077 != 0 {
        return Err(FileProblem::ReadableByOthers { path: path.to_path_buf(), mode });
    }
    let size = u64::try_from(stat.st_size).unwrap_or_default();
    Ok(TrustedFile { file, path: path.to_path_buf(), leads_to, size })
}

/// Opens a regular file that nothing will be done with but looking at it, whoever can write it.
///
/// # Errors
/// `Missing`, `NotARegularFile`, or the system's refusal.
pub fn open_untrusted(path: &Path) -> Result<TrustedFile, FileProblem> {
    let refused = |error: std::io::Error| FileProblem::io(path, "opened", &error);
    let found = std::fs::metadata(path).map_err(refused)?;
    if !found.is_file() {
        let kind = if found.is_dir() { "a folder" } else { "something else" };
        return Err(FileProblem::NotARegularFile { path: path.to_path_buf(), kind });
    }
    let file = File::open(path).map_err(refused)?;
    let leads_to = where_it_leads(path);
    Ok(TrustedFile { file, path: path.to_path_buf(), leads_to, size: found.len() })
}

/// Makes sure that a folder, like everything on the way to it, can be changed by nobody but `owners`.
///
/// # Errors
/// As [`open_trusted`], with a folder expected.
pub fn check_trusted_directory(path: &Path, owners: &[u32]) -> Result<(), FileProblem> {
    open_trusted_directory(path, owners).map(drop)
}

/// Where a path leads, every symbolic link followed, as far as it exists; for judging only, since it can change at once.
pub fn where_it_leads(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut missing = Vec::new();
    for there in absolute.ancestors() {
        if let Ok(found) = std::fs::canonicalize(there) {
            return missing.into_iter().rev().fold(found, |path: PathBuf, name: Component<'_>| match name {
                Component::ParentDir => path.parent().map(Path::to_path_buf).unwrap_or(path),
                Component::Normal(_) | Component::CurDir | Component::RootDir | Component::Prefix(_) => path.join(name),
            });
        }
        missing.extend(there.components().next_back());
    }
    absolute
}

/// Opens a folder in the same way as a trusted file, for copying a tree from it; and where it really lies.
pub(super) fn open_trusted_directory(path: &Path, owners: &[u32]) -> Result<(OwnedFd, PathBuf), FileProblem> {
    let place = Walk::new(owners)?.to(path, true)?;
    match place {
        Place::Directory { directory, full } => descriptor::open_directory(&directory, OsStr::new("."))
            .map(|directory| (directory, full))
            .map_err(|errno| FileProblem::system(path, "opened", errno)),
        Place::Entry { kind, parent: _, name: _, full: _, shared: _ } => {
            Err(FileProblem::NotADirectory { path: path.to_path_buf(), kind: kind.words() })
        }
    }
}

fn open(path: &Path, owners: &[u32], follow: bool) -> Result<(File, FileStat, PathBuf), FileProblem> {
    match Walk::new(owners)?.to(path, follow)? {
        Place::Directory { directory: _, full: _ } => {
            Err(FileProblem::NotARegularFile { path: path.to_path_buf(), kind: Kind::Directory.words() })
        }
        Place::Entry { parent, name, full, kind, shared } => {
            if kind != Kind::Regular {
                return Err(FileProblem::NotARegularFile { path: full, kind: kind.words() });
            }
            let refused = |errno| FileProblem::system(&full, "opened", errno);
            let file = descriptor::open_file(&parent, &name).map_err(refused)?;
            let stat = fstat(&file).map_err(refused)?;
            if Kind::of(&stat) != Kind::Regular {
                return Err(FileProblem::NotARegularFile { path: full, kind: Kind::of(&stat).words() });
            }
            judge(&stat, &full, owners)?;
            if shared && stat.st_nlink > 1 {
                return Err(FileProblem::SecondName { path: full });
            }
            Ok((File::from(file), stat, full))
        }
    }
}

/// Whether nobody but `owners` can change this.
pub(super) fn judge(stat: &FileStat, path: &Path, owners: &[u32]) -> Result<(), FileProblem> {
    let kind = Kind::of(stat);
    let shared_but_sticky = kind == Kind::Directory && stat.st_mode & STICKY != 0;
    let by_mode = kind != Kind::Link && !shared_but_sticky;
    let who = if !owners.contains(&stat.st_uid) {
        Stranger::Owner(stat.st_uid)
    } else if by_mode && stat.st_mode & 0o002 != 0 {
        Stranger::Everyone
    } else if by_mode && stat.st_mode & 0o020 != 0 && !groups::is_private(stat.st_gid, owners) {
        Stranger::Group(stat.st_gid)
    } else {
        return Ok(());
    };
    Err(FileProblem::WritableByStrangers { path: path.to_path_buf(), who })
}

/// Where a path leads.
enum Place {
    Directory {
        directory: OwnedFd,
        full: PathBuf,
    },
    /// `shared`: others may put entries into the folder.
    Entry {
        parent: OwnedFd,
        name: OsString,
        full: PathBuf,
        kind: Kind,
        shared: bool,
    },
}

/// A folder on the way.
struct Step {
    directory: OwnedFd,
    path: PathBuf,
    shared: bool,
}

struct Walk<'a> {
    owners: &'a [u32],
    root: Step,
    below: Vec<Step>,
    pending: VecDeque<OsString>,
    links: usize,
}

impl<'a> Walk<'a> {
    fn new(owners: &'a [u32]) -> Result<Self, FileProblem> {
        let root = Step { directory: descriptor::root()?, path: PathBuf::from("/"), shared: false };
        Ok(Self { owners, root, below: Vec::new(), pending: VecDeque::new(), links: 0 })
    }

    fn to(mut self, path: &Path, follow: bool) -> Result<Place, FileProblem> {
        let absolute = std::path::absolute(path).map_err(|error| FileProblem::io(path, "found", &error))?;
        let root = fstat(&self.root.directory).map_err(|errno| FileProblem::system(Path::new("/"), "opened", errno))?;
        judge(&root, Path::new("/"), self.owners)?;
        self.push_front(&absolute);
        while let Some(name) = self.pending.pop_front() {
            if name == ".." {
                self.below.pop();
            } else if let Some(place) = self.step(name, path, follow)? {
                return Ok(place);
            }
        }
        let last = self.below.pop().unwrap_or(self.root);
        Ok(Place::Directory { directory: last.directory, full: last.path })
    }

    fn push_front(&mut self, path: &Path) {
        if path.is_absolute() {
            self.below.clear();
        }
        for component in path.components().rev() {
            match component {
                Component::Normal(name) => self.pending.push_front(name.to_os_string()),
                Component::ParentDir => self.pending.push_front(OsString::from("..")),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
    }

    fn here(&self) -> &Step {
        self.below.last().unwrap_or(&self.root)
    }

    fn step(&mut self, name: OsString, asked: &Path, follow: bool) -> Result<Option<Place>, FileProblem> {
        let here = self.here();
        let full = here.path.join(&name);
        let refused = |errno| FileProblem::system(&full, "opened", errno);
        let stat = descriptor::look(&here.directory, &name).map_err(refused)?;
        let last = self.pending.is_empty();
        match Kind::of(&stat) {
            Kind::Link if last && !follow => Err(FileProblem::SymbolicLink { path: full }),
            Kind::Link => {
                judge(&stat, &full, self.owners)?;
                let target = readlinkat(&here.directory, name.as_os_str()).map_err(refused)?;
                self.links += 1;
                if self.links > MOST_LINKS {
                    return Err(FileProblem::TooManyLinks { path: asked.to_path_buf() });
                }
                self.push_front(Path::new(&target));
                Ok(None)
            }
            Kind::Directory => {
                let directory = descriptor::enter(&here.directory, &name).map_err(refused)?;
                let stat = fstat(&directory).map_err(refused)?;
                judge(&stat, &full, self.owners)?;
                self.below.push(Step { directory, path: full, shared: stat.st_mode & 0o022 != 0 });
                Ok(None)
            }
            kind @ (Kind::Regular | Kind::Other(_)) if last => {
                let shared = here.shared;
                let parent = here.directory.try_clone().map_err(|error| FileProblem::io(&full, "opened", &error))?;
                Ok(Some(Place::Entry { parent, name, full, kind, shared }))
            }
            Kind::Regular | Kind::Other(_) => Err(refused(Errno::ENOTDIR)),
        }
    }
}
