//! What is put aside of the deployed plan while another one takes its place, and put back where that fails.

use super::keys::{InstalledKeys, key_sha256};
use super::{Node, state};
use crate::host::files;
use crate::host::ssh_keys::{KeyLook, SshFolder};
use crate::operation::Known;
use crate::plan::values::KeyFileName;
use crate::run::Failure;
use crate::steps;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::PoisonError;

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

impl Node {
    /// What this run saved no longer counts as deployed, once this has reached the disk.
    pub(super) fn withdraw(&self) -> Result<(), Failure> {
        files::remove_if_there(&self.layout.saved()).map_err(failure)?;
        files::sync_directory(self.layout.state()).map_err(failure)
    }

    /// The previous plan counts as deployed again, once this has reached the disk.
    pub(super) fn recommit(&self, known: &Known) -> Result<(), Failure> {
        let path = self.layout.previous();
        let gone = || Failure::new(format!("{} is gone", path.display()));
        let previous = state::read_saved(&path)?.ok_or_else(gone)?;
        state::write_reserved_record(&self.layout.saved(), &steps::brought_back(&previous, &known.run))
    }

    /// One rename: until then the scripts in their place are those of the deployed plan, from then on they are not.
    pub(super) fn keep_jobs(&self) -> Result<(), Failure> {
        let (jobs, aside) = (self.layout.jobs(), self.layout.jobs_aside());
        state::remove(&aside)?;
        match std::fs::rename(&jobs, &aside) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                files::create_private_directory(&aside).map_err(failure)?;
            }
            Err(error) => return Err(state::system("put aside", &jobs, &error)),
        }
        files::sync_directory(self.layout.state()).map_err(failure)
    }

    pub(super) fn confirm_jobs_aside(&self) -> Result<(), Failure> {
        let aside = self.layout.jobs_aside();
        if aside.is_dir() { Ok(()) } else { Err(Failure::new(format!("{} is not there", aside.display()))) }
    }

    /// Where none were put aside, those in their place are the previous plan's.
    pub(super) fn bring_jobs_back(&self) -> Result<(), Failure> {
        let (jobs, aside) = (self.layout.jobs(), self.layout.jobs_aside());
        files::create_private_directory(&self.layout.health()).map_err(failure)?;
        if !aside.is_dir() {
            return Ok(());
        }
        state::remove(&jobs)?;
        std::fs::rename(&aside, &jobs).map_err(|error| state::system("put back", &aside, &error))?;
        files::sync_directory(self.layout.state()).map_err(failure)
    }

    /// The keys of ours that are installed, as they are, go into memory: what becomes of them on the disk is the next plan's.
    pub(super) fn keep_keys(&self) -> Result<(), Failure> {
        let folder = self.layout.keys_aside();
        for folder in [self.layout.volatile().parent(), Some(self.layout.volatile()), Some(&folder)] {
            folder.map_or(Ok(()), files::create_private_directory).map_err(failure)?;
        }
        for (file, content) in self.own_keys()? {
            state::write(&folder.join(file.as_str()), &content, 0o600)?;
        }
        Ok(())
    }

    pub(super) fn confirm_keys_aside(&self) -> Result<(), Failure> {
        let missing = |file: &KeyFileName| !self.layout.keys_aside().join(file.as_str()).is_file();
        match self.own_keys()?.into_keys().find(missing) {
            None => Ok(()),
            Some(file) => Err(Failure::new(format!("the key {file} was not copied"))),
        }
    }

    /// The keys in root's folder that are still as we installed them.
    fn own_keys(&self) -> Result<BTreeMap<KeyFileName, Vec<u8>>, Failure> {
        let folder = SshFolder::of_root();
        let mut own = BTreeMap::new();
        for (file, hashes) in InstalledKeys::read(&self.layout)?.keys {
            let content = folder.read_key(file.as_str()).map_err(failure)?;
            own.extend(content.filter(|content| hashes.contains(&key_sha256(content))).map(|content| (file, content)));
        }
        Ok(own)
    }

    /// What is in memory counts; after a boot, what is still in its place and was never anything else.
    fn previous_key(&self, file: &KeyFileName, installed: &InstalledKeys) -> Result<Vec<u8>, Failure> {
        let aside = self.layout.keys_aside().join(file.as_str());
        if let Some(content) = files::read_if_there(&aside).map_err(failure)? {
            return Ok(content);
        }
        let content = SshFolder::of_root().read_key(file.as_str()).map_err(failure)?;
        let is_it = |content: &Vec<u8>| match installed.keys.get(file) {
            // It was there before the plan was, with the content that the plan wants.
            None => true,
            Some(hashes) => hashes.iter().all(|hash| *hash == key_sha256(content)),
        };
        content.filter(is_it).ok_or_else(|| {
            Failure::new(format!(
                "the key {file} of the previous plan is not here any more, and no disk has a copy of it"
            ))
        })
    }

    pub(super) fn bring_keys_back(&self, keys: &BTreeMap<KeyFileName, Vec<String>>) -> Result<(), Failure> {
        let mut wanted = Vec::new();
        {
            let _one_at_a_time = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            let installed = InstalledKeys::read(&self.layout)?;
            for (file, known_hosts) in keys {
                wanted.push((file, self.previous_key(file, &installed)?, known_hosts));
            }
        }
        self.remove_keys()?;
        wanted.into_iter().try_for_each(|(file, content, lines)| self.install_key(file, &content, lines))
    }

    pub(super) fn confirm_keys_back(&self, keys: &BTreeMap<KeyFileName, Vec<String>>) -> Result<(), Failure> {
        let folder = SshFolder::of_root();
        for file in keys.keys() {
            match folder.look_at_key(file.as_str()).map_err(failure)? {
                KeyLook::Present { sha256: _, mode: _ } => {}
                KeyLook::Missing | KeyLook::NotAFile => {
                    return Err(Failure::new(format!("the key {file} is not there after it was put back")));
                }
            }
        }
        Ok(())
    }

    /// Where the last lines of a container go: those of one that was kept before stay.
    pub(super) fn log_to_keep(&self, known: &Known, container: &str) -> PathBuf {
        let first = self.layout.container_log(&known.run, container);
        if first.exists() { self.layout.container_log_again(&known.run, container) } else { first }
    }
}
