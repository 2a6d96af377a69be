//! What a deployment puts on record. Reads nothing, changes nothing.

use crate::facts::{Beneath, FileFact, Saved, SavedService};
use crate::operation::{Container, EngineChange, HostChange, Known, Layout, Program, SecretText};
use crate::plan::canonical;
use crate::plan::model::{Config, ConfigSource, Environment, Service};
use crate::plan::values::PlanPath;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// What is known of a plan once it was accepted, beside the plan itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The plan file, word for word.
    pub text: String,
    /// The SHA-256 of the validated plan as canonical JSON.
    pub sha256: String,
    /// The hash of the plan with the content of what it names.
    pub hash: Option<String>,
    /// The SHA-256 of the content of each config, certificate and build context that it names.
    pub files: BTreeMap<PlanPath, String>,
    /// Who deploys it.
    pub by: String,
    /// The version of this program.
    pub landfall: String,
    /// The Git commit of the plan file, where it lies in a work tree.
    pub git_commit: Option<String>,
    /// What it is deployed on.
    pub beneath: Option<Beneath>,
}

/// The record of a deployment, from its program and what the run has learned; `None` while an image is not known.
pub fn saved(layout: &Layout, program: &Program, known: &Known, accepted: &Accepted, at: Timestamp) -> Option<Saved> {
    let mut services = BTreeMap::new();
    let mut secrets = Vec::new();
    for change in program.engine_changes() {
        match change {
            EngineChange::CreateContainer(container) => {
                services.insert(container.service.clone(), service(container, layout, known)?);
            }
            EngineChange::CreateSecret(secret) => secrets.push(secret.name.resolve(known)?),
            EngineChange::DropContainer(_)
            | EngineChange::DropNetwork { network: _ }
            | EngineChange::DropTag { tag: _, unless_image_of: _ }
            | EngineChange::DropImage { id: _ }
            | EngineChange::DropSecret { secret: _ }
            | EngineChange::CreateNetwork { network: _, subnets: _ }
            | EngineChange::KeepNetwork { network: _, ranges: _ }
            | EngineChange::StopContainer { container: _ }
            | EngineChange::RenameContainer { container: _, to: _ }
            | EngineChange::StartContainer { service: _, container: _, boot_guard: _ } => {}
        }
    }
    let Accepted { text, sha256, hash, files, by, landfall, git_commit, beneath } = accepted.clone();
    Some(Saved {
        version: 2,
        name: layout.plan().clone(),
        run: known.run.clone(),
        plan: text,
        plan_sha256: sha256,
        hash,
        files,
        deployed_at: at,
        deployed_by: by,
        landfall,
        git_commit,
        beneath,
        services,
        hotfixes: BTreeMap::new(),
        secrets,
        network: layout.plan().to_string(),
        crontab: crontab(program).unwrap_or_default(),
    })
}

/// The lines that the program puts into the crontab.
fn crontab(program: &Program) -> Option<Vec<String>> {
    program.host_changes().find_map(|change| match change {
        HostChange::InstallCrontab { lines } => Some(lines.clone()),
        HostChange::ReserveCrontab
        | HostChange::Uncommit
        | HostChange::WriteConfig { path: _, content: _, owner: _, mode: _ }
        | HostChange::CreateDirectory(_)
        | HostChange::InstallKey { file: _, secret: _, known_hosts: _ }
        | HostChange::RemoveDownloads
        | HostChange::WriteScripts { scripts: _ }
        | HostChange::Commit
        | HostChange::Withdraw
        | HostChange::KeepJobs
        | HostChange::KeepKeys
        | HostChange::BringJobsBack
        | HostChange::BringKeysBack { keys: _ }
        | HostChange::Recommit
        | HostChange::NoteStopped { services: _ }
        | HostChange::RemoveOldConfigs
        | HostChange::PruneRuns { keep: _ }
        | HostChange::KeepLog { container: _ }
        | HostChange::EndMonitor { container: _, id: _ }
        | HostChange::RemoveKeys
        | HostChange::RemovePath { path: _ }
        | HostChange::RestoreCrontab { lines: _ }
        | HostChange::RemoveCrontab => None,
    })
}

/// What goes on record of one service; `None` while its image is not known.
pub fn service(container: &Container, layout: &Layout, known: &Known) -> Option<SavedService> {
    let id = known.images.get(&container.service)?;
    let files = container.secret_files.iter().map(|file| &file.secret);
    let secrets = files.chain(container.secret_variables.iter().map(|variable| &variable.secret));
    Some(SavedService {
        container: container.name.clone(),
        image_id: id.clone(),
        tag: layout.tag(&container.service, id),
        config: container.config.clone(),
        one_shot: container.described.one_shot(),
        depends_on: container.described.depends_on.iter().map(|(name, _)| name.clone()).collect(),
        secrets: secrets.map(|secret| secret.resolve(known)).collect::<Option<_>>()?,
        configs: container.configs.iter().map(|config| config.path.resolve(known)).collect::<Option<_>>()?,
        run: None,
    })
}

/// What each secret of a service holds, in the order of [`SavedService::secrets`].
pub fn secrets_of(service: &Service) -> Vec<SecretText> {
    let files =
        service.secrets.iter().map(|file| SecretText::Value { secret: file.secret.clone(), decode: file.decode });
    let configs = service.configs.iter().filter_map(|config| match &config.source {
        ConfigSource::Template(template) => Some(SecretText::Template(template.clone())),
        ConfigSource::File(_) | ConfigSource::Content(_) => None,
    });
    let variables = service.environment.values().filter_map(|value| match value {
        Environment::Text(_) => None,
        Environment::Secret { secret } => Some(SecretText::Value { secret: secret.clone(), decode: None }),
        Environment::Template { template } => Some(SecretText::Template(template.clone())),
    });
    files.chain(configs).chain(variables).collect()
}

/// What a container is made from, without secret values: the SHA-256 of the service as canonical JSON with the hashes of
/// its config files.
pub fn config(service: &Service, files: &BTreeMap<PlanPath, FileFact>) -> String {
    let contents: Vec<_> = service
        .configs
        .iter()
        .map(|Config { source, target: _, owner: _, mode: _ }| match source {
            ConfigSource::File(path) => match files.get(path) {
                Some(FileFact::File { sha256, size: _ }) => json!(sha256),
                Some(FileFact::Missing | FileFact::Unusable { reason: _, cure: _ } | FileFact::Folder) | None => {
                    json!(null)
                }
            },
            ConfigSource::Content(_) | ConfigSource::Template(_) => json!(null),
        })
        .collect();
    let whole = json!({ "service": service, "configs": contents });
    // Canonical JSON fails on numbers that JSON can't hold, which no plan has.
    canonical::sha256(&whole).unwrap_or_default()
}
