//! Reads what Podman prints about containers.

use super::super::deadline;
use super::super::driver::Podman;
use super::super::said;
use super::elements::read;
use crate::facts::{ContainerFact, HeldPort, Protocol};
use crate::few::Few;
use crate::host::command::Output;
use crate::host::threads::beside;
use crate::run::Failure;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// What lives of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Its first process, as this server counts processes.
    pub pid: Option<u32>,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
}

/// What to do about a container that was listed and is gone when it is inspected.
pub(super) enum Vanished {
    /// Look again: what took its place isn't listed yet.
    Again,
    /// Go on without it.
    LeftOut,
}

/// A container as `podman ps --format json` lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default, rename = "ImageID")]
    image_id: String,
    state: String,
}

/// A container as `podman container inspect` describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::host::engine) struct Inspected {
    id: String,
    name: String,
    image: String,
    #[serde(default)]
    restart_count: u32,
    state: State,
    config: Configuration,
    #[serde(default)]
    network_settings: NetworkSettings,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    running: bool,
    exit_code: i32,
    #[serde(default)]
    pid: u32,
    #[serde(default)]
    started_at: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    /// In seconds.
    #[serde(default)]
    stop_timeout: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    #[serde(default)]
    ports: Option<BTreeMap<String, Option<Vec<Binding>>>>,
    #[serde(default)]
    networks: Option<BTreeMap<String, Attached>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    #[serde(default)]
    host_ip: String,
    host_port: String,
}

#[derive(Debug, Default, Deserialize)]
struct Attached {
    #[serde(rename = "IPAddress", default)]
    address: String,
    #[serde(rename = "GlobalIPv6Address", default)]
    v6_address: String,
}

fn listed(podman: &Podman) -> Result<Vec<Listed>, Failure> {
    podman.listed(&["ps", "--all", "--external", "--no-trunc", "--format", "json"])
}

/// The names and IDs of all containers.
pub(super) fn names(podman: &Podman) -> Result<BTreeSet<String>, Failure> {
    let each = |Listed { id, names, image_id: _, state: _ }| names.into_iter().flatten().chain([id]);
    Ok(listed(podman)?.into_iter().flat_map(each).gathered())
}

/// How long Podman 4 is at its records to list so many containers, about. Of two calls that come to them at once, one waits for 50 ms, however
/// soon the other is done: so the next one begins when it won't meet this one there. Where it does, it waits.
fn listing_reads(containers: usize) -> Duration {
    const NONE: Duration = Duration::from_millis(10);
    const EACH: Duration = Duration::from_micros(500);
    match u32::try_from(containers) {
        Ok(0) => Duration::ZERO,
        Ok(many @ ..=200) => NONE + EACH * many,
        Ok(_) | Err(_) => NONE + EACH * 200,
    }
}

/// All containers; `None` if one vanished and that matters.
pub(super) fn all(podman: &Podman, vanished: Vanished) -> Result<Option<Vec<ContainerFact>>, Failure> {
    let supposed = podman.supposed_ids();
    let (listed, inspected_meanwhile) = std::thread::scope(|scope| {
        let meanwhile = beside(scope, || {
            std::thread::sleep(listing_reads(supposed.len()));
            inspected(podman, &supposed)
        })?;
        Ok((listed(podman)?, meanwhile.join()))
    })?;
    let (storage_only, whole): (Vec<_>, Vec<_>) = listed.into_iter().partition(Listed::is_storage_only);
    let ids: Vec<String> = whole.iter().map(|listed| listed.id.clone()).collect();
    let found = match inspected_meanwhile {
        Ok(Ok(found)) if ids.iter().all(|id| found.iter().any(|there| there.id == *id)) => {
            Ok(found.into_iter().filter(|there| ids.contains(&there.id)).collect())
        }
        _ => inspected(podman, &ids),
    };
    let inspected = match found {
        Err(failure) if has_no_storage(&failure) => one_by_one(podman, whole)?,
        ended => ended?,
    };
    match vanished {
        Vanished::Again if inspected.len() < ids.len() => Ok(None),
        Vanished::Again | Vanished::LeftOut => {
            Ok(Some(inspected.into_iter().chain(storage_only.into_iter().map(Listed::fact)).collect()))
        }
    }
}

/// Whether a container can't be inspected because its storage is gone and the rest of it is not: a removal was killed half-way.
/// It spoils the answer for all others that were asked for with it.
fn has_no_storage(failure: &Failure) -> bool {
    // Its record, or its layer, whichever the removal came to first.
    ["container not known", "layer not known"].iter().any(|gone| failure.message.contains(gone))
}

/// These containers; of one whose storage is gone, what the listing says. Like one that has nothing else, it can be removed by name.
fn one_by_one(podman: &Podman, listed: Vec<Listed>) -> Result<Vec<ContainerFact>, Failure> {
    let mut containers = Vec::new();
    for listed in listed {
        match inspected(podman, std::slice::from_ref(&listed.id)) {
            Err(failure) if has_no_storage(&failure) => containers.push(listed.fact()),
            found => containers.extend(found?),
        }
    }
    Ok(containers)
}

