//! The plan's state folder: the saved plan, configs, runs.

use super::{Node, record};
use crate::facts::{EngineKind, LastRun, Saved};
use crate::few::InOrder;
use crate::host::engine::Engine;
use crate::host::files;
use crate::operation::{Known, Layout};
use crate::plan::model::ConfigSource;
use crate::plan::values::{Mode, Owner, RunId};
use crate::run::Failure;
use std::io;
use std::path::{Path, PathBuf};

/// Reads the record of what is deployed.
///
/// # Errors
/// When it is there and can't be read, or is not such a record.
pub fn read_saved(path: &Path) -> Result<Option<Saved>, Failure> {
    read_record(path).map_err(|failure| {
        let plan = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        Failure::new(format!(
            "{}. What it has on record runs on: put the file back from a backup, or let `landfall teardown {plan}` remove what there \
             is and deploy the plan again",
            failure.message
        ))
    })
}

/// Moves a record of what is deployed aside that can't be read, so that the plan can be torn down.
///
/// # Errors
/// When the system refuses.
pub fn put_unreadable_aside(layout: &Layout) -> Result<(), Failure> {
    let saved = layout.saved();
    if read_saved(&saved).is_ok() {
        return Ok(());
    }
    tracing::warn!(path = %saved.display(), "can't be read, and is put aside");
    std::fs::rename(&saved, saved.with_extension("damaged")).map_err(|error| system("put aside", &saved, &error))?;
    files::sync_directory(layout.state()).map_err(|problem| Failure::new(problem.to_string()))
}

/// Reads how the last run ended. A record that is damaged counts as none: the journal of that run tells the same.
///
/// # Errors
/// When it is there and can't be read.
pub fn read_last(layout: &Layout) -> Result<Option<LastRun>, Failure> {
    let Some(bytes) = files::read_if_there(&layout.last()).map_err(|problem| Failure::new(problem.to_string()))? else {
        return Ok(None);
    };
    let last = record::read(&bytes);
    Ok(last.inspect_err(|error| tracing::warn!(%error, "the record of the last run is damaged")).ok())
}

/// Which engine performed the last run of a plan: what the record names, or Podman where there is none.
///
/// # Errors
/// When the record is there and can't be read, or names no engine.
pub fn read_engine(layout: &Layout) -> Result<EngineKind, Failure> {
    let path = layout.engine();
    let Some(bytes) = files::read_if_there(&path).map_err(|problem| Failure::new(problem.to_string()))? else {
        return Ok(EngineKind::Podman);
    };
    EngineKind::of_program(String::from_utf8_lossy(&bytes).trim()).ok_or_else(|| {
        Failure::new(format!("{} names no engine: write `docker` into it, or remove it for Podman", path.display()))
    })
}

/// Puts on record which engine performs a run, before it changes anything.
///
/// # Errors
/// When the system refuses.
pub fn write_engine(layout: &Layout, engine: EngineKind) -> Result<(), Failure> {
    let path = layout.engine();
    let problem = |problem: files::FileProblem| Failure::new(problem.to_string());
    let there = files::read_if_there(&path).map_err(problem)?;
    let wanted = (engine != EngineKind::Podman).then(|| format!("{}\n", engine.program()));
    // A run that changes nothing leaves what is on record as it was.
    match wanted {
        None => files::remove_if_there(&path).map(drop).map_err(problem),
        Some(text) if there.as_deref() == Some(text.as_bytes()) => Ok(()),
        Some(text) => write(&path, text.as_bytes(), 0o600),
    }
}

/// The engine that performed the last run of a plan.
///
/// # Errors
/// It is not installed any more, or not on record.
pub fn engine(layout: &Layout) -> Result<Engine, Failure> {
    let kind = read_engine(layout)?;
    Engine::of(kind, layout).ok_or_else(|| {
        let program = kind.program();
        Failure::new(format!("{program} is not installed, and containers may be left that only it can remove"))
    })
}

/// Puts on record how a run ended.
///
/// # Errors
/// When the system refuses.
pub fn write_last(layout: &Layout, last: &LastRun) -> Result<(), Failure> {
    write_record(&layout.last(), last)
}

pub(super) fn read_record<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Failure> {
    let Some(bytes) = files::read_if_there(path).map_err(|problem| Failure::new(problem.to_string()))? else {
        return Ok(None);
    };
    let record = record::read(&bytes);
    record.map(Some).map_err(|error| Failure::new(format!("{} is not a record of ours: {error}", path.display())))
}

/// Writes a record that is read again, with its checksum, for root alone, durably.
///
/// # Errors
/// When the system refuses.
pub(super) fn write_record<T: serde::Serialize>(path: &Path, record: &T) -> Result<(), Failure> {
    write(path, &with_checksum(record)?, 0o600)
}

/// The same, in the room that was reserved for it.
///
/// # Errors
/// When the system refuses.
pub(super) fn write_reserved_record<T: serde::Serialize>(path: &Path, record: &T) -> Result<(), Failure> {
    files::write_reserved(path, &with_checksum(record)?, 0o600).map_err(|problem| Failure::new(problem.to_string()))
}

fn with_checksum<T: serde::Serialize>(record: &T) -> Result<Vec<u8>, Failure> {
    document(&record::with_checksum(record).map_err(|damage| Failure::new(damage.to_string()))?)
}

/// Reads a file that must be there.
///
/// # Errors
/// When it isn't, or can't be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = files::read_if_there(path).map_err(|problem| Failure::new(problem.to_string()))?;
    bytes.ok_or_else(|| Failure::new(format!("{} is gone", path.display())))
}

