//! Debian's Neovim with the JSON language server, set up as the README says.

use super::tools::folder;
use super::walk::{file, schemas};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::{fs, process::Command};

const PLAN: &str = r#"{
  "$schema": "plan.v1.json",
  "version": 1,
  "name": "shop",
  "services": {
    "web": {
      "image": "docker.io/library/nginx:1.27",
      "stop_grace_period": "90",
      "logging": { }
    }
  }
}
"#;

/// The configuration that the README shows.
fn configuration() -> String {
    let readme = file("README.md");
    let (_, below) = readme.split_once("```lua\n").unwrap();
    below.split_once("```").unwrap().0.to_owned()
}

#[test]
fn neovim_completes_and_explains_fields_by_the_schema() {
    let [schema, _] = schemas();
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::write(at("plan.json"), PLAN).unwrap();
    fs::write(at("plan.v1.json"), schema.to_string()).unwrap();
    fs::write(at("init.lua"), configuration()).unwrap();
    let script = concat!("luafile ", env!("CARGO_MANIFEST_DIR"), "/tests/schema/neovim.lua");
    let programs = [folder().join("node_modules/.bin")];
    let before = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new("nvim");
    command.args(["--headless", "--clean", "-n", "-c", "luafile init.lua", "-c", script]);
    for variable in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        command.env(variable, home.path());
    }
    let path = std::env::join_paths(programs.into_iter().chain(std::env::split_paths(&before))).unwrap();
    let output = command.env("PATH", path).env("LANDFALL_SEEN", at("seen.json")).current_dir(home.path()).output();
    let output = output.unwrap_or_else(|error| panic!("nvim: {error}; run scripts/install-test-packages"));
    let seen = fs::read_to_string(at("seen.json")).unwrap_or_else(|error| panic!("{error}: {output:?}"));

    let service = &schema["$defs"]["Service"]["properties"];
    let fields = schema["$defs"]["Logging"]["properties"].as_object().unwrap();
    let documented = |(name, field): (&String, &Value)| {
        (name.clone(), json!({ "kind": "markdown", "value": field["markdownDescription"] }))
    };
    let expected = json!({
        "diagnostics": [
            { "line": 7, "message": service["stop_grace_period"]["patternErrorMessage"] },
        ],
        "hover": [service["stop_grace_period"]["markdownDescription"]],
        "fields": fields.iter().map(documented).collect::<serde_json::Map<_, _>>(),
    });
    assert_eq!(serde_json::from_str::<Value>(&seen).unwrap(), expected);
}
