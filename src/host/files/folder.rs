//! The files of one folder, each opened once. Reads only; follows no link inside the folder, and enters no folder in it.

use super::descriptor::{self, Kind, as_os_str};
use super::trusted::{judge, open_trusted_directory};
use super::{FileProblem, where_it_leads};
use nix::sys::stat::fstat;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The most files that are opened of one folder.
const MOST: usize = 512;

/// A folder, and what is in it.
#[derive(Debug)]
pub struct OpenedFolder {
    /// Where it really lies, every symbolic link followed.
    pub leads_to: PathBuf,
    /// Its regular files, by name; a symbolic link, or what strangers can change, with the reason why it is not opened.
    pub files: Vec<(OsString, Result<File, FileProblem>)>,
}

/// Opens every regular file of a folder that, if `owners` are given, nobody but they can change.
///
/// # Errors
/// As [`check_trusted_directory`](super::check_trusted_directory); a folder of more than 512 files, or the system's refusal.
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
    let mut files = Vec::new();
    for name in descriptor::names(listing).map_err(refused)? {
        let name = as_os_str(&name);
        if let Some(opened) = open_in(&folder, name, &path.join(name), owners) {
            files.push((name.to_owned(), opened));
        }
        if files.len() > MOST {
            let reason = format!("it holds more than {MOST} files");
            return Err(FileProblem::System { path: path.to_path_buf(), action: "searched", reason });
        }
    }
    Ok(OpenedFolder { leads_to, files })
}

/// A file of the folder; `None` for what is no file.
fn open_in(folder: &OwnedFd, name: &OsStr, path: &Path, owners: Option<&[u32]>) -> Option<Result<File, FileProblem>> {
    let refused = |errno| FileProblem::system(path, "opened", errno);
    match descriptor::look(folder, name).map(|stat| Kind::of(&stat)) {
        Ok(Kind::Regular) => {}
        Ok(Kind::Link) => return Some(Err(FileProblem::SymbolicLink { path: path.to_path_buf() })),
        Ok(Kind::Directory | Kind::Other(_)) => return None,
        Err(errno) => return Some(Err(refused(errno))),
    }
    let opened = || {
        let file = descriptor::open_file(folder, name).map_err(refused)?;
        let stat = fstat(&file).map_err(refused)?;
        match (Kind::of(&stat), owners) {
            (Kind::Regular, Some(owners)) => judge(&stat, path, owners)?,
            (Kind::Regular, None) => {}
            (kind @ (Kind::Directory | Kind::Link | Kind::Other(_)), _) => {
                return Err(FileProblem::NotARegularFile { path: path.to_path_buf(), kind: kind.words() });
            }
        }
        Ok(File::from(file))
    };
    Some(opened())
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
            assert_eq!(opened.leads_to, path);
            let told = |problem: String| problem.replace(&format!("{}/", path.display()), "");
            let files = opened.files.into_iter();
            let files = files.map(|(name, file)| (name, file.map(drop).map_err(|problem| told(problem.to_string()))));
            files.map(|(name, file)| (name.into_string().unwrap(), file)).collect::<Vec<_>>()
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
