//! Private keys and `known_hosts` lines in `/root/.ssh`, and the record of which are ours.

use super::Node;
use super::state::{read_record, write_record};
use crate::host::files;
use crate::host::ssh_keys::{KeyLook, KnownHostsAddition, SshFolder};
use crate::operation::Layout;
use crate::plan::values::KeyFileName;
use crate::run::Failure;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// Which keys and lines are ours, so that exactly those are replaced and removed. Written before they are installed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstalledKeys {
    /// The SHA-256 of every key that we installed or are about to, by file name. After a rotation was interrupted, the old
    /// and the new one.
    pub keys: BTreeMap<KeyFileName, Vec<String>>,
    /// What we added to `known_hosts`, oldest first.
    pub known_hosts: Vec<KnownHostsAddition>,
}

impl InstalledKeys {
    /// Reads the record; empty where there is none.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn read(layout: &Layout) -> Result<Self, Failure> {
        let record = read_record(&layout.keys()).map_err(|failure| {
            Failure::new(format!(
                "{}. Put the file back from a backup, or remove it and take the plan's keys out of /root/.ssh yourself",
                failure.message
            ))
        })?;
        Ok(record.unwrap_or_default())
    }

    fn write(&self, layout: &Layout) -> Result<(), Failure> {
        write_record(&layout.keys(), self)
    }
}

/// What a key file holds: the secret, with the newline that OpenSSH wants at its end.
pub fn key_content(secret: &SecretString) -> Vec<u8> {
    let mut key = secret.expose_secret().as_bytes().to_vec();
    if key.last() != Some(&b'\n') {
        key.push(b'\n');
    }
    key
}

/// The SHA-256 of a key, in lower-case hexadecimal.
pub fn key_sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

impl Node {
    pub(super) fn install_key(
        &self,
        file: &KeyFileName,
        content: &[u8],
        known_hosts: &[String],
    ) -> Result<(), Failure> {
        // Keys are installed side by side, and all of them are in one record and one `known_hosts`.
        let _one_at_a_time = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = SshFolder::of_root();
        let mut installed = InstalledKeys::read(&self.layout)?;
        let wanted = key_sha256(content);
        match folder.look_at_key(file.as_str()).map_err(failure)? {
            KeyLook::Present { sha256, mode: _ } if sha256 == wanted => {}
            KeyLook::Missing => self.put_key(&folder, &mut installed, file, content)?,
            KeyLook::Present { sha256, mode: _ }
                if installed.keys.get(file).is_some_and(|ours| ours.contains(&sha256)) =>
            {
                self.put_key(&folder, &mut installed, file, content)?;
            }
            KeyLook::Present { sha256: _, mode: _ } | KeyLook::NotAFile => {
                return Err(Failure::new(format!("/root/.ssh/{file} is there and not ours")));
            }
        }
        let addition = folder.plan_known_hosts(known_hosts).map_err(failure)?;
        if addition.lines.is_empty() {
            return Ok(());
        }
        installed.known_hosts.push(addition.clone());
        installed.write(&self.layout)?;
        folder.add_known_hosts(&addition).map_err(failure)
    }

    fn put_key(
        &self,
        folder: &SshFolder,
        installed: &mut InstalledKeys,
        file: &KeyFileName,
        content: &[u8],
    ) -> Result<(), Failure> {
        installed.keys.entry(file.clone()).or_default().push(key_sha256(content));
        installed.write(&self.layout)?;
        folder.install_key(file.as_str(), content).map_err(failure)
    }

    pub(super) fn confirm_key(&self, file: &KeyFileName, content: &[u8]) -> Result<(), Failure> {
        match SshFolder::of_root().look_at_key(file.as_str()).map_err(failure)? {
            KeyLook::Present { sha256: found, mode: _ } if found == key_sha256(content) => Ok(()),
            KeyLook::Present { sha256: _, mode: _ } | KeyLook::Missing | KeyLook::NotAFile => {
                Err(Failure::new(format!("/root/.ssh/{file} is not the key after it was installed")))
            }
        }
    }

    /// Removes what is ours. A key that somebody changed since is somebody's, and stays.
    pub(super) fn remove_keys(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = SshFolder::of_root();
        let installed = InstalledKeys::read(&self.layout)?;
        for (file, hashes) in &installed.keys {
            for hash in hashes {
                folder.remove_key(file.as_str(), hash).map_err(failure)?;
            }
        }
        for addition in installed.known_hosts.iter().rev() {
            folder.remove_known_hosts(addition).map_err(failure)?;
        }
        files::remove_if_there(&self.layout.keys()).map(drop).map_err(failure)
    }
}