/// Writes a document for root alone, durably.
///
/// # Errors
/// When the system refuses.
pub fn write_json<T: serde::Serialize>(path: &Path, record: &T) -> Result<(), Failure> {
    let pretty = |file: &mut dyn io::Write| {
        serde_json::to_writer_pretty(&mut *file, record)?;
        file.write_all(b"\n")
    };
    files::write_atomically_by(path, pretty, 0o600).map_err(|problem| Failure::new(problem.to_string()))
}

fn document<T: serde::Serialize>(record: &T) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec_pretty(record).map_err(|error| Failure::new(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a file for root alone, durably.
///
/// # Errors
/// When the system refuses.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    files::write_atomically(path, bytes, mode).map_err(|problem| Failure::new(problem.to_string()))
}

/// The runs on record, oldest first.
///
/// # Errors
/// When their folder is there and can't be read.
pub fn runs(layout: &Layout) -> Result<Vec<RunId>, Failure> {
    runs_in(&layout.runs(), "")
}

/// The runs of which a folder has something, under their names with this ending, oldest first.
pub(super) fn runs_in(folder: &Path, ending: &str) -> Result<Vec<RunId>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(system("read", folder, &error)),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut runs: Vec<_> = names.filter_map(|name| RunId::parse(name.strip_suffix(ending)?).ok()).collect();
    runs.put_in_order();
    Ok(runs)
}

/// The files with the last lines of the containers that a run removed after a failure, sorted.
pub fn kept_logs(layout: &Layout, run: &RunId) -> Vec<PathBuf> {
    let is_log = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "log");
    let mut logs: Vec<PathBuf> = entries_of(&layout.run(run)).into_iter().filter(is_log).collect();
    logs.put_in_order();
    logs
}

pub(super) fn system(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{} can't be {what}: {error}", path.display()))
}

/// Removes the records of all runs but the newest `keep`, of the one that is at work, and of the one that deployed what is saved;
/// of the accepted plans before that, all but as many.
///
/// # Errors
/// When the system refuses to remove one, or what is saved can't be read.
pub fn prune_runs(layout: &Layout, keep: u32, current: &RunId) -> Result<(), Failure> {
    let runs = runs(layout)?;
    let deployed = read_saved(&layout.saved())?.map(|saved| saved.run);
    let surplus = runs.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    let mut old = runs.iter().take(surplus).filter(|run| *run != current && Some(*run) != deployed.as_ref());
    old.try_for_each(|run| remove(&layout.run(run)))?;
    super::accepted::prune(layout, keep)
}

/// How much larger the record may become by what is not known of the services yet when its room is taken.
const MORE: usize = 4096;

impl Node {
    /// The new plan counts as deployed, once this has reached the disk.
    pub(super) fn commit(&self, known: &Known) -> Result<(), Failure> {
        let saved = self.to_save(known)?;
        write_reserved_record(&self.layout.saved(), &saved)
    }

    /// Takes room for the record that the commit writes, before anything is stopped for it: a deployment that could not be recorded in
    /// the end would be rolled back.
    pub(super) fn reserve_commit(&self, known: &Known) -> Result<(), Failure> {
        // Who takes a plan down records none.
        let Ok(saved) = self.to_save(known) else { return Ok(()) };
        let room = with_checksum(&saved)?.len() + MORE;
        files::reserve(&self.layout.saved(), room).map_err(|problem| Failure::new(problem.to_string()))
    }

    pub(super) fn confirm_commit(&self, known: &Known) -> Result<(), Failure> {
        match read_saved(&self.layout.saved())? {
            Some(saved)
                if saved.run == known.run || saved.services.values().any(|it| it.run.as_ref() == Some(&known.run)) =>
            {
                Ok(())
            }
            Some(_) | None => Err(Failure::new("the saved plan is not there after it was written")),
        }
    }

    pub(super) fn write_config(&self, path: &Path, content: &[u8], owner: Owner, mode: Mode) -> Result<(), Failure> {
        for folder in path.parent().into_iter().flat_map(Path::parent).chain(path.parent()) {
            files::create_private_directory(folder).map_err(|problem| Failure::new(problem.to_string()))?;
        }
        write(path, content, mode.bits())?;
        std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid()))
            .map_err(|error| system("given to its owner", path, &error))
    }

    /// The content of a config: from the plan, or from the file beside it as it was verified in step 1.
    pub(super) fn config_content(&self, content: &ConfigSource) -> Result<Vec<u8>, Failure> {
        match content {
            ConfigSource::Content(text) => Ok(text.clone().into_bytes()),
            ConfigSource::File(path) => self.deployment()?.sources.config(path),
            ConfigSource::Template(_) => {
                Err(Failure::new("a config with secrets in it belongs into the engine's store"))
            }
        }
    }

    pub(super) fn remove_old_configs(&self, known: &Known) -> Result<(), Failure> {
        let folder = self.layout.configs();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(system("read", &folder, &error)),
        };
        let current = known.run.to_string();
        let mut old = entries.filter_map(Result::ok).filter(|entry| *entry.file_name() != *current);
        old.try_for_each(|entry| remove(&entry.path()))
    }
}

/// What is in a folder. One that can't be read has nothing.
pub(super) fn entries_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).collect()
}

/// Removes a file or folder, following no link.
///
/// # Errors
/// When the system refuses.
pub fn remove(path: &Path) -> Result<(), Failure> {
    files::remove_tree(path).map(drop).map_err(|problem| Failure::new(problem.to_string()))
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
