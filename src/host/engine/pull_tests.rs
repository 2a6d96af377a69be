//! How images are pulled: the account, and what is read from the engine's answer.

use super::{Login, authentication, printed_id};
use crate::host::command::Output;
use crate::run::Failure;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

const ID: &str = "83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd";

fn printed(stdout: &str) -> Result<String, Failure> {
    let output = Output { stdout: stdout.into(), stderr: "Error: strange\n".to_owned(), code: 0 };
    printed_id(&output).map(|id| id.to_string())
}

/// As in containers-auth.json(5): base64 of `vsn:hunter:2`.
#[test]
fn an_account_is_written_as_podman_reads_it() {
    let login = Login {
        registry: "registry.example:5000".to_owned(),
        username: "vsn".to_owned(),
        password: "hunter:2".to_owned().into(),
    };
    let written = serde_json::from_slice::<Value>(&authentication(&login)).unwrap();
    assert_eq!(written, json!({ "auths": { "registry.example:5000": { "auth": "dnNuOmh1bnRlcjoy" } } }));
}

#[test]
fn a_pull_prints_the_image_that_it_pulled() {
    assert_eq!(printed(&format!("{ID}\n")), Ok(ID.to_owned()));
    assert_eq!(printed(&format!("Trying to pull …\n{ID}\n\n")), Ok(ID.to_owned()));
    assert_eq!(printed("done\n"), Err(Failure::new("podman did not say which image it pulled; it said strange")));
}
