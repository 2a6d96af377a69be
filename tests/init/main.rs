//! `landfall init`, on a terminal and elsewhere.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "files and programs are what is tested, and a test may fail"
)]

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::{TempDir, tempdir};

const LANDFALL: &str = env!("CARGO_BIN_EXE_landfall");
const IMAGE: &str = "docker.io/library/nginx:1.27";

/// What a program said, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    status: i32,
    out: String,
    err: String,
}

/// Runs `landfall` where there is no terminal.
fn landfall(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(LANDFALL);
    let output = command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs `landfall` on a terminal: after each text on the screen, an answer is typed.
fn on_a_terminal(folder: &Path, arguments: &[&str], talk: &[(&str, &str)]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/init/terminal.py");
    let mut command = Command::new("python3");
    command.current_dir(folder).arg(script).arg(LANDFALL).args(arguments).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(json!(talk).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every file below a folder, with its mode and its text.
fn files(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(below, file)| (format!("{name}/{below}"), file)));
        } else {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            found.insert(name, (mode, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

fn document(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

/// A folder called `shop`, that is not there yet, in a temporary one.
fn shop() -> (TempDir, std::path::PathBuf) {
    let around = tempdir().unwrap();
    let shop = around.path().join("shop");
    (around, shop)
}

const WRITTEN: [&str; 4] = ["plan.json", "schema/plan.v1.json", "schema/secrets.v1.json", "secrets.json"];

#[test]
fn what_the_options_say_becomes_a_plan_without_findings() {
    let variations: [&[&str]; 8] = [
        &[],
        &["--secret", "db_password", "--secret", "api_token"],
        &["--data", "/var/lib/data", "--memory", "1GiB"],
        &["--mail", "ops@example.org", "--smtp", "mail.example.org", "--secret", "a"],
        &["--mail", "ops@example.org"],
        &["--port", "none", "--health", "web:80"],
        &["--port", "0.0.0.0:80:8080", "--health", "curl -fsS 'http://localhost:8080/a b'"],
        &["--name", "other", "--service", "app", "--image", "images/app.tar.zst"],
    ];
    for options in variations {
        let (around, folder) = shop();
        let image: &[&str] = if options.contains(&"--image") { &[] } else { &["--image", IMAGE] };
        let ended = landfall(around.path(), &[&["init", "shop"], image, options].concat());
        assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{options:?}: {ended:?}");
        assert_eq!(names(&folder), WRITTEN);
        assert_eq!(files(&folder)["secrets.json"].0, 0o600);
        if options.contains(&"--image") {
            fs::create_dir(folder.join("images")).unwrap();
            fs::write(folder.join("images/app.tar.zst"), "").unwrap();
        }
        let judged = ["check", "plan.json", "--secrets", "secrets.json", "--deny-warnings", "--format", "json"];
        let judged = landfall(&folder, &judged);
        let findings = serde_json::from_str::<Value>(&judged.out).unwrap()["findings"].take();
        assert_eq!((judged.status, findings), (0, json!([])), "{options:?}");
    }
}

#[test]
fn the_plan_says_what_the_options_say_and_each_secret_is_random() {
    let (around, folder) = shop();
    let arguments = [
        "init",
        "shop",
        "--image",
        IMAGE,
        "--data",
        "/data",
        "--secret",
        "db",
        "--secret",
        "api",
        "--mail",
        "ops@example.org",
        "--smtp",
        "mail.example.org",
        "--health",
        "tcp.example.org:80",
    ];
    assert_eq!(landfall(around.path(), &arguments).status, 0);
    let comments = |value: &Value| value["x-comment"].is_string() && value["services"]["web"]["x-volumes"].is_string();
    let mut plan = document(&folder, "plan.json");
    assert!(comments(&plan), "{plan}");
    plan.as_object_mut().unwrap().remove("x-comment");
    let web = plan["services"]["web"].as_object_mut().unwrap();
    web.retain(|field, _| !field.starts_with("x-"));
    assert_eq!(
        plan,
        json!({
            "$schema": "schema/plan.v1.json", "version": 1, "name": "shop",
            "services": { "web": {
                "image": IMAGE,
                "secrets": [
                    { "secret": "db", "target": "/run/secrets/db" },
                    { "secret": "api", "target": "/run/secrets/api" },
                ],
                "volumes": [{ "source": "/srv/shop/web", "target": "/data", "owner": "0:0", "mode": "0750" }],
                "ports": ["127.0.0.1:8080:80"],
                "healthcheck": { "tcp": "tcp.example.org:80" },
                "memory": "256MiB",
            }},
            "maintenance": {
                "healthcheck": { "schedule": "*/5 * * * *" },
                "mail": { "to": ["ops@example.org"], "from": "landfall@example.org", "smtp": { "host": "mail.example.org" } },
            },
        })
    );
    let secrets = document(&folder, "secrets.json");
    let [db, api] = ["db", "api"].map(|name| secrets[name].as_str().unwrap().to_owned());
    assert_eq!((db.len(), api.len(), db == api), (32, 32, false));
    assert_eq!(secrets["$schema"], "schema/secrets.v1.json");
    let schema = files(&folder)["schema/plan.v1.json"].1.clone();
    assert_eq!(schema, landfall(&folder, &["schema", "plan"]).out);
}

#[test]
fn without_a_terminal_a_missing_answer_is_named() {
    let (around, folder) = shop();
    let ended = landfall(around.path(), &["init", "shop"]);
    assert_eq!((ended.status, ended.out.as_str()), (2, ""));
    assert!(ended.err.starts_with("`--image` is missing, and there is nobody to ask: Image"), "{ended:?}");
    let ended = landfall(around.path(), &["init", "shop", "--image", IMAGE, "--port", "none"]);
    assert_eq!(ended.status, 2);
    assert!(ended.err.starts_with("`--health` is missing, and there is nobody to ask: Health check"), "{ended:?}");
    assert!(!folder.exists());
}

#[test]
fn an_answer_that_the_check_would_find_something_about_is_refused_with_what_it_finds() {
    let (around, folder) = shop();
    let refused = |options: &[&str]| landfall(around.path(), &[&["init", "shop"], options].concat());
    let short = refused(&["--image", "nginx"]);
    let said = "`--image`: image `nginx` does not say which registry; engines look for short names in different places; \
        write `docker.io/library/nginx`, or the registry that you mean\nnothing was written\n";
    assert_eq!(short, Ended { status: 2, out: String::new(), err: said.to_owned() });
    // Each with what is begun with, and the option that is wrong.
    let wrong = [
        ("--image", "docker.io/library/nginx:latest"),
        ("--port", "8080:80"),
        ("--data", "data"),
        ("--memory", "256m"),
        ("--secret", "a b/c"),
        ("--mail", "ops at example.org"),
        ("--name", "Shop"),
        ("--health", "http://localhost:9/"),
    ];
    for (option, value) in wrong {
        let image: &[&str] = if option == "--image" { &[] } else { &["--image", IMAGE] };
        let ended = refused(&[image, &[option, value]].concat());
        assert_eq!(ended.status, 2, "{option}: {ended:?}");
        assert!(ended.err.starts_with(&format!("`{option}`: ")), "{ended:?}");
    }
    assert!(!folder.exists());
}

#[test]
fn what_is_there_is_never_replaced() {
    for name in ["plan.json", "secrets.json", "schema/plan.v1.json"] {
        let (around, folder) = shop();
        fs::create_dir_all(folder.join("schema")).unwrap();
        fs::write(folder.join(name), "mine").unwrap();
        let before = files(&folder);
        let ended = landfall(around.path(), &["init", "shop", "--image", IMAGE]);
        let said = format!(
            "`shop/{name}` exists already, and is never replaced: remove it, or choose another name\nrefused: nothing was written\n"
        );
        assert_eq!(ended, Ended { status: 3, out: String::new(), err: said });
        assert_eq!(files(&folder), before);
    }
}

#[test]
fn schemas_that_are_there_already_may_stay() {
    let (around, folder) = shop();
    assert_eq!(landfall(around.path(), &["init", "shop", "--image", IMAGE]).status, 0);
    fs::remove_file(folder.join("plan.json")).unwrap();
    fs::remove_file(folder.join("secrets.json")).unwrap();
    assert_eq!(landfall(around.path(), &["init", "shop", "--image", IMAGE]).status, 0);
    assert_eq!(names(&folder), WRITTEN);
}

#[test]
fn on_a_terminal_it_asks_and_asks_again() {
    let (around, folder) = shop();
    let talk = [
        ("Name of the plan [shop]: ", "\r"),
        ("Name of the service [web]: ", "app\r"),
        ("Image", "\r"),
        ("an answer is needed here\r\nImage", "nginx:1.27\r"),
        (
            "write `docker.io/library/nginx:1.27`, or the registry that you mean\r\nImage",
            "docker.io/library/nginx:1.27\r",
        ),
        ("Published port (ADDRESS:PORT:PORT IN THE CONTAINER) [127.0.0.1:8080:80]: ", "127.0.0.1:9090:80\r"),
        ("Health check: a URL, HOST:PORT, or a command in the container [http://localhost:9090/]: ", "\r"),
        ("is to be kept [none]: ", "/data\r"),
        ("Most memory that it may use [256MiB]: ", "512MiB\r"),
        ("by name [none]: ", "one, two\r"),
        ("when it is unhealthy [none]: ", "ops@example.org\r"),
        ("sendmail) [none]: ", "\r"),
    ];
    let ended = on_a_terminal(around.path(), &["init", "shop"], &talk);
    assert_eq!((&ended["status"], &ended["signal"]), (&json!(0), &json!(null)), "{ended}");
    let app = document(&folder, "plan.json")["services"]["app"].take();
    let said = ["image", "ports", "healthcheck", "memory"].map(|field| app[field].clone());
    let expected =
        [json!(IMAGE), json!(["127.0.0.1:9090:80"]), json!({ "http": "http://localhost:9090/" }), json!("512MiB")];
    assert_eq!(said, expected);
    let secrets = document(&folder, "secrets.json");
    assert_eq!(secrets.as_object().unwrap().keys().collect::<Vec<_>>(), ["$schema", "one", "two"]);
    let judged = landfall(&folder, &["check", "plan.json", "--secrets", "secrets.json", "--deny-warnings"]);
    assert_eq!(judged.status, 0, "{judged:?}");
}

#[test]
fn an_option_is_not_asked_about() {
    let (around, _folder) = shop();
    let ended = on_a_terminal(around.path(), &["init", "shop", "--defaults", "--image", IMAGE], &[]);
    assert_eq!(ended["status"], json!(0));
    assert!(ended["screen"].as_str().unwrap().starts_with("wrote shop/plan.json"), "{ended}");
}

#[test]
fn whoever_stops_answering_leaves_nothing_behind() {
    const INTERRUPT: &str = "\u{3}";
    const END: &str = "\u{4}";
    let begun =
        [("Name of the plan", "\r"), ("Name of the service", "\r"), ("Image", "docker.io/library/nginx:1.27\r")];
    for questions in 0..=begun.len() {
        for (key, status, signal) in [(INTERRUPT, json!(null), json!(2)), (END, json!(3), json!(null))] {
            let (around, folder) = shop();
            let next = ["Name of the plan", "Name of the service", "Image", "Published port"][questions];
            let talk = [&begun[..questions], &[(next, key)]].concat();
            let ended = on_a_terminal(around.path(), &["init", "shop"], &talk);
            assert_eq!((&ended["status"], &ended["signal"]), (&status, &signal), "{ended}");
            assert!(!folder.exists());
            assert_eq!(fs::read_dir(around.path()).unwrap().count(), 0);
        }
    }
}
