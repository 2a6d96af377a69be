//! Reads what Podman prints about images, networks and secrets.

use super::super::driver::Podman;
use crate::facts::{ImageFact, NetworkFact, SecretFact};
use crate::run::Failure;
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// An image as `podman images --format json` lists it, sometimes once for each of its tags.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Image {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
}

/// A network as `podman network ls --format json` lists it.
#[derive(Debug, Deserialize)]
pub(super) struct Network {
    name: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    subnets: Option<Vec<Range>>,
}

#[derive(Debug, Deserialize)]
struct Range {
    subnet: String,
}

pub(super) fn images(podman: &Podman) -> Result<Vec<ImageFact>, Failure> {
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

pub(super) fn image_facts(Images(images): Images) -> Vec<ImageFact> {
    images.into_iter().map(|(id, tags)| ImageFact { id, tags: tags.into_iter().collect() }).collect()
}

pub(super) fn networks(podman: &Podman) -> Result<Vec<NetworkFact>, Failure> {
    let networks: Vec<Network> = podman.listed(&["network", "ls", "--format", "json"])?;
    Ok(networks.into_iter().map(Network::fact).collect())
}

impl Network {
    pub(super) fn fact(self) -> NetworkFact {
        let Self { name, labels, subnets } = self;
        let subnets =
            subnets.into_iter().flatten().filter_map(|Range { subnet }| subnet.parse::<IpNet>().ok()).collect();
        NetworkFact { name, labels: labels.unwrap_or_default(), subnets }
    }
}

/// By name alone: Podman 4.3 does not list secrets as JSON.
pub(super) fn secrets(podman: &Podman) -> Result<Vec<SecretFact>, Failure> {
    let arguments = ["secret", "ls", "--format", "table {{.Name}}"].map(str::to_owned);
    let output = podman.listing(&arguments)?;
    secret_facts(&String::from_utf8_lossy(&output.stdout.whole()))
        .ok_or_else(|| Failure::new("what `podman secret` printed can't be read: it is no table"))
}

/// The secrets of a table; `None` where the heading is missing, which is there without any secret, too.
pub(super) fn secret_facts(printed: &str) -> Option<Vec<SecretFact>> {
    let mut lines = printed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().filter(|heading| *heading == "NAME")?;
    Some(lines.map(|name| SecretFact { name: name.to_owned() }).collect())
}
