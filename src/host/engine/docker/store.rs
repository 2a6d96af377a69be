//! Docker has no store for secrets outside of a swarm: they lie in the plan's state folder, for root alone, and in memory where
//! containers mount them.

use crate::facts::SecretFact;
use crate::few::{Few, InOrder};
use crate::host::files::{self, FileProblem};
use crate::operation::Layout;
use crate::plan::values::{Mode, Owner};
use crate::run::Failure;
use secrecy::SecretSlice;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// What follows the name of a secret in the name of the file that says whose file it becomes, and with what mode.
const PLACED: &str = ".placed";

/// The secrets of one plan.
#[derive(Debug, Clone)]
pub(super) struct SecretFiles {
    /// What stays: `/var/lib/landfall/<plan>/secrets`.
    kept: PathBuf,
    /// What containers mount, until the server boots: `/run/landfall/<plan>/secrets`.
    mounted: PathBuf,
}

impl SecretFiles {
    pub(super) fn of(layout: &Layout) -> Self {
        Self { kept: layout.secrets(), mounted: layout.secrets_in_memory() }
    }

    /// Keeps a secret, durably.
    pub(super) fn create(&self, name: &str, value: &[u8]) -> Result<(), Failure> {
        files::create_private_directory(&self.kept).map_err(problem)?;
        files::write_atomically(&self.kept.join(name), value, 0o600).map_err(problem)
    }

    /// Puts a secret where a container mounts it, and keeps in mind how, for the job that does so after a boot.
    pub(super) fn place(&self, name: &str, owner: Owner, mode: Mode) -> Result<(), Failure> {
        let value = self.value(name)?;
        let (uid, gid, bits) = (owner.uid(), owner.gid(), mode.bits());
        let placed = format!("{uid} {gid} {bits:o}\n");
        files::write_atomically(&self.kept.join(format!("{name}{PLACED}")), placed.as_bytes(), 0o600)
            .map_err(problem)?;
        for folder in self.mounted.parent().into_iter().flat_map(Path::parent).chain(self.mounted.parent()) {
            files::create_private_directory(folder).map_err(problem)?;
        }
        files::create_private_directory(&self.mounted).map_err(problem)?;
        let path = self.mounted.join(name);
        files::remove_if_there(&path).map_err(problem)?;
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(&value)?;
            chown(&path, Some(uid), Some(gid))?;
            file.set_permissions(fs::Permissions::from_mode(bits))
        };
        write().map_err(|error| Failure::new(format!("{} can't be written: {error}", path.display())))
    }

    /// Every secret with what it is.
    pub(super) fn values(&self) -> Result<BTreeMap<String, SecretSlice<u8>>, Failure> {
        let all = self.all()?.into_iter();
        all.map(|SecretFact { name }| Ok((name.clone(), SecretSlice::from(self.value(&name)?)))).all_gathered()
    }

    /// What a secret is.
    pub(super) fn value(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.kept.join(name);
        let value = files::read_if_there(&path).map_err(problem)?;
        value.ok_or_else(|| Failure::new(format!("the secret {name} is gone from {}", self.kept.display())))
    }

    /// Removes a secret wherever it lies.
    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        let all = [self.mounted.join(name), self.kept.join(format!("{name}{PLACED}")), self.kept.join(name)];
        all.iter().try_for_each(|path| files::remove_if_there(path).map(drop).map_err(problem))
    }

    /// All that are kept.
    pub(super) fn all(&self) -> Result<Vec<SecretFact>, Failure> {
        let entries = match fs::read_dir(&self.kept) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::new(format!("{} can't be read: {error}", self.kept.display()))),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> =
            names.filter(|name| !Layout::is_unfinished(Path::new(name)) && !name.ends_with(PLACED)).collect();
        names.put_in_order();
        Ok(names.into_iter().map(|name| SecretFact { name }).collect())
    }
}

fn problem(problem: FileProblem) -> Failure {
    Failure::new(problem.to_string())
}
