//! The one sentence that describes each action. Reads nothing, changes nothing.

use super::{
    Action, CheckedService, DroppedContainer, EngineChange, HostChange, Look, NewDirectory, NewSecret, RetrievedImage,
    SecretText, VerifiedImage,
};
use crate::plan::model::{Condition, ConfigSource, Image, ImageSource};
use std::fmt;

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrieve(image) => retrieve(image, out),
            Self::Engine(change) => change.fmt(out),
            Self::Host(change) => change.fmt(out),
            Self::Look(look) => look.fmt(out),
        }
    }
}

impl fmt::Display for EngineChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
                write!(out, "stop and remove the container {container}")
            }
            Self::DropNetwork { network } => write!(out, "remove the network {network}"),
            Self::DropTag { tag, unless_image_of: None } => write!(out, "remove the image {tag}"),
            Self::DropTag { tag, unless_image_of: Some(service) } => {
                write!(out, "remove the image {tag} unless {service} uses it again")
            }
            Self::DropImage { id } => write!(out, "remove the image {id}"),
            Self::DropSecret { secret } => write!(out, "remove the secret {secret} from the engine's store"),
            Self::CreateNetwork { network, subnets: _ } => write!(out, "create the network {network}"),
            Self::KeepNetwork { network, ranges: _ } => write!(out, "keep the network {network}"),
            Self::CreateSecret(NewSecret { name, text }) => create_secret(&name.to_string(), text, out),
            Self::CreateContainer(container) => write!(out, "create the container {}", container.name),
            Self::StopContainer { container } => write!(out, "stop the container {container}"),
            Self::RenameContainer { container, to } => write!(out, "rename the container {container} to {to}"),
            Self::StartContainer { service: _, container, boot_guard: _ } => {
                write!(out, "start the container {container}")
            }
        }
    }
}

impl fmt::Display for HostChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReserveCrontab => out.write_str("back up the crontab and have an interrupted run finished at boot"),
            Self::Uncommit => out.write_str("stop counting as deployed what is deployed now"),
            Self::WriteConfig { path, content, owner: _, mode: _ } => write_config(&path.to_string(), content, out),
            Self::CreateDirectory(NewDirectory { path, owner, mode }) => {
                write!(out, "create the data directory {path} with owner {owner} and mode {mode}")
            }
            Self::InstallKey { file, secret, known_hosts: _ } => {
                write!(out, "install the key {file} from the secret {secret} in /root/.ssh")
            }
            Self::RemoveDownloads => out.write_str("remove what was retrieved and is not needed any more"),
            Self::WriteScripts { scripts } => {
                let names: Vec<_> = scripts.iter().map(|script| script.name.as_str()).collect();
                write!(out, "write the scripts {}", names.join(", "))
            }
            Self::InstallCrontab { lines: _ } => out.write_str("install the jobs in the crontab"),
            Self::Commit => out.write_str("save the plan as deployed"),
            Self::Withdraw => out.write_str("take back that the plan was saved as deployed"),
            Self::KeepJobs => {
                out.write_str("put the scripts of the deployed plan aside, to go back to them if need be")
            }
            Self::KeepKeys => out.write_str("copy the keys in /root/.ssh into memory, to go back to them if need be"),
            Self::BringJobsBack => out.write_str("put the scripts of the previous plan back"),
            Self::BringKeysBack { keys: _ } => out.write_str("put the keys of the previous plan back into /root/.ssh"),
            Self::Recommit => out.write_str("save the previous plan as deployed again"),
            Self::NoteStopped { services } if services.is_empty() => {
                out.write_str("put on record that nothing is stopped on purpose")
            }
            Self::NoteStopped { services } => {
                let services: Vec<_> = services.iter().map(ToString::to_string).collect();
                write!(out, "put on record what is stopped on purpose: {}", services.join(", "))
            }
            Self::RemoveOldConfigs => out.write_str("remove the configs of earlier runs"),
            Self::PruneRuns { keep } => write!(out, "keep the records of the newest {keep} runs"),
            Self::KeepLog { container } => write!(out, "keep the last lines of the output of {container}"),
            Self::EndMonitor { container, id: _ } => {
                write!(out, "end what runs on of a container {container} that the engine does not know any more")
            }
            Self::RemoveKeys => out.write_str("remove the keys that were installed in /root/.ssh"),
            Self::RemovePath { path } => write!(out, "remove {}", path.display()),
            Self::RestoreCrontab { lines } if lines.len() == 1 => {
                out.write_str("leave one line in the crontab, for the next boot")
            }
            Self::RestoreCrontab { lines: _ } => {
                out.write_str("put the jobs of the deployed plan back into the crontab")
            }
            Self::RemoveCrontab => out.write_str("remove the jobs from the crontab"),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VerifyImage(VerifiedImage { service, id: _, mounts: _, working_dir_given: _ }) => {
                write!(out, "verify the image of {service}")
            }
            Self::AwaitService(service) => await_service(service, out),
            Self::CheckService(service) => write!(out, "check {} once more", service.service),
        }
    }
}

fn retrieve(retrieved: &RetrievedImage, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let RetrievedImage { image, services, places: _ } = retrieved;
    let services: Vec<_> = services.iter().map(ToString::to_string).collect();
    let services = services.join(", ");
    match image {
        Image::Reference(reference) => write!(out, "pull {reference} for {services}"),
        Image::Source(ImageSource::Registry { registry, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            write!(out, "pull {registry} for {services}")
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference, id: _ }) => match reference {
            Some(reference) if archive.is_folder() => write!(out, "load {reference} from {archive} for {services}"),
            Some(_) | None => write!(out, "load {archive} for {services}"),
        },
        Image::Source(ImageSource::Ssh { ssh, key: _, sha256: _, id: _, timeout: _ }) => {
            write!(out, "fetch {ssh} for {services}")
        }
        Image::Source(ImageSource::Url { url, sha256: _, id: _, ca: _, timeout: _ }) => {
            write!(out, "download {url} for {services}")
        }
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            write!(out, "build {build} for {services}")
        }
    }
}

fn create_secret(name: &str, text: &SecretText, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match text {
        SecretText::Value { secret, decode: _ } => {
            write!(out, "put the secret {secret} into the engine's store as {name}")
        }
        SecretText::Template(_) => write!(out, "put a text with secrets filled in into the engine's store as {name}"),
    }
}

fn write_config(path: &str, content: &ConfigSource, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match content {
        ConfigSource::File(file) => write!(out, "copy {file} to {path}"),
        ConfigSource::Content(_) | ConfigSource::Template(_) => write!(out, "write {path}"),
    }
}

fn await_service(service: &CheckedService, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let CheckedService { service, container: _, condition, healthcheck: _, ports: _, stable_for: _, deadline } =
        service;
    match condition {
        Condition::ServiceHealthy => write!(out, "wait until {service} is healthy, at most {deadline}"),
        Condition::ServiceCompletedSuccessfully => {
            write!(out, "wait until {service} has completed, at most {deadline}")
        }
    }
}
