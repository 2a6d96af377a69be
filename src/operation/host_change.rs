//! Every kind of change of the server beside the engine: files, keys, the crontab, what is on record. Reads nothing, changes
//! nothing.

use super::Argument;
use crate::plan::model::ConfigSource;
use crate::plan::values::{HostPath, KeyFileName, Mode, Owner, SecretName, ServiceName};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One change of the server for which the engine changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostChange {
    /// Backs up the crontab, and turns our block into a single line that recovers at boot.
    ReserveCrontab,
    /// The point of no return: what was deployed no longer counts as deployed.
    Uncommit,
    /// Writes a config into the state folder.
    WriteConfig {
        /// The file on the server.
        path: Argument,
        /// Its content.
        content: ConfigSource,
        /// Its owner.
        owner: Owner,
        /// Its mode.
        mode: Mode,
    },
    /// Creates a missing data directory.
    CreateDirectory(NewDirectory),
    /// Installs a private key and its `known_hosts` lines in `/root/.ssh`.
    InstallKey {
        /// The key's file name.
        file: KeyFileName,
        /// The secret that holds it.
        secret: SecretName,
        /// Lines for `known_hosts`.
        known_hosts: Vec<String>,
    },
    /// Removes what was retrieved and is not needed any more.
    RemoveDownloads,
    /// Writes the scripts that cron runs, in place of those that were there.
    WriteScripts {
        /// The scripts.
        scripts: Vec<Script>,
    },
    /// Completes our block of the crontab.
    InstallCrontab {
        /// The lines between the marks.
        lines: Vec<String>,
    },
    /// Saves the plan: from now on it counts as deployed.
    Commit,
    /// What this run saved no longer counts as deployed; what was deployed before it stays on record.
    Withdraw,
    /// Puts the scripts of the deployed plan aside, for the case that it has to be deployed again.
    KeepJobs,
    /// Copies the keys that are installed into memory, for the same case.
    KeepKeys,
    /// Puts the scripts that were put aside back in their place.
    BringJobsBack,
    /// Puts the keys of the previous plan back in their place, each with its `known_hosts` lines, and removes all others of ours.
    BringKeysBack {
        /// The lines of each.
        keys: BTreeMap<KeyFileName, Vec<String>>,
    },
    /// The previous plan counts as deployed again.
    Recommit,
    /// Puts on record which services are stopped on purpose: what is not named there is to run.
    NoteStopped {
        /// These, and no others.
        services: BTreeSet<ServiceName>,
    },
    /// Removes the configs of earlier runs.
    RemoveOldConfigs,
    /// Removes the folders of all but the newest runs.
    PruneRuns {
        /// How many stay.
        keep: u32,
    },
    /// Keeps the last lines of a container's output, which the engine tells.
    KeepLog {
        /// The container's name.
        container: String,
    },
    /// Ends the monitor of a container that the engine does not know, and what it watches over.
    EndMonitor {
        /// The container's name.
        container: String,
        /// The container's ID.
        id: String,
    },
    /// Removes the keys and `known_hosts` lines that we installed.
    RemoveKeys,
    /// Removes a file or folder of ours.
    RemovePath {
        /// Its path, below the state folder or `/run/landfall`.
        path: PathBuf,
    },
    /// Puts our block of the crontab back to what the saved plan says.
    RestoreCrontab {
        /// The lines between the marks.
        lines: Vec<String>,
    },
    /// Removes our block of the crontab.
    RemoveCrontab,
}

/// A data directory that is going to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDirectory {
    /// Its path.
    pub path: HostPath,
    /// Its owner.
    pub owner: Owner,
    /// Its mode.
    pub mode: Mode,
}

/// A script that cron runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its file name in the jobs folder.
    pub name: String,
    /// Its text.
    pub text: String,
}
