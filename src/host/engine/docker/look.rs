//! What Docker is and has: runs its listings and reads what they print. Changes nothing.

use super::super::driver::texts;
use super::super::look::{Inspected, Life};
use super::super::{deadline, docker, said};
use super::driver::Docker;
use crate::facts::{ContainerFact, EngineLook, HeldPort, ImageFact, NetworkFact, SecretFact};
use crate::few::InOrder;
use crate::host::command::{CommandProblem, Output};
use crate::run::Failure;
use ipnet::IpNet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// How often something that vanished between listing and inspecting makes us look again.
const ATTEMPTS: usize = 5;

/// How often images are listed again because one was removed meanwhile.
const LISTINGS: usize = 20;

/// One name of an image, as `docker images` lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListedImage {
    #[serde(rename = "ID")]
    id: String,
    repository: String,
    tag: String,
}

/// A network as `docker network inspect` describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Network {
    name: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(rename = "IPAM", default)]
    addresses: Addresses,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Addresses {
    #[serde(default)]
    config: Option<Vec<Range>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Range {
    #[serde(default)]
    subnet: String,
}

impl Docker {
    /// All that it has.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn look(&self) -> Result<EngineLook, Failure> {
        Ok(EngineLook {
            containers: self.containers()?,
            images: self.images()?,
            networks: self.networks()?,
            secrets: self.secrets()?,
        })
    }

    /// All containers.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn containers(&self) -> Result<Vec<ContainerFact>, Failure> {
        let all = ["ps", "--all", "--quiet", "--no-trunc"].map(str::to_owned);
        let mut found = Vec::new();
        for _ in 0..ATTEMPTS {
            let ids = self.ids(&all)?;
            found = self.containers_named(&ids)?;
            if found.len() == ids.len() {
                break;
            }
        }
        Ok(found)
    }

    /// Those of these containers that exist, by name or ID.
    ///
    /// # Errors
    /// Docker can't tell, or not in time.
    pub fn containers_named(&self, names: &[String]) -> Result<Vec<ContainerFact>, Failure> {
        let described: Vec<Inspected> = self.inspected(&["container", "inspect"], names)?;
        let facts = described.into_iter().map(|described| as_docker_says_it(described.fact()));
        facts.map(|fact| Ok(ContainerFact { image_id: self.known_by(&fact.image_id)?, ..fact })).collect()
    }

    /// As [`Docker::containers_named`], with what lives of each.
    ///
    /// # Errors
    /// Docker can't tell, or not in time.
    pub fn living(&self, names: &[String]) -> Result<Vec<(ContainerFact, Life)>, Failure> {
        let described: Vec<Inspected> = self.inspected(&["container", "inspect"], names)?;
        let living = described.into_iter().map(Inspected::living);
        let known = living.map(|(container, life)| {
            let fact = as_docker_says_it(container);
            Ok((ContainerFact { image_id: self.known_by(&fact.image_id)?, ..fact }, life))
        });
        known.collect()
    }

    /// All images, by the IDs that Docker calls them.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub(super) fn images_as_it_calls_them(&self) -> Result<Vec<ImageFact>, Failure> {
        let arguments = ["images", "--no-trunc", "--format", "{{json .}}"].map(str::to_owned);
        let list = || self.call(&arguments, deadline::LOOK).run();
        let mut output = list();
        for _ in 1..LISTINGS {
            match output {
                Err(CommandProblem::Failed { command: _, code: _, stderr_tail }) if is_half_gone(&stderr_tail) => {
                    output = list();
                }
                Ok(_) | Err(_) => break,
            }
        }
        let output = output.map_err(said::failure)?;
        let lines = String::from_utf8_lossy(&output.stdout);
        let listed = lines.lines().map(serde_json::from_str).collect::<Result<Vec<ListedImage>, _>>();
        let listed =
            listed.map_err(|problem| Failure::new(format!("what `docker images` printed can't be read: {problem}")))?;
        Ok(image_facts(listed))
    }

    /// All networks.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn networks(&self) -> Result<Vec<NetworkFact>, Failure> {
        let all = ["network", "ls", "--quiet", "--no-trunc"].map(str::to_owned);
        let mut found: Vec<Network> = Vec::new();
        for _ in 0..ATTEMPTS {
            let ids = self.ids(&all)?;
            found = self.inspected(&["network", "inspect"], &ids)?;
            if found.len() == ids.len() {
                break;
            }
        }
        Ok(found.into_iter().map(Network::fact).collect())
    }

    /// All secrets of the plan's.
    ///
    /// # Errors
    /// Their folder can't be read.
    pub fn secrets(&self) -> Result<Vec<SecretFact>, Failure> {
        self.secrets.all()
    }

    /// What it says of an image that it calls so; `None` if there is none.
    pub(super) fn image<D: DeserializeOwned, T>(
        &self,
        image: &str,
        read: impl FnOnce(D) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let call = self.call(&texts(&docker::inspect_image(image)), deadline::LOOK);
        let Output { stdout, stderr, code } = call.run_to_any_code().map_err(said::failure)?;
        if code != 0 && (said::is_gone(&stderr) || is_half_gone(&stderr)) {
            return Ok(None);
        }
        let images = serde_json::from_slice::<Vec<D>>(&stdout);
        let described = images.ok().and_then(|images| images.into_iter().next()).and_then(read);
        described.map(Some).ok_or_else(|| {
            let gist = said::gist(&stderr).unwrap_or_else(|| "what it printed can't be read".to_owned());
            Failure::new(format!("`docker image inspect` failed: {gist}"))
        })
    }

    /// The IDs that a listing prints, one a line.
    fn ids(&self, arguments: &[String]) -> Result<Vec<String>, Failure> {
        let output = self.done(self.call(arguments, deadline::LOOK))?;
        Ok(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect())
    }

    /// Those of these that exist. It describes them, and fails nevertheless where one does not.
    pub(super) fn inspected<T: DeserializeOwned>(&self, command: &[&str], names: &[String]) -> Result<Vec<T>, Failure> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let arguments: Vec<String> =
            command.iter().map(|word| (*word).to_owned()).chain(names.iter().cloned()).collect();
        let call = self.call(&arguments, deadline::LOOK);
        let name = call.name();
        let Output { stdout, stderr, code } = call.run_to_any_code().map_err(said::failure)?;
        if code != 0 && !said::is_gone(&stderr) {
            let gist = said::gist(&stderr).unwrap_or_else(|| format!("exit code {code}"));
            return Err(Failure::new(format!("`{name}` failed: {gist}")));
        }
        serde_json::from_slice(&stdout)
            .map_err(|problem| Failure::new(format!("what `{name}` printed can't be read: {problem}")))
    }
}

