//! The crontab's block and the scripts that it calls.

use super::Node;
use super::state::write;
use crate::host::crontab::{Crontab, block};
use crate::host::files;
use crate::operation::{Known, Script};
use crate::run::Failure;
use crate::script;
use std::collections::BTreeSet;
use std::path::Path;

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

impl Node {
    /// Keeps the crontab as it is now, and leaves of our block one line that finishes an interrupted run at boot.
    pub(super) fn reserve_crontab(&self, known: &Known) -> Result<(), Failure> {
        let recover = script::recover(&self.layout, self.engine.kind(), &self.program).map_err(failure)?;
        write(&self.layout.recover(), recover.text.as_bytes(), 0o700)?;
        let line = script::boot_line(&self.layout).map_err(failure)?;
        let before = self.layout.crontab_before(&known.run);
        let keep = |now: Option<&[u8]>| {
            let kept = match now {
                Some(now) => write(&before, now, 0o600),
                None => super::state::remove(&before),
            };
            kept.map_err(|failure| failure.message)
        };
        let crontab = Crontab::find().map_err(failure)?;
        crontab.install_keeping(self.layout.plan().as_str(), Some(&[line]), keep).map(drop).map_err(failure)
    }

    /// Makes these lines our block.
    pub(super) fn install_crontab(&self, lines: &[String]) -> Result<(), Failure> {
        let crontab = Crontab::find().map_err(failure)?;
        crontab.install(self.layout.plan().as_str(), Some(lines)).map(drop).map_err(failure)
    }

    pub(super) fn remove_crontab(&self) -> Result<(), Failure> {
        let crontab = Crontab::find().map_err(failure)?;
        crontab.install(self.layout.plan().as_str(), None).map(drop).map_err(failure)
    }

    /// The lines of our block; none where there is no block.
    pub(super) fn crontab_block(&self) -> Result<Option<Vec<String>>, Failure> {
        let Some(text) = Crontab::find().map_err(failure)?.read().map_err(failure)? else { return Ok(None) };
        let lines = block::lines(&text, self.layout.plan().as_str()).map_err(failure)?;
        Ok(lines.map(|lines| lines.into_iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()))
    }

    /// The same for whoever looks for what is left. A crontab that can't be read, or whose block somebody broke, counts as a block
    /// that is not as it should be: it must not keep the containers from being removed, and changing it tells what is wrong.
    pub(super) fn crontab_block_to_change(&self) -> Option<Vec<String>> {
        self.crontab_block().unwrap_or_else(|failure| {
            tracing::warn!(cause = %failure.message, "the crontab can't be seen");
            Some(Vec::new())
        })
    }

    pub(super) fn confirm_crontab(&self, expected: Option<&[String]>) -> Result<(), Failure> {
        if self.crontab_block()?.as_deref() == expected {
            Ok(())
        } else {
            Err(Failure::new("the crontab is not as it was written"))
        }
    }

    /// Writes the scripts in place of those that were there, and the account at the mail server beside them.
    pub(super) fn write_scripts(&self, scripts: &[Script]) -> Result<(), Failure> {
        let folder = self.layout.jobs();
        files::create_private_directory(&folder).map_err(failure)?;
        files::create_private_directory(&self.layout.health()).map_err(failure)?;
        let mut wanted = BTreeSet::new();
        for Script { name, text } in scripts {
            write(&self.layout.job(name), text.as_bytes(), 0o700)?;
            wanted.insert(self.layout.job(name));
        }
        if let Some(account) = self.deployment()?.mail_account()? {
            write(&self.layout.mail_account(), account.as_bytes(), 0o600)?;
            wanted.insert(self.layout.mail_account());
        }
        for (path, bytes) in self.deployment()?.certificates(&self.layout)? {
            write(&path, &bytes, 0o600)?;
            wanted.insert(path);
        }
        let there = std::fs::read_dir(&folder).map_err(failure)?.filter_map(Result::ok).map(|entry| entry.path());
        for path in there.filter(|path| !wanted.contains(path)) {
            super::state::remove(&path)?;
        }
        Ok(())
    }

    pub(super) fn confirm_scripts(&self, scripts: &[Script]) -> Result<(), Failure> {
        for Script { name, text } in scripts {
            confirm_file(&self.layout.job(name), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Whether a file holds what was written to it.
pub(super) fn confirm_file(path: &Path, expected: &[u8]) -> Result<(), Failure> {
    let found = files::read_if_there(path).map_err(failure)?;
    if found.as_deref() == Some(expected) {
        Ok(())
    } else {
        Err(Failure::new(format!("{} is not as it was written", path.display())))
    }
}
