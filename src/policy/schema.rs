//! The JSON Schema of a policy, and a policy to begin with. Reads nothing, changes nothing.

use super::Policy;
use crate::plan::model::schema;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of a policy file.
pub fn policy() -> Value {
    schema::of_model::<Policy>("urn:landfall:schema:policy:v1")
}

/// A strict policy for a server with one plan, to begin with.
pub const EXAMPLE: &str = r#"{
  "version": 1,
  "plans": ["shop"],
  "teardown": ["plan"],
  "data_roots": ["/srv/shop"],
  "read_only_roots": ["/etc/ssl/certs", "/usr/share/zoneinfo"],
  "file_folders": [],
  "registries": ["registry.example:5000/shop"],
  "archive_folders": ["/srv/images"],
  "archive_hosts": [],
  "build": false,
  "unpinned_images": false,
  "unverified_tls": false,
  "cap_add": [],
  "new_privileges": false,
  "container_root": false,
  "devices": [],
  "host_ports": ["127.0.0.1:1024-65535", "443"],
  "subnets": ["10.90.0.0/16"],
  "check_hosts": [],
  "smtp_hosts": ["mail.example.org"],
  "mail_to": ["@example.org"],
  "ssh_keys": false,
  "log_purge": ["syslog"],
  "log_keep": "30d",
  "memory": "2GiB",
  "cpus": 2,
  "pids": 512,
  "ulimits": ["nofile"],
  "sysctls": []
}
"#;

/// The same as a value.
pub(super) fn example() -> Value {
    serde_json::from_str(EXAMPLE).unwrap_or_default()
}

pub(super) fn ulimits(_: &mut SchemaGenerator) -> schemars::Schema {
    let mut names = schema::ulimit_names();
    if let Some(names) = names.as_object_mut() {
        names.insert("type".to_owned(), json!("string"));
        names.insert("description".to_owned(), json!("The name of a resource limit."));
        names.insert("examples".to_owned(), json!(["nofile"]));
    }
    schemars::json_schema!({ "type": "array", "items": names })
}

#[cfg(test)]
mod tests {
    use crate::committed::assert_committed;

    #[test]
    fn the_committed_schema_is_that_of_the_model() {
        assert_committed("schema/policy.v1.json", &format!("{:#}\n", super::policy()));
    }
}
