//! What a person could type to do the same as an action. Reads nothing, changes nothing.

use crate::facts::EngineKind;
use crate::host::engine;
use crate::operation::{
    Action, Argument, Container, EngineChange, Layout, Look, NewSecret, Piece, RetrievedImage, SecretMount, SecretText,
    SecretVariable,
};
use crate::plan::model::{Decode, Image, ImageSource};
use crate::script::{RUN, archive_variable, command_line, image_variable, insisted, secret_variable, typed};
use std::collections::BTreeMap;

/// The engine's command of an action, program first; none for what needs no engine.
pub(super) fn command(action: &Action, (layout, engine): (&Layout, EngineKind)) -> Option<Vec<Argument>> {
    let arguments = match action {
        Action::Retrieve(retrieved) => engine::retrieve(engine, retrieved, layout),
        Action::Engine(change) => engine::command(engine, change)?,
        Action::Look(Look::VerifyImage(verified)) => engine::inspect_image_of(engine, &verified.service),
        Action::Look(Look::AwaitService(_) | Look::CheckService(_)) | Action::Host(_) => return None,
    };
    Some(std::iter::once(Argument::literal(engine.program())).chain(arguments).collect())
}

/// The lines that a shell takes for an action that the engine performs: its very command, with what it reads and what must be
/// there before.
pub(super) fn lines(action: &Action, given: (&Layout, EngineKind)) -> Vec<String> {
    let Some(command) = command(action, given) else { return secret_files(action, given) };
    let line = command_line(&command);
    match action {
        Action::Retrieve(retrieved) if retrieved.places.is_empty() => vec![retrieve_line(retrieved, &line)],
        Action::Retrieve(retrieved) => pull_lines(retrieved, given),
        Action::Engine(change) => change_lines(change, line, given),
        Action::Look(_) | Action::Host(_) => vec![line],
    }
}

fn change_lines(change: &EngineChange, line: String, given: (&Layout, EngineKind)) -> Vec<String> {
    match change {
        EngineChange::CreateContainer(container) => {
            // Without the file that the container mounts, the engine refuses to create it.
            let guard = typed(&container.boot_guard.display().to_string());
            let guard = format!("install -D -m 0400 /dev/null {guard}");
            [vec![guard], placed(container, given), vec![with_variables(container, given, line)]].concat()
        }
        EngineChange::CreateSecret(secret) => vec![secret_line(secret, &line)],
        EngineChange::DropTag { tag: _, unless_image_of: Some(service) } => {
            vec![format!("{line}  # unless {service} uses the same image again")]
        }
        EngineChange::DropContainer(dropped) => {
            let stop = engine::stop(given.1, dropped).map(|stop| typed_command(given.1, stop));
            stop.into_iter().chain([line]).collect()
        }
        EngineChange::DropNetwork { network: _ }
        | EngineChange::DropTag { tag: _, unless_image_of: None }
        | EngineChange::DropImage { id: _ }
        | EngineChange::DropSecret { secret: _ }
        | EngineChange::CreateNetwork { network: _, subnets: _ }
        | EngineChange::KeepNetwork { network: _, ranges: _ }
        | EngineChange::StopContainer { container: _ }
        | EngineChange::RenameContainer { container: _, to: _ }
        | EngineChange::StartContainer { service: _, container: _, boot_guard: _ } => vec![line],
    }
}

/// What stands for a secret where the engine has no store for them, and a file of Landfall's takes its place.
fn secret_files(action: &Action, (layout, _): (&Layout, EngineKind)) -> Vec<String> {
    match action {
        Action::Engine(EngineChange::CreateSecret(secret)) => {
            let file = word(&kept(layout, &secret.name));
            vec![secret_line(secret, &format!("install -D -m 0600 /dev/stdin {file}"))]
        }
        Action::Engine(EngineChange::DropSecret { secret }) => {
            let name = Argument::literal(secret);
            let files = [kept(layout, &name), Layout::secret_in_memory(layout.plan(), &name)];
            vec![format!("rm -f {}", command_line(&files))]
        }
        Action::Engine(_) | Action::Retrieve(_) | Action::Look(_) | Action::Host(_) => Vec::new(),
    }
}

/// The files that a container mounts its secrets from, where the engine has no store for them.
fn placed(container: &Container, (layout, engine): (&Layout, EngineKind)) -> Vec<String> {
    let line = |SecretMount { secret, target: _, owner, mode }: &SecretMount| {
        let files = [kept(layout, secret), Layout::secret_in_memory(layout.plan(), secret)];
        format!("install -D -o {} -g {} -m {mode} {}", owner.uid(), owner.gid(), command_line(&files))
    };
    match engine {
        EngineKind::Podman => Vec::new(),
        EngineKind::Docker => container.secret_files.iter().map(line).collect(),
    }
}

