//! Which distribution a VSN is of, and so which versions of the engines it has: this machine's, unless the environment says otherwise, which
//! `scripts/newer-engines` sets.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::vsn::{Vsn, script};

/// What containers of this test program run on: `podman` or `docker`.
pub fn engine() -> &'static str {
    if env!("CARGO_CRATE_NAME").ends_with("docker") { "docker" } else { "podman" }
}

/// Where the root file system of another distribution lies, built if it isn't there; `None` for this machine's own.
pub fn root() -> Option<&'static PathBuf> {
    static ROOT: OnceLock<Option<PathBuf>> = OnceLock::new();
    ROOT.get_or_init(|| name().map(|name| built(&name))).as_ref()
}

/// What Docker's daemon is to be told, where it keeps images in containerd's store.
pub fn docker_settings() -> Option<&'static str> {
    set("LANDFALL_DOCKER_STORE").map(|_| "{ \"features\": { \"containerd-snapshotter\": true } }\n")
}

impl Vsn {
    /// Whether that is where Docker has its images.
    pub fn keeps_images_in_containerd(&self) -> bool {
        docker_settings().is_some()
    }

    /// On whose disk Docker has its images.
    pub fn dockers_images(&self) -> &'static str {
        if self.keeps_images_in_containerd() { "/var/lib/docker/containerd/daemon" } else { "/var/lib/docker" }
    }

    /// The first number of Podman's version here.
    pub fn podman_generation(&self) -> u32 {
        let version = self.must(["podman", "--version"]);
        let number = version.rsplit(' ').next().and_then(|version| version.split('.').next());
        number.and_then(|number| number.parse().ok()).unwrap()
    }
}

fn name() -> Option<String> {
    set("LANDFALL_SYSTEM")
}

fn set(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

fn built(name: &str) -> PathBuf {
    let output = Command::new(script("newer-system")).arg(name).output().unwrap();
    assert!(output.status.success(), "newer-system {name}: {}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}
