//! The files of one folder. Reads only; follows no link inside the folder, and enters no folder in it.

use super::descriptor::{self, Kind, as_os_str};
use super::trusted::{judge, open_trusted_directory};
use super::{FileProblem, where_it_leads};
use nix::sys::stat::fstat;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// A folder, and what it was found to hold.
#[derive(Debug)]
pub struct OpenedFolder {
    folder: OwnedFd,
    path: PathBuf,
    owners: Option<Vec<u32>>,
    names: Vec<OsString>,
    leads_to: PathBuf,
}

/// Opens a folder that, if `owners` are given, nobody but they can change.
///
/// # Errors
/// As [`check_trusted_directory`](super::check_trusted_directory), or the system's refusal.
pub fn open_folder(path: &Path, owners: Option<&[u32]>) -> Result<OpenedFolder, FileProblem> {
    let (folder, leads_to) = match owners {
        Some(owners) => open_trusted_directory(path, owners)?,
        None => {
            let folder = File::open(path).map_err(|error| FileProblem::io(path, "opened", &error))?;
            (OwnedFd::from(folder), where_it_leads(path))
        }
    };
    let refused = |errno| FileProblem::system(path, "read", errno);
    let listing = descriptor::open_directory(&folder, OsStr::new(".")).map_err(refused)?;
    let names = descriptor::names(listing).map_err(refused)?;
    let names = names.iter().map(|name| as_os_str(name).to_owned()).collect();
    Ok(OpenedFolder { folder, path: path.to_owned(), owners: owners.map(<[u32]>::to_vec), names, leads_to })
}

impl OpenedFolder {
    /// Where it really lies, every symbolic link followed.
    pub fn leads_to(&self) -> &Path {
        &self.leads_to
    }

    /// Its regular files by name, opened one after the other; a symbolic link, and what others than the owners can change, is told
    /// as such. Everything else in it is left out.
    pub fn files(&self) -> impl Iterator<Item = (&OsStr, Result<File, FileProblem>)> {
        self.names.iter().filter_map(|name| Some((name.as_os_str(), self.open(name)?)))
    }

    fn open(&self, name: &OsStr) -> Option<Result<File, FileProblem>> {
        let path = &self.path.join(name);
        let refused = |errno| FileProblem::system(path, "opened", errno);
        match descriptor::look(&self.folder, name).map(|stat| Kind::of(&stat)) {
            Ok(Kind::Regular) => {}
            Ok(Kind::Link) => return Some(Err(FileProblem::SymbolicLink { path: path.clone() })),
            Ok(Kind::Directory | Kind::Other(_)) => return None,
            Err(errno) => return Some(Err(refused(errno))),
        }
        let opened = || {
            let file = descriptor::open_file(&self.folder, name).map_err(refused)?;
            let stat = fstat(&file).map_err(refused)?;
            match (Kind::of(&stat), &self.owners) {
                (Kind::Regular, Some(owners)) => judge(&stat, path, owners)?,
                (Kind::Regular, None) => {}
                (kind @ (Kind::Directory | Kind::Link | Kind::Other(_)), _) => {
                    return Err(FileProblem::NotARegularFile { path: path.clone(), kind: kind.words() });
                }
            }
            Ok(File::from(file))
        };
        Some(opened())
    }
}

#[cfg(test)]
mod tests {
    use super::open_folder;
    use crate::host::files::trusted_owners;
    use pretty_assertions::assert_eq;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn the_files_of_a_folder_are_opened_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        for name in ["b.tar", "a.tar", "shared.tar"] {
            fs::write(path.join(name), "").unwrap();
        }
        fs::create_dir(path.join("below")).unwrap();
        fs::write(path.join("below/c.tar"), "").unwrap();
        symlink("below/c.tar", path.join("link.tar")).unwrap();
        nix::unistd::mkfifo(&path.join("pipe.tar"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        fs::set_permissions(path.join("shared.tar"), Permissions::from_mode(0o666)).unwrap();
        let opened = |owners: Option<&[u32]>| {
            let opened = open_folder(&path, owners).unwrap();
            assert_eq!(opened.leads_to(), path);
            let told = |problem: String| problem.replace(&format!("{}/", path.display()), "");
            let result =
                |file: Result<_, super::FileProblem>| file.map(drop).map_err(|problem| told(problem.to_string()));
            let files = opened.files().map(|(name, file)| (name.to_str().unwrap().to_owned(), result(file)));
            files.collect::<Vec<_>>()
        };
        let link =
            Err("`link.tar` is a symbolic link, and it is not followed: put what it points to in its place".into());
        let shared = "`shared.tar` can be written by everyone, who could so become root: `chmod go-w shared.tar`";
        let files = |shared| [("a.tar", Ok(())), ("b.tar", Ok(())), ("link.tar", link.clone()), ("shared.tar", shared)];
        let named = |files: [(&str, Result<(), String>); 4]| files.map(|(name, file)| (name.to_owned(), file)).to_vec();
        assert_eq!(opened(None), named(files(Ok(()))));
        assert_eq!(opened(Some(&trusted_owners())), named(files(Err(shared.to_owned()))));
    }

    #[test]
    fn a_folder_that_strangers_can_write_to_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let path = folder.path().canonicalize().unwrap();
        let refused = open_folder(&path, Some(&trusted_owners())).unwrap_err();
        let shown = path.display();
        let expected = format!("`{shown}` can be written by everyone, who could so become root: `chmod go-w {shown}`");
        assert_eq!(refused.to_string(), expected);
    }
}