/// Whether a call failed over an image that is being removed: in containerd's store, its content goes before its name.
pub(super) fn is_half_gone(stderr: &str) -> bool {
    said::gist(stderr).is_some_and(|gist| gist.contains("content digest ") && gist.ends_with(": not found"))
}

/// Docker's names begin with a slash, and "all addresses" are two of them.
fn as_docker_says_it(container: ContainerFact) -> ContainerFact {
    let name = container.name.trim_start_matches('/').to_owned();
    let port = |held: HeldPort| HeldPort {
        address: held.address.filter(|address| !address.is_unspecified()),
        holder: name.clone(),
        ..held
    };
    let mut ports: Vec<HeldPort> = container.ports.into_iter().map(port).collect();
    ports.dedup();
    ContainerFact { name, ports, ..container }
}

pub(super) fn image_facts(listed: Vec<ListedImage>) -> Vec<ImageFact> {
    let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ListedImage { id, repository, tag } in listed {
        let tags = tags.entry(id.trim_start_matches("sha256:").to_owned()).or_default();
        if repository != "<none>" && tag != "<none>" {
            tags.push(format!("{repository}:{tag}"));
        }
    }
    let fact = |(id, mut tags): (String, Vec<String>)| {
        tags.put_in_order();
        ImageFact { id, tags }
    };
    tags.into_iter().map(fact).collect()
}

impl Network {
    pub(super) fn fact(self) -> NetworkFact {
        let Self { name, labels, addresses: Addresses { config } } = self;
        let subnets =
            config.unwrap_or_default().into_iter().filter_map(|Range { subnet }| subnet.parse::<IpNet>().ok());
        NetworkFact { name, labels: labels.unwrap_or_default(), subnets: subnets.collect() }
    }
}
