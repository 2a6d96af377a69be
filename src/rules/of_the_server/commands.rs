//! The commands that a deployment, its scripts and the plan need. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity};
use crate::facts::Facts;
use crate::few::Few;
use crate::plan::model::{EngineChoice, Image, ImageSource, Plan, Probe};
use std::collections::BTreeMap;

/// What every deployment needs, and why.
const ALWAYS: [(&str, &str); 6] = [
    ("bash", "the maintenance jobs are Bash scripts"),
    ("grep", "the maintenance jobs look into what commands say"),
    ("crontab", "the maintenance jobs and the boot job are run by cron"),
    ("flock", "no maintenance job may run over itself"),
    ("logger", "the maintenance jobs write to the system's log"),
    ("timeout", "the maintenance jobs are bounded in time"),
];

const ENGINES: [&str; 2] = ["podman", "docker"];

/// Every command that this plan needs, with the reason.
///
/// The engine itself is among them; `sendmail` is not, for a mail server may take its place.
pub fn needed_commands(plan: &Plan) -> BTreeMap<String, String> {
    let mut needed: BTreeMap<String, String> =
        ALWAYS.into_iter().map(|(command, reason)| (command.to_owned(), reason.to_owned())).gathered();
    let mut need = |command: &str, reason: String| {
        needed.entry(command.to_owned()).or_insert(reason);
    };
    match plan.engine {
        EngineChoice::Podman | EngineChoice::Auto => need("podman", "it runs the containers".to_owned()),
        EngineChoice::Docker => need("docker", "it runs the containers".to_owned()),
    }
    for (name, service) in &plan.services {
        match service.healthcheck.as_ref().map(|check| &check.probe) {
            Some(Probe::Http(_)) => need("curl", format!("the health check of `{name}` is an HTTP request")),
            Some(Probe::Exec(_) | Probe::Tcp(_)) | None => {}
        }
        match &service.image {
            Image::Source(ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }) => {
                need("curl", format!("it downloads the image of `{name}`"))
            }
            Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }) => {
                need("sftp", format!("it fetches the image of `{name}`"))
            }
            Image::Source(_) | Image::Reference(_) => {}
        }
    }
    if plan.services.values().any(|service| service.volumes.iter().any(|volume| volume.mountpoint)) {
        need("mountpoint", "at boot, it tells whether a disk is mounted".to_owned());
    }
    if plan.maintenance.cleanup.is_some() {
        need("find", "the cleanup looks for old log files with it".to_owned());
    }
    if plan.maintenance.healthcheck.is_some() {
        need("sed", "the health check job cuts what goes into a mail with it".to_owned());
    }
    if plan.maintenance.mail.as_ref().is_some_and(|mail| mail.smtp.is_some()) {
        need("curl", "it speaks to the mail server".to_owned());
    }
    for command in &plan.requires.commands {
        need(command.as_str(), "the plan's `requires.commands` names it".to_owned());
    }
    needed
}

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (command, reason) in needed_commands(plan) {
        if facts.commands.get(&command).is_none_or(Option::is_some) {
            continue;
        }
        let message = format!("the command `{command}` is not installed");
        let named = plan.requires.commands.iter().position(|named| named.as_str() == command);
        // That there is no engine is a finding of its own.
        if named.is_none() && ENGINES.contains(&command.as_str()) {
            continue;
        }
        let finding = match named {
            Some(index) => {
                Finding::error(Code::CommandMissing, Pointer::of(["requires", "commands"]).then(index), message)
            }
            None => Finding::new(Code::CommandMissing, Severity::Error, Document::Host, Place::Whole, message),
        };
        findings.push(
            finding.label(reason).help("install it; it is looked for in /usr/local, /usr and / below sbin and bin"),
        );
    }
    findings
}
