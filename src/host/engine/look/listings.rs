//! Reads what Podman has on record of images and secrets, or prints about them, and what it prints about networks.

use super::super::driver::Podman;
use super::super::lost::records::{self, Entry};
use super::Storage;
use super::memory::Answer;
use crate::facts::{ImageFact, NetworkFact, SecretFact};
use crate::few::InOrder;
use crate::run::Failure;
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

/// An image as `podman images --format json` lists it, sometimes once for each of its tags.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Image {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
}

/// A network as `podman network ls --format json` lists it, and as netavark has it on record.
#[derive(Debug, Deserialize)]
pub(super) struct Network {
    pub name: String,
    #[serde(default)]
    pub driver: String,
    #[serde(default)]
    pub network_interface: Option<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    subnets: Option<Vec<Range>>,
}

#[derive(Debug, Deserialize)]
struct Range {
    subnet: String,
}

/// From the lists of the storage, where all are known to be there and whole; else as Podman says.
pub(super) fn images(podman: &Podman) -> Result<Vec<ImageFact>, Failure> {
    if let Some(recorded) = podman.known_storage().and_then(|storage| recorded_images(&storage)) {
        return Ok(recorded);
    }
    podman.listed::<Image, _>(&["images", "--no-trunc", "--format", "json"]).map(image_facts)
}

/// Images by ID, each with its tags. One is listed once for each of them, and has all of them each time.
#[derive(Debug, Default)]
pub(super) struct Images(BTreeMap<String, BTreeSet<String>>);

impl Extend<Image> for Images {
    fn extend<I: IntoIterator<Item = Image>>(&mut self, listed: I) {
        for Image { id, names } in listed {
            let id = id.trim_start_matches("sha256:").to_owned();
            self.0.entry(id).or_default().extend(names.into_iter().flatten());
        }
    }
}

/// The images that are on record; `None` where there may be others, or where one is not whole: Podman has not written all of it, or a killed
/// call of it left it so, and then it can't be used.
fn recorded_images(storage: &Storage) -> Option<Vec<ImageFact>> {
    if !storage.has_all_images {
        return None;
    }
    let images = records::list::<Entry>(storage, "images").ok()??;
    let layers = records::ids(storage, "layers").ok()??;
    let is_whole = |image: &Entry| {
        let has_manifest = image.big_data_names.iter().flatten().any(|name| name.starts_with("manifest"));
        has_manifest && (image.layer.is_empty() || layers.contains(&image.layer))
    };
    if !images.iter().all(is_whole) {
        return None;
    }
    let fact = |Entry { id, names, .. }| {
        let mut tags = names.unwrap_or_default();
        tags.put_in_order();
        ImageFact { id, tags }
    };
    let mut facts: Vec<_> = images.into_iter().map(fact).collect();
    facts.put_in_order_by(|one, other| one.id.cmp(&other.id));
    Some(facts)
}

pub(super) fn image_facts(Images(images): Images) -> Vec<ImageFact> {
    images.into_iter().map(|(id, tags)| ImageFact { id, tags: tags.into_iter().collect() }).collect()
}

pub(super) fn networks(podman: &Podman) -> Result<Vec<NetworkFact>, Failure> {
    // What they depend on is only known where the storage is as usual.
    let is_as_usual = podman.known_storage().is_some_and(|storage| storage.is_as_usual());
    let arguments = ["network", "ls", "--format", "json"];
    let told =
        if is_as_usual { podman.told_as_before(Answer::Networks, &arguments)? } else { podman.told_now(&arguments)? };
    let networks: Vec<Network> = told.read()?;
    podman.keep(Answer::Networks, &told);
    Ok(networks.into_iter().map(Network::fact).collect())
}

impl Network {
    pub(super) fn fact(self) -> NetworkFact {
        let Self { name, labels, subnets, driver: _, network_interface: _ } = self;
        let subnets =
            subnets.into_iter().flatten().filter_map(|Range { subnet }| subnet.parse::<IpNet>().ok()).collect();
        NetworkFact { name, labels: labels.unwrap_or_default(), subnets }
    }
}

/// From its own list, where that is known to lie in its storage; else as Podman says, by name alone: Podman 4.3 does not list secrets as JSON.
pub(super) fn secrets(podman: &Podman) -> Result<Vec<SecretFact>, Failure> {
    if let Some(secrets) = podman.known_storage().and_then(|storage| recorded_secrets(&storage)) {
        return Ok(secrets);
    }
    let arguments = ["secret", "ls", "--format", "table {{.Name}}"].map(str::to_owned);
    let output = podman.listing(&arguments)?;
    secret_facts(&String::from_utf8_lossy(&output.stdout.whole()))
        .ok_or_else(|| Failure::new("what `podman secret` printed can't be read: it is no table"))
}

/// The secrets that are on record; `None` where that can't be told: Podman empties the list while it writes it anew.
fn recorded_secrets(storage: &Storage) -> Option<Vec<SecretFact>> {
    let secrets = storage.graph.join("secrets");
    match std::fs::read(secrets.join("secrets.json")) {
        Ok(text) => {
            let recorded: Value = serde_json::from_slice(&text).ok()?;
            let names = recorded.get("nameToID")?.as_object()?.keys();
            Some(names.map(|name| SecretFact { name: name.clone() }).collect())
        }
        // There has never been any.
        Err(error) if error.kind() == ErrorKind::NotFound && secrets.join("secrets.lock").exists() => Some(Vec::new()),
        Err(_) => None,
    }
}

/// The secrets of a table; `None` where the heading is missing, which is there without any secret, too.
pub(super) fn secret_facts(printed: &str) -> Option<Vec<SecretFact>> {
    let mut lines = printed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().filter(|heading| *heading == "NAME")?;
    Some(lines.map(|name| SecretFact { name: name.to_owned() }).collect())
}

#[cfg(test)]
#[path = "listings_tests.rs"]
mod tests;
