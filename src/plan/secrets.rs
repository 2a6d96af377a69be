//! The values of the secrets, and where a plan names them. Reads nothing, changes nothing.

use super::model::{ConfigSource, Decode, Environment, Plan, Service};
use super::template::Template;
use super::values::{Problem, SecretName, ServiceName};
use crate::diagnostics::{Code, Pointer};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The most bytes that a secret may have; what the engine's own store takes.
pub const MAXIMUM_BYTES: usize = 511_999;

/// The secrets file: each value by its name. `Debug` shows the names alone.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<SecretName, SecretString>,
    /// What has a value that is no text.
    unusable: BTreeSet<SecretName>,
}

impl Secrets {
    /// The values of a secrets file; of one that does not fit its schema, those that can be used.
    pub fn of(file: &Value) -> Self {
        let mut secrets = Self::default();
        for (name, value) in file.as_object().into_iter().flatten() {
            match (SecretName::parse(name), value.as_str()) {
                (Ok(name), Some(value)) => {
                    secrets.values.insert(name, SecretString::from(value));
                }
                (Ok(name), None) => {
                    secrets.unusable.insert(name);
                }
                (Err(_), Some(_) | None) => {}
            }
        }
        secrets
    }

    /// Whether the file has this name, even with a value that can't be used.
    pub fn has(&self, name: &SecretName) -> bool {
        self.values.contains_key(name) || self.unusable.contains(name)
    }

    /// The value of a secret.
    pub fn get(&self, name: &SecretName) -> Option<&SecretString> {
        self.values.get(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &SecretName> {
        self.values.keys()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.names().map(SecretName::as_str)).finish()
    }
}

/// The bytes that a container gets of a secret.
///
/// # Errors
/// A value that is not in the encoding that the plan says, or of none or too many bytes. It is never quoted.
pub fn bytes_of(value: &SecretString, decode: Option<Decode>) -> Result<SecretSlice<u8>, Problem> {
    let text = value.expose_secret();
    let bytes = match decode {
        None => text.as_bytes().to_vec(),
        Some(Decode::Base64) => STANDARD.decode(text).map_err(|_| {
            Problem::new(Code::BadSecret, "is not base64")
                .label("base64 with padding, on one line")
                .help("write what `base64 -w0 FILE` prints")
        })?,
    };
    let count = bytes.len();
    let bytes = SecretSlice::from(bytes);
    if (1..=MAXIMUM_BYTES).contains(&count) {
        return Ok(bytes);
    }
    Err(Problem::new(Code::BadSecret, format!("has {count} bytes")).label(format!("from 1 to {MAXIMUM_BYTES} bytes")))
}

/// Every secret that the plan names, and where: in `secrets`, `environment`, templates, registries, keys and the mail server.
///
/// Templates that are not valid name nothing.
pub fn names_secrets(plan: &Plan) -> BTreeMap<SecretName, Vec<Pointer>> {
    let mut found = Vec::new();
    for (name, service) in &plan.services {
        of_service(name, service, &mut found);
    }
    for (host, registry) in &plan.registries {
        let Some(password) = &registry.password else { continue };
        found.push((password.secret.clone(), Pointer::of(["registries", &host.to_string(), "password", "secret"])));
    }
    for (file, key) in &plan.ssh_keys {
        let pointer = Pointer::of(["ssh_keys", file.as_str(), "private_key", "secret"]);
        found.push((key.private_key.secret.clone(), pointer));
    }
    let smtp = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    if let Some(password) = smtp.and_then(|smtp| smtp.password.as_ref()) {
        let pointer = Pointer::of(["maintenance", "mail", "smtp", "password", "secret"]);
        found.push((password.secret.clone(), pointer));
    }
    let mut named: BTreeMap<SecretName, Vec<Pointer>> = BTreeMap::new();
    for (name, pointer) in found {
        named.entry(name).or_default().push(pointer);
    }
    named
}

fn of_service(name: &ServiceName, service: &Service, found: &mut Vec<(SecretName, Pointer)>) {
    let at = Pointer::of(["services", name.as_str()]);
    for (index, file) in service.secrets.iter().enumerate() {
        found.push((file.secret.clone(), at.then("secrets").then(index).then("secret")));
    }
    for (variable, value) in &service.environment {
        let at = at.then("environment").then(variable);
        match value {
            Environment::Text(_) => {}
            Environment::Secret { secret } => found.push((secret.clone(), at.then("secret"))),
            Environment::Template { template } => of_template(template, &at.then("template"), found),
        }
    }
    for (index, config) in service.configs.iter().enumerate() {
        match &config.source {
            ConfigSource::File(_) | ConfigSource::Content(_) => {}
            ConfigSource::Template(template) => {
                of_template(template, &at.then("configs").then(index).then("template"), found);
            }
        }
    }
}

fn of_template(text: &str, at: &Pointer, found: &mut Vec<(SecretName, Pointer)>) {
    let names = Template::parse(text).map(|template| template.secrets()).unwrap_or_default();
    found.extend(names.into_iter().map(|name| (name, at.clone())));
}

#[cfg(test)]
mod tests {
    use super::{Secrets, bytes_of, names_secrets};
    use crate::plan::model::{Decode, Plan};
    use pretty_assertions::assert_eq;
    use secrecy::{ExposeSecret, SecretString};
    use serde_json::json;

