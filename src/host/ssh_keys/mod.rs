//! Keys and known hosts in root's `.ssh` folder: puts in what a plan asks for, takes out only what was put in.

mod known_hosts;
#[cfg(test)]
mod tests;

pub use known_hosts::KnownHostsAddition;

use super::files::{FileProblem, read_if_there, remove_if_there, sync_directory, unfinished, write_atomically};
use sha2::{Digest, Sha256};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

/// root's `.ssh` folder, which may not be there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshFolder(PathBuf);

/// What is in the place of a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyLook {
    /// Nothing.
    Missing,
    /// A regular file.
    Present {
        /// The SHA-256 of its content, in lower-case hexadecimal.
        sha256: String,
        /// Its permission bits, such as 0o600.
        mode: u32,
    },
    /// A link, a folder or something else.
    NotAFile,
}

/// What became of a key that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRemoval {
    /// It was ours, and is gone.
    Removed,
    /// It was not there.
    Missing,
    /// It is not the one that was put there, so it stays.
    Different,
}

impl SshFolder {
    /// `/root/.ssh`.
    pub fn of_root() -> Self {
        Self(PathBuf::from("/root/.ssh"))
    }

    /// Looks at the key called `name`.
    ///
    /// # Errors
    /// The system's refusal, or a name that leads out of the folder.
    pub fn look_at_key(&self, name: &str) -> Result<KeyLook, FileProblem> {
        let path = self.entry(name)?;
        let found = match std::fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(KeyLook::Missing),
            Err(error) => return Err(FileProblem::io(&path, "opened", &error)),
        };
        if !found.is_file() {
            return Ok(KeyLook::NotAFile);
        }
        Ok(read_if_there(&path)?.map_or(KeyLook::Missing, |content| KeyLook::Present {
            sha256: sha256(&content),
            mode: found.mode() & 0o7777,
        }))
    }

    /// What the key called `name` holds; nothing where there is no such file.
    ///
    /// # Errors
    /// The system's refusal, or a name that leads out of the folder.
    pub fn read_key(&self, name: &str) -> Result<Option<Vec<u8>>, FileProblem> {
        match self.look_at_key(name)? {
            KeyLook::Present { sha256: _, mode: _ } => read_if_there(&self.entry(name)?),
            KeyLook::Missing | KeyLook::NotAFile => Ok(None),
        }
    }

    /// Writes a private key (0600), in place of the one of that name if there is one, and creates the folder (0700) if it
    /// is missing. Whether a key may be replaced is the caller's to decide.
    ///
    /// # Errors
    /// The system's refusal, a folder that is none, or a name that leads out of it.
    pub fn install_key(&self, name: &str, content: &[u8]) -> Result<(), FileProblem> {
        let path = self.entry(name)?;
        self.create()?;
        write_atomically(&path, content, 0o600)
    }

    /// Removes the key called `name` if its content has this SHA-256 (lower-case hexadecimal), and what an interrupted attempt to
    /// install it left.
    ///
    /// # Errors
    /// The system's refusal, or a name that leads out of the folder.
    pub fn remove_key(&self, name: &str, installed_sha256: &str) -> Result<KeyRemoval, FileProblem> {
        remove_if_there(&unfinished(&self.entry(name)?))?;
        match self.look_at_key(name)? {
            KeyLook::Missing => Ok(KeyRemoval::Missing),
            KeyLook::Present { sha256, mode: _ } if sha256 == installed_sha256 => {
                remove_if_there(&self.entry(name)?)?;
                Ok(KeyRemoval::Removed)
            }
            KeyLook::Present { sha256: _, mode: _ } | KeyLook::NotAFile => Ok(KeyRemoval::Different),
        }
    }

    /// What adding `lines` to `known_hosts` would change: the record that the removal needs, to be kept before adding.
    ///
    /// # Errors
    /// The system's refusal, or a link in the place of the file.
    pub fn plan_known_hosts(&self, lines: &[String]) -> Result<KnownHostsAddition, FileProblem> {
        Ok(known_hosts::addition(self.known_hosts()?.as_deref(), lines))
    }

    /// Adds the lines of `addition` that are not there (any more), each once; the other bytes stay.
    ///
    /// # Errors
    /// The system's refusal, a folder that is none, or a link in the place of the file.
    pub fn add_known_hosts(&self, addition: &KnownHostsAddition) -> Result<(), FileProblem> {
        let now = self.known_hosts()?;
        match known_hosts::add(now.as_deref(), addition) {
            Some(bytes) => {
                self.create()?;
                self.write_known_hosts(&bytes)
            }
            None => Ok(()),
        }
    }

    /// Removes the lines of `addition`, and what an interrupted attempt to add or remove them left; the other bytes stay. A file that was
    /// created for them and is empty now goes.
    ///
    /// # Errors
    /// The system's refusal, or a link in the place of the file.
    pub fn remove_known_hosts(&self, addition: &KnownHostsAddition) -> Result<(), FileProblem> {
        remove_if_there(&unfinished(&self.0.join("known_hosts")))?;
        let Some(now) = self.known_hosts()? else { return Ok(()) };
        match known_hosts::remove(&now, addition) {
            Some(bytes) if bytes == now => Ok(()),
            Some(bytes) => self.write_known_hosts(&bytes),
            None => remove_if_there(&self.0.join("known_hosts")).map(|_| ()),
        }
    }

    fn known_hosts(&self) -> Result<Option<Vec<u8>>, FileProblem> {
        let path = self.0.join("known_hosts");
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => Err(FileProblem::SymbolicLink { path }),
            Ok(_) => read_if_there(&path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileProblem::io(&path, "opened", &error)),
        }
    }

    fn write_known_hosts(&self, bytes: &[u8]) -> Result<(), FileProblem> {
        let path = self.0.join("known_hosts");
        let mode = std::fs::symlink_metadata(&path).map_or(0o600, |found| found.mode() & 0o7777);
        write_atomically(&path, bytes, mode)
    }

    fn create(&self) -> Result<(), FileProblem> {
        match DirBuilder::new().mode(0o700).create(&self.0) {
            Ok(()) => self.0.parent().map_or(Ok(()), sync_directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.0.is_dir() => Ok(()),
            Err(error) => Err(FileProblem::io(&self.0, "created", &error)),
        }
    }

    fn entry(&self, name: &str) -> Result<PathBuf, FileProblem> {
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(only)), None) => Ok(self.0.join(only)),
            (_, _) => Err(FileProblem::System {
                path: PathBuf::from(name),
                action: "used as a key's name",
                reason: "it is no plain file name".to_owned(),
            }),
        }
    }
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