/// The line with the secrets that are variables in the environment of the engine's client.
fn with_variables(container: &Container, (layout, engine): (&Layout, EngineKind), line: String) -> String {
    let value = |SecretVariable { secret, name }: &SecretVariable| {
        format!("{name}=\"$(cat {})\" ", word(&kept(layout, secret)))
    };
    match engine {
        EngineKind::Podman => line,
        EngineKind::Docker => container.secret_variables.iter().map(value).collect::<String>() + &line,
    }
}

/// Where a secret lies that is kept for root alone.
fn kept(layout: &Layout, secret: &Argument) -> Argument {
    Argument::literal(format_args!("{}/", layout.secrets().display())).join(secret.clone())
}

fn word(argument: &Argument) -> String {
    command_line(std::slice::from_ref(argument))
}

fn typed_command(engine: EngineKind, arguments: Vec<Argument>) -> String {
    command_line(&std::iter::once(Argument::literal(engine.program())).chain(arguments).collect::<Vec<_>>())
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

/// The accounts at the registries, and the pulls, of which the first that succeeds counts.
fn pull_lines(retrieved: &RetrievedImage, (layout, engine): (&Layout, EngineKind)) -> Vec<String> {
    let RetrievedImage { image: _, services, places } = retrieved;
    let certificates = services.first().map(|service| engine::certificates(layout, service)).unwrap_or_default();
    let logins = places.iter().filter_map(|place| {
        let (username, password) = place.account.as_ref()?;
        let (value, username) = (insisted(&secret_variable(password.as_str())), typed(username));
        let program = engine.program();
        let registry = place.reference.registry();
        Some(format!("printf %s {value} | {program} login --username {username} --password-stdin {registry}"))
    });
    let pull = |place| {
        let arguments = engine::pull(engine, place, certificates.clone());
        typed_command(engine, arguments)
    };
    let pulls = places.iter().map(pull).collect::<Vec<_>>().join(" || ");
    logins.chain([pulls]).collect()
}

/// The variable that stands for a template with its secrets filled in.
const TEXT: &str = "text";

fn retrieve_line(retrieved: &RetrievedImage, line: &str) -> String {
    let RetrievedImage { image, services, places: _ } = retrieved;
    match image {
        Image::Reference(_)
        | Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            line.to_owned()
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => {
            let found =
                services.first().filter(|_| archive.is_folder()).map(|service| insisted(&archive_variable(service)));
            let archive = found.unwrap_or_else(|| typed(archive.as_str()));
            format!("{line} < {archive}  # unpacked on the way, with names of Landfall's own")
        }
        Image::Source(ImageSource::Ssh { ssh, key, sha256: _, id: _, timeout: _ }) => {
            let from = typed(&format!("{}@{}", ssh.user(), ssh.host()));
            format!("ssh -i {} {from} cat {} | {line}", typed(&format!("/root/.ssh/{key}")), typed(ssh.path().as_str()))
        }
        Image::Source(ImageSource::Url { url, sha256, id: _, ca: _, timeout: _ }) => {
            format!("curl --fail --location {} | {line}  # if its SHA-256 is {sha256}", typed(&url.to_string()))
        }
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            format!("{line}  # in a copy of {}", serde_json::json!(build))
        }
    }
}

/// What the variables of these actions' lines stand for, each once.
pub(super) fn variables<'a>(
    actions: impl Iterator<Item = &'a Action>,
    given: (&Layout, EngineKind),
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for action in actions {
        for piece in command(action, given).iter().flatten().flat_map(Argument::pieces) {
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
        if let Action::Retrieve(RetrievedImage { image, services, places }) = action {
            if let Image::Source(ImageSource::Archive { archive, sha256: _, reference: Some(reference), id: _ }) = image
                && archive.is_folder()
            {
                let found = services.first().map(archive_variable);
                variables
                    .extend(found.map(|variable| (variable, format!("the archive in {archive} that has {reference}"))));
            }
            for (_, secret) in places.iter().filter_map(|place| place.account.as_ref()) {
                variables.insert(secret_variable(secret.as_str()), format!("the secret {secret}"));
            }
        }
        if let Action::Engine(EngineChange::CreateSecret(NewSecret { name: _, text })) = action
            && let SecretText::Value { secret, decode: _ } = text
        {
            variables.insert(secret_variable(secret.as_str()), format!("the secret {secret}"));
        }
    }
    variables
}
