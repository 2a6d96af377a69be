//! Whom Docker's daemon trusts: its own configuration says so, and no call. Changes nothing.
#![allow(clippy::disallowed_methods, reason = "the daemon's authorities are files, which it reads at each pull")]

use super::super::deadline;
use super::driver::Docker;
use crate::facts::{RegistryTrust, RegistryTrusts};
use crate::few::{Few, InOrder};
use crate::plan::values::{Host, RegistryName};
use crate::run::Failure;
use ipnet::IpNet;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::Path;

/// Where the daemon looks for authorities, in a folder for each registry.
const AUTHORITIES: &str = "/etc/docker/certs.d";

/// What `docker info` says of registries.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Registries {
    /// Where neither TLS nor a certificate that is trusted is asked for: ranges of addresses.
    #[serde(default, rename = "InsecureRegistryCIDRs")]
    ranges: Option<Vec<String>>,
    /// The registries of which it says more than of others.
    #[serde(default)]
    index_configs: Option<BTreeMap<String, Index>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    secure: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(default)]
    registry_config: Option<Registries>,
}

impl Docker {
    /// How its daemon asks these registries.
    ///
    /// # Errors
    /// What Docker said, that it did not answer in time, or that an authority can't be read.
    pub fn trusts(&self, registries: &BTreeSet<RegistryName>) -> Result<RegistryTrusts, Failure> {
        if registries.is_empty() {
            return Ok(BTreeMap::new());
        }
        let arguments = ["info", "--format", "{{json .}}"].map(str::to_owned);
        let output = self.done(self.call(&arguments, deadline::LOOK))?;
        let info: Info = serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::new(format!("what `docker info` says can't be read: {error}")))?;
        let told = info.registry_config.unwrap_or_default();
        registries
            .iter()
            .map(|registry| {
                let verified = told.are_verified(registry, addresses_of);
                let authorities = authorities(&Path::new(AUTHORITIES).join(registry.to_string()))?;
                Ok((registry.clone(), RegistryTrust { verified, authorities }))
            })
            .all_gathered()
    }
}

impl Registries {
    /// Whether the daemon verifies what this registry shows. Of one that it was not told of, the address decides, as the daemon does it.
    pub(super) fn are_verified(&self, registry: &RegistryName, addresses: impl Fn(&Host) -> Vec<IpAddr>) -> bool {
        let Self { ranges, index_configs } = self;
        match index_configs.iter().flatten().find(|(name, _)| **name == registry.to_string()) {
            Some((_, Index { secure })) => *secure,
            None => {
                let ranges: Vec<IpNet> = ranges.iter().flatten().filter_map(|range| range.parse().ok()).collect();
                let addresses = if ranges.is_empty() { Vec::new() } else { addresses(registry.host()) };
                !addresses.iter().any(|address| ranges.iter().any(|range| range.contains(address)))
            }
        }
    }
}

/// The addresses of a host; none where its name is not known.
fn addresses_of(host: &Host) -> Vec<IpAddr> {
    match host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => {
            let found = (name.as_str(), 0).to_socket_addrs();
            found.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
        }
    }
}

/// The SHA-256 of each file with authorities in this folder.
fn authorities(folder: &Path) -> Result<Vec<String>, Failure> {
    let unread = |error: std::io::Error| Failure::new(format!("{} can't be read: {error}", folder.display()));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unread(error)),
    };
    let mut authorities = Vec::new();
    for entry in entries {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|extension| extension == "crt") {
            let bytes = fs::read(&path).map_err(unread)?;
            authorities.push(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect());
        }
    }
    authorities.put_in_order();
    Ok(authorities)
}

#[cfg(test)]
mod tests {
    use super::{Registries, authorities};
    use crate::plan::values::{Host, RegistryName};
    use pretty_assertions::assert_eq;
    use serde_json::json;
    use std::net::IpAddr;

    #[test]
    fn a_registry_is_verified_unless_the_daemon_was_told_otherwise_of_it_or_of_its_address() {
        // As 20.10.24 prints it, with `"insecure-registries": ["a.example:5000"]`.
        let told: Registries = serde_json::from_value(json!({
            "AllowNondistributableArtifactsCIDRs": [], "AllowNondistributableArtifactsHostnames": [],
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {
                "a.example:5000": { "Name": "a.example:5000", "Mirrors": [], "Secure": false, "Official": false },
                "docker.io": { "Name": "docker.io", "Mirrors": [], "Secure": true, "Official": true }
            },
            "Mirrors": []
        }))
        .unwrap();
        let address = |host: &Host| -> Vec<IpAddr> {
            let here = *host == Host::Name("localhost".to_owned());
            vec![if here { "127.0.0.1" } else { "192.0.2.1" }.parse().unwrap()]
        };
        let verified = |name: &str| told.are_verified(&RegistryName::parse(name).unwrap(), address);
        assert_eq!(
            ["a.example:5000", "a.example:5001", "docker.io", "localhost:5000", "b.example"].map(verified),
            [false, true, true, false, true]
        );
    }

    #[test]
    fn the_authorities_of_a_registry_are_the_files_that_the_daemon_takes_for_them() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(authorities(&folder.path().join("none")), Ok(Vec::new()));
        std::fs::write(folder.path().join("ca.crt"), "a").unwrap();
        std::fs::write(folder.path().join("client.cert"), "b").unwrap();
        let of_a = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
        assert_eq!(authorities(folder.path()), Ok(vec![of_a.to_owned()]));
    }
}
