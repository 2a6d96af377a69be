//! How files and directories get into a container. Reads nothing, changes nothing.
//!
//! Always as `--mount`: `--volume` would create a missing directory, and split a path at its colons.

use super::BOOT_GUARD;
use crate::operation::{Argument, ConfigMount, SecretMount};
use crate::plan::model::{Service, Tmpfs, Volume};
use crate::plan::values::ContainerPath;
use std::path::Path;

/// Where Podman puts a folder of its own as soon as there is a secret.
const SECRETS: &str = "/run/secrets";

/// A data directory.
pub(super) fn volume(volume: &Volume) -> [Argument; 2] {
    let Volume { source, target, read_only, owner: _, mode: _, mountpoint: _ } = volume;
    let read_only = if *read_only { ",ro=true" } else { "" };
    mount(Argument::literal(format_args!("type=bind,source={source},target={target}{read_only}")))
}

/// A directory in memory: empty, open to all unless a mode is said.
///
/// Without `notmpcopyup` Podman would fill it with what the image has there; no other engine does.
pub(super) fn in_memory(tmpfs: &Tmpfs) -> [Argument; 2] {
    let (target, size, mode) = match tmpfs {
        Tmpfs::Target(target) => (target, None, None),
        Tmpfs::Detailed { target, size, mode } => (target, *size, *mode),
    };
    let mode = mode.map_or("1777".to_owned(), |mode| mode.to_string());
    let size = size.map(|size| format!(",tmpfs-size={}", size.bytes())).unwrap_or_default();
    mount(Argument::literal(format_args!("type=tmpfs,target={target},tmpfs-mode={mode}{size},notmpcopyup")))
}

/// A config.
pub(super) fn config(config: &ConfigMount) -> [Argument; 2] {
    let ConfigMount { path, target } = config;
    let source = Argument::literal("type=bind,source=").join(path.clone());
    mount(source.then(format_args!(",target={target},ro=true")))
}

/// The file without which no engine starts the container.
pub(super) fn boot_guard(file: &Path) -> [Argument; 2] {
    mount(Argument::literal(format_args!("type=bind,source={},target={BOOT_GUARD},ro=true", file.display())))
}

/// A place where a container whose own file system is read-only can have its secrets.
///
/// Podman puts a folder of its own over `/run/secrets` there, read-only as well, and then can't create the files in it.
pub(super) fn room_for_secrets(service: &Service, secrets: &[SecretMount]) -> Vec<Argument> {
    let below = |target: &ContainerPath| target.as_path().starts_with(SECRETS);
    let volumes = service.volumes.iter().map(|volume| &volume.target);
    let mut mounted = volumes.chain(service.tmpfs.iter().map(Tmpfs::target));
    if !service.read_only
        || !secrets.iter().any(|secret| below(&secret.target))
        || mounted.any(|target| target.as_str() == SECRETS)
    {
        return Vec::new();
    }
    mount(Argument::literal(format_args!("type=tmpfs,target={SECRETS},tmpfs-mode=0755,notmpcopyup,ro=true"))).to_vec()
}

fn mount(value: Argument) -> [Argument; 2] {
    [Argument::literal("--mount"), value]
}
