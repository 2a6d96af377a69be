//! What a person could type to do the same as an action. Reads nothing, changes nothing.

use crate::host::engine::podman;
use crate::operation::{Action, Argument, Layout, NewSecret, Piece, RetrievedImage, SecretText};
use crate::plan::model::{Decode, Image, ImageSource};
use crate::script::{RUN, command_line, image_variable, insisted, secret_variable, typed};
use std::collections::BTreeMap;

/// The engine's command of an action, program first; none for what needs no engine.
pub(super) fn command(action: &Action, layout: &Layout) -> Option<Vec<Argument>> {
    let arguments = podman::command(action, layout)?;
    Some(std::iter::once(Argument::literal("podman")).chain(arguments).collect())
}

/// The lines that a shell takes for an action that the engine performs: its very command, with what it reads and what must be
/// there before.
pub(super) fn lines(action: &Action, layout: &Layout) -> Vec<String> {
    let Some(command) = command(action, layout) else { return Vec::new() };
    let line = command_line(&command);
    match action {
        Action::CreateContainer(container) => {
            // Without the file that the container mounts, the engine refuses to create it.
            let guard = typed(&container.boot_guard.display().to_string());
            vec![format!("install -D -m 0400 /dev/null {guard}"), line]
        }
        Action::CreateSecret(secret) => vec![secret_line(secret, &line)],
        Action::RetrieveImage(retrieved) => vec![retrieve_line(retrieved, &line)],
        Action::DropTag { tag: _, unless_image_of: Some(service) } => {
            vec![format!("{line}  # unless {service} uses the same image again")]
        }
        Action::VerifyImage(_)
        | Action::ReserveCrontab
        | Action::Uncommit
        | Action::DropContainer(_)
        | Action::DropNetwork { network: _ }
        | Action::DropTag { tag: _, unless_image_of: None }
        | Action::DropImage { id: _ }
        | Action::DropSecret { secret: _ }
        | Action::CreateNetwork { network: _, subnets: _ }
        | Action::WriteConfig { path: _, content: _, owner: _, mode: _ }
        | Action::CreateDirectory(_)
        | Action::InstallKey { file: _, secret: _, known_hosts: _ }
        | Action::StartContainer { service: _, container: _, boot_guard: _ }
        | Action::AwaitService(_)
        | Action::RemoveDownloads
        | Action::WriteScripts { scripts: _ }
        | Action::InstallCrontab { lines: _ }
        | Action::CheckService(_)
        | Action::Commit
        | Action::RemoveOldConfigs
        | Action::PruneRuns { keep: _ }
        | Action::KeepLog { container: _ }
        | Action::RemoveKeys
        | Action::RemovePath { path: _ }
        | Action::RestoreCrontab { lines: _ }
        | Action::RemoveCrontab => vec![line],
    }
}

/// A secret is passed on standard input: it is never an argument.
fn secret_line(secret: &NewSecret, line: &str) -> String {
    let NewSecret { name: _, text } = secret;
    match text {
        SecretText::Value { secret, decode } => {
            let value = insisted(&secret_variable(secret.as_str()));
            let decoded = match decode {
                Some(Decode::Base64) => " | base64 --decode",
                None => "",
            };
            format!("printf %s {value}{decoded} | {line}")
        }
        SecretText::Template(template) => {
            let template = serde_json::json!(template);
            format!("printf %s {} | {line}  # {TEXT} is {template} with its secrets filled in", insisted(TEXT))
        }
    }
}

/// The variable that stands for a template with its secrets filled in.
const TEXT: &str = "text";

fn retrieve_line(retrieved: &RetrievedImage, line: &str) -> String {
    let RetrievedImage { image, services: _ } = retrieved;
    match image {
        Image::Reference(_)
        | Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _ }) => {
            line.to_owned()
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => {
            let archive = typed(archive.as_str());
            format!("{line} < {archive}  # unpacked on the way, with names of Landfall's own")
        }
        Image::Source(
            ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _ } | ImageSource::Url { url: _, sha256: _, id: _ },
        ) => format!("{line}  # reads what was fetched"),
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _ }) => {
            format!("{line}  # in a copy of {}", serde_json::json!(build))
        }
    }
}

/// What the variables of these actions' lines stand for, each once.
pub(super) fn variables<'a>(actions: impl Iterator<Item = &'a Action>, layout: &Layout) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for action in actions {
        for piece in command(action, layout).iter().flatten().flat_map(Argument::pieces) {
            match piece {
                Piece::Literal(_) => {}
                Piece::Run => drop(variables.insert(RUN.to_owned(), "the name of the run".to_owned())),
                Piece::ImageOf(service) => {
                    variables.insert(image_variable(service), format!("the ID of the image of {service}"));
                }
                // No engine's command has an address.
                Piece::AddressOf(_) => {}
            }
        }
        if let Action::CreateSecret(NewSecret { name: _, text: SecretText::Value { secret, decode: _ } }) = action {
            variables.insert(secret_variable(secret.as_str()), format!("the secret {secret}"));
        }
    }
    variables
}
