//! Reads the values of a plan's secrets where they lie while it is deployed, also where the engine does not answer. Reads only.

use super::docker;
use super::secret_store;
use crate::facts::EngineKind;
use crate::operation::Layout;
use crate::run::Failure;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretSlice;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The part of Podman's list of secrets that says which is called what.
#[derive(Deserialize)]
struct Listed {
    #[serde(default, rename = "idToName")]
    names: BTreeMap<String, String>,
}

/// Every secret of a plan, by the engine's name of it.
///
/// # Errors
/// They are there and can't be read.
pub fn secret_values(kind: EngineKind, layout: &Layout) -> Result<BTreeMap<String, SecretSlice<u8>>, Failure> {
    match kind {
        EngineKind::Podman => of_podman(Path::new(secret_store::FOLDER), &layout.secrets_prefix()),
        EngineKind::Docker => docker::secret_values(layout),
    }
}

fn of_podman(folder: &Path, prefix: &str) -> Result<BTreeMap<String, SecretSlice<u8>>, Failure> {
    let [names, values] = secret_store::lists(folder);
    let Listed { names } = secret_store::read(&names)?.unwrap_or(Listed { names: BTreeMap::new() });
    let values: BTreeMap<String, String> = secret_store::read(&values)?.unwrap_or_default();
    let mut found = BTreeMap::new();
    for (id, name) in names.into_iter().filter(|(_, name)| name.starts_with(prefix)) {
        let Some(value) = values.get(&id) else { continue };
        let value = STANDARD.decode(value);
        let value = value.map_err(|_| Failure::new(format!("the value of the secret {name} can't be read")))?;
        found.insert(name, SecretSlice::from(value));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::of_podman;
    use pretty_assertions::assert_eq;
    use secrecy::ExposeSecret;
    use std::fs;

    /// As Podman 4.3 writes them.
    #[test]
    fn the_values_of_a_plans_secrets_are_read_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("filedriver")).unwrap();
        let read = || of_podman(folder.path(), "landfall.shop.").map_err(|failure| failure.message);
        assert_eq!(read().unwrap().len(), 0);
        let names = r#"{"secrets":{"a1":{"name":"landfall.shop.1.0","id":"a1","driver":"file"}},
            "nameToID":{"landfall.shop.1.0":"a1","mine":"b2"},"idToName":{"a1":"landfall.shop.1.0","b2":"mine"}}"#;
        fs::write(folder.path().join("secrets.json"), names).unwrap();
        fs::write(folder.path().join("filedriver/secretsdata.json"), r#"{"a1":"aHVudGVyMg==","b2":"bWluZQ=="}"#)
            .unwrap();
        let values: Vec<_> =
            read().unwrap().into_iter().map(|(name, value)| (name, value.expose_secret().to_vec())).collect();
        assert_eq!(values, [("landfall.shop.1.0".to_owned(), b"hunter2".to_vec())]);
        fs::write(folder.path().join("filedriver/secretsdata.json"), "").unwrap();
        let told = read().err().unwrap_or_default();
        assert!(
            told.starts_with(&format!("`{}/filedriver/secretsdata.json` could not be read", folder.path().display())),
            "{told}"
        );
    }
}