/// Those of these containers, by name or ID, that exist. One call for all of them.
pub(super) fn inspected(podman: &Podman, containers: &[String]) -> Result<Vec<ContainerFact>, Failure> {
    Ok(described(podman, containers)?.into_iter().map(Inspected::fact).collect())
}

/// As [`inspected`], with what lives of each.
pub(super) fn living(podman: &Podman, containers: &[String]) -> Result<Vec<(ContainerFact, Life)>, Failure> {
    Ok(described(podman, containers)?.into_iter().map(Inspected::living).collect())
}

fn described(podman: &Podman, containers: &[String]) -> Result<Vec<Inspected>, Failure> {
    if containers.is_empty() {
        return Ok(Vec::new());
    }
    let arguments: Vec<String> =
        ["container", "inspect"].map(str::to_owned).into_iter().chain(containers.iter().cloned()).collect();
    let Output { stdout, stderr, code } =
        podman.call(&arguments, deadline::LOOK).run_in_pieces_to_any_code().map_err(said::failure)?;
    // It describes those that exist, and fails nevertheless where one does not.
    if code != 0 && !said::is_gone(&stderr) {
        let gist = said::gist(&stderr).unwrap_or_else(|| format!("exit code {code}"));
        return Err(Failure::new(format!("`podman container inspect` failed: {gist}")));
    }
    // Of none of them it prints nothing.
    let described = if code != 0 && stdout.is_blank() { Ok(Vec::new()) } else { read::<Inspected, _>(stdout) };
    let described: Vec<Inspected> = described
        .map_err(|problem| Failure::new(format!("what `podman container inspect` printed can't be read: {problem}")))?;
    podman.graces.note(described.iter().flat_map(Inspected::graces));
    Ok(described)
}

impl Listed {
    /// Whether only its storage is left, or ever was: Podman then lists it for `--external` alone and can't inspect it.
    fn is_storage_only(&self) -> bool {
        self.state.eq_ignore_ascii_case("storage")
    }

    fn fact(self) -> ContainerFact {
        let Self { id, names, image_id, state: _ } = self;
        let name = names.and_then(|names| names.into_iter().next()).unwrap_or_else(|| id.clone());
        ContainerFact {
            name,
            id,
            image_id,
            labels: BTreeMap::new(),
            networks: Vec::new(),
            ports: Vec::new(),
            running: false,
            storage_only: true,
            exit_code: None,
            restarts: 0,
            address: None,
        }
    }
}

/// Docker says that a container runs while it waits for the next start of its process.
const RESTARTING: &str = "restarting";

impl Inspected {
    /// The container, and what lives of it.
    pub(in crate::host::engine) fn living(self) -> (ContainerFact, Life) {
        let State { status: _, running, exit_code: _, pid, started_at } = &self.state;
        // Before its first start, an engine says the year 1.
        let started = started_at.parse().ok().filter(|at: &Timestamp| *at > Timestamp::UNIX_EPOCH);
        let life = Life { pid: Some(*pid).filter(|pid| *pid > 0), started_at: started.filter(|_| *running) };
        (self.fact(), life)
    }

    /// Its grace period, by its name and by its ID.
    fn graces(&self) -> Vec<(String, Duration)> {
        let seconds = self.config.stop_timeout.and_then(|seconds| u64::try_from(seconds).ok());
        let by = |seconds| [&self.name, &self.id].map(|key| (key.clone(), Duration::from_secs(seconds)));
        seconds.map(by).into_iter().flatten().collect()
    }

    pub(in crate::host::engine) fn fact(self) -> ContainerFact {
        let Self { id, name, image, restart_count, state, config, network_settings } = self;
        let State { status, running, exit_code, pid: _, started_at: _ } = state;
        let labels = config.labels.unwrap_or_default();
        let NetworkSettings { ports, networks } = network_settings;
        let networks = networks.unwrap_or_default();
        let own = labels.get(ContainerFact::PLAN).and_then(|plan| networks.get(plan));
        ContainerFact {
            address: own.or(networks.values().next()).and_then(Attached::address),
            networks: networks.keys().cloned().collect(),
            ports: ports.iter().flatten().flat_map(|(port, bindings)| held(port, bindings, &name)).collect(),
            exit_code: matches!(status.as_str(), "exited" | "stopped" | RESTARTING).then_some(exit_code),
            image_id: image.trim_start_matches("sha256:").to_owned(),
            restarts: restart_count,
            storage_only: false,
            name,
            id,
            labels,
            running: running && status != RESTARTING,
        }
    }
}

impl Attached {
    fn address(&self) -> Option<IpAddr> {
        self.address.parse().or_else(|_| self.v6_address.parse()).ok()
    }
}

/// The ports of the server that lead to `80/tcp` and the like.
fn held(port: &str, bindings: &Option<Vec<Binding>>, holder: &str) -> Vec<HeldPort> {
    let protocol = match port.rsplit_once('/') {
        Some((_, "udp")) => Protocol::Udp,
        Some(_) | None => Protocol::Tcp,
    };
    let held = |binding: &Binding| {
        let Binding { host_ip, host_port } = binding;
        let port = host_port.parse().ok()?;
        Some(HeldPort { address: host_ip.parse().ok(), port, protocol, holder: holder.to_owned() })
    };
    bindings.iter().flatten().filter_map(held).collect()
}