    #[test]
    fn debug_shows_names_and_no_values() {
        let secrets = Secrets::of(&json!({"$schema": "secrets.v1.json", "db": "hunter2"}));
        assert_eq!(format!("{secrets:?}"), "{\"db\"}");
    }

    #[test]
    fn a_binary_secret_is_decoded() {
        let bytes = |text: &str| {
            bytes_of(&SecretString::from(text), Some(Decode::Base64))
                .map(|bytes| bytes.expose_secret().to_vec())
                .map_err(|problem| problem.message)
        };
        assert_eq!(bytes("AP8="), Ok(vec![0, 255]));
        assert_eq!([bytes("AP8"), bytes("AP8=\n"), bytes("hunter2!")], ["is not base64"; 3].map(|m| Err(m.to_owned())));
    }

    #[test]
    fn sizes_count_in_bytes() {
        let size = |text: String| bytes_of(&text.into(), None).map(|_| ()).map_err(|problem| problem.message);
        assert_eq!(size("ä".repeat(255_999) + "x"), Ok(()));
        assert_eq!(size("ä".repeat(256_000)), Err("has 512000 bytes".to_owned()));
        assert_eq!(size(String::new()), Err("has 0 bytes".to_owned()));
    }

    #[test]
    fn every_place_that_names_a_secret_is_found() {
        let plan: Plan = serde_json::from_value(json!({
            "version": 1, "name": "shop",
            "services": { "web": {
                "image": "docker.io/library/nginx:1.27",
                "secrets": [{"secret": "file", "target": "/run/secrets/file"}],
                "environment": {"A": "{{no}}", "B": {"secret": "file"}, "C": {"template": "{{url one}}{{json two}}"}},
                "configs": [{"content": "{{no}}", "target": "/a"}, {"template": "{{two}}", "target": "/b"}]
            }},
            "registries": {"registry.example:5000": {"username": "vsn", "password": {"secret": "registry"}}},
            "ssh_keys": {"id_rsa": {"private_key": {"secret": "key"}}},
            "maintenance": {"mail": {"to": ["a@b.example"], "from": "a@b.example",
                "smtp": {"host": "mail.example", "username": "u", "password": {"secret": "mail"}}}}
        }))
        .unwrap();
        let found: Vec<_> = names_secrets(&plan)
            .into_iter()
            .map(|(name, places)| {
                format!("{name}: {}", places.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(
            found,
            [
                "file: /services/web/secrets/0/secret /services/web/environment/B/secret",
                "key: /ssh_keys/id_rsa/private_key/secret",
                "mail: /maintenance/mail/smtp/password/secret",
                "one: /services/web/environment/C/template",
                "registry: /registries/registry.example:5000/password/secret",
                "two: /services/web/environment/C/template /services/web/configs/1/template",
            ]
        );
    }
}
