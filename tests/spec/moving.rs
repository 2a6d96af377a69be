//! `docs/moving.md`, step by step: a plan with a database moves to another server.

use std::fs;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::{Ended, Entry, Process, Vsn, document, eventually};

const DATA: &str = "/srv/shop/db";

/// PostgreSQL alone.
fn plan() -> Value {
    json!({
        "version": 1,
        "name": "shop",
        "services": { "db": {
            "image": { "archive": "images/postgres.oci.tar.zst" },
            "environment": { "POSTGRES_USER": "shop", "POSTGRES_PASSWORD_FILE": "/run/secrets/db" },
            "secrets": [{ "secret": "password", "target": "/run/secrets/db", "owner": "999:999", "mode": "0400" }],
            "volumes": [{ "source": DATA, "target": "/var/lib/postgresql/data", "owner": "999:999", "mode": "0700" }],
            "healthcheck": { "exec": ["pg_isready", "-h", "127.0.0.1", "-U", "shop"], "interval": "2s", "timeout": "30s", "retries": 30 },
            "shm_size": "128MiB",
            "stop_grace_period": "1m",
        } },
    })
}

/// The copy that `docs/moving.md` names.
const COPY: [&str; 8] =
    ["rsync", "-aHAX", "--numeric-ids", "--modify-window=-1", "--relative", "--delete", DATA, "root@10.99.0.2:/"];

/// A server that the plan can be deployed on.
fn server(name: &str) -> Vsn {
    let vsn = Vsn::start_named(name);
    vsn.image("postgres", "postgres.oci.tar.zst");
    vsn.write_secrets(&json!({ "password": "an example" }));
    vsn.write_plan(&plan());
    vsn
}

/// What the database answers.
fn query(vsn: &Vsn, query: &str) -> String {
    let landfall = env!("CARGO_BIN_EXE_landfall");
    vsn.must([landfall, "exec", "shop", "db", "--", "psql", "-U", "shop", "-d", "shop", "-qAt", "-c", query])
}

/// Lays a cable from `old` (10.99.0.1) to `new` (10.99.0.2), and lets root of the one in to the other.
fn connected(old: &Vsn, new: &Vsn) -> Process {
    let first = |vsn: &Vsn| fs::read_to_string(vsn.folder().join("pid")).unwrap().trim().to_owned();
    let (here, there) = (first(old), first(new));
    let cable =
        ["link", "add", "name", "cable", "netns", &here, "type", "veth", "peer", "name", "cable", "netns", &there];
    assert!(std::process::Command::new("ip").args(cable).status().unwrap().success());
    for (vsn, address) in [(old, "10.99.0.1/24"), (new, "10.99.0.2/24")] {
        vsn.must(["ip", "address", "add", address, "dev", "cable"]);
        vsn.must(["ip", "link", "set", "cable", "up"]);
    }
    old.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519"]);
    let key = old.must(["cat", "/root/.ssh/id_ed25519.pub"]);
    new.must(["sh", "-c", "mkdir -p /run/sshd /srv/ssh && ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/host"]);
    new.must(["sh", "-c", &format!("echo '{}' > /root/.ssh/authorized_keys", key.trim())]);
    let host = new.must(["cut", "-d", " ", "-f", "1,2", "/srv/ssh/host.pub"]);
    old.must(["sh", "-c", &format!("echo '10.99.0.2 {}' > /root/.ssh/known_hosts", host.trim())]);
    let options =
        ["-o", "ListenAddress=10.99.0.2", "-o", "PermitRootLogin=yes", "-o", "UsePAM=no", "-o", "StrictModes=no"];
    let command = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", "/srv/ssh/host"];
    let sshd = new.start_process(command.into_iter().chain(options));
    eventually("the new server lets root in", || old.run(["ssh", "10.99.0.2", "true"]).status == Some(0));
    sshd
}

/// Whether the data directory is written to, as `landfall data` says.
fn is_written_to(vsn: &Vsn) -> bool {
    let directories = document(&vsn.landfall(["data", "shop", "--format", "json"]))["directories"].take();
    assert_eq!(
        (&directories[0]["path"], &directories[0]["owner"], &directories[0]["mode"]),
        (&json!(DATA), &json!("999:999"), &json!("0700"))
    );
    assert!(directories[0]["bytes"].as_u64().unwrap() > 10_000_000, "{directories}");
    let writers = directories[0]["writers"].as_array().unwrap();
    assert!(writers.iter().all(|writer| writer["program"].as_str().unwrap().contains("postgres")), "{directories}");
    !writers.is_empty()
}

/// Everything of the data that a copy can have as well.
fn copied(vsn: &Vsn) -> Vec<Entry> {
    vsn.manifest("/srv/shop").into_iter().map(|entry| Entry { changed: 0, inode: 0, ..entry }).collect()
}

#[test]
fn a_database_moves_to_another_server_with_its_rows() {
    let (old, new) = (&server("old"), &server("new"));
    let _sshd = connected(old, new);
    assert_eq!(old.deploy(), Ended::deployed());
    query(old, "CREATE TABLE orders (id serial, what text); INSERT INTO orders (what) VALUES ('bread'), ('salt')");

    assert!(is_written_to(old), "a database at work");
    // Not whole, for the database writes meanwhile: files come and go.
    old.run(COPY);
    query(old, "INSERT INTO orders (what) VALUES ('butter')");
    assert_eq!(old.landfall(["stop", "shop"]).status, Some(0));
    assert!(!is_written_to(old), "a database that is stopped");
    let said = old.landfall(["data", "shop"]).stdout;
    assert!(said.ends_with("nobody writes to them at this moment\n"), "{said}");
    old.must(COPY);
    assert_eq!(copied(new), copied(old));
    assert_eq!(new.deploy(), Ended::deployed());

    assert_eq!(query(new, "SELECT id, what FROM orders ORDER BY id"), "1|bread\n2|salt\n3|butter\n");
    query(new, "INSERT INTO orders (what) VALUES ('eggs')");
    assert_eq!(query(new, "SELECT count(*) FROM orders"), "4\n");
    // Going back leads to what the old server had.
    assert_eq!(old.landfall(["start", "shop"]).status, Some(0));
    assert_eq!(query(old, "SELECT count(*) FROM orders"), "3\n");
    assert_eq!(old.landfall(["teardown", "shop", "--purge"]).status, Some(0));
    assert!(old.read(&format!("{DATA}/PG_VERSION")).is_some(), "data stays");
}

#[test]
fn regression_121_what_is_written_again_in_the_second_of_its_first_copy_is_copied_again() {
    let (old, new) = (&Vsn::start_named("old"), &Vsn::start_named("new"));
    let _sshd = connected(old, new);
    // Of the same size, a tenth of a second later.
    for (row, time) in [("one", "1700000000.1"), ("two", "1700000000.2")] {
        old.must(["sh", "-c", &format!("mkdir -p {DATA} && cd {DATA} && echo {row} > page && touch -d @{time} page")]);
        old.must(COPY);
        assert_eq!(new.read(&format!("{DATA}/page")).unwrap(), format!("{row}\n").as_bytes());
    }
}

#[test]
fn data_is_told_of_although_nothing_is_deployed_any_more() {
    let vsn = Vsn::start();
    let mut plan = crate::plans::small();
    plan["services"]["web"]["volumes"] = json!([{ "source": "/srv/web", "target": "/data", "owner": "7:8", "mode": "0750" }, { "source": "/srv/images", "target": "/images", "read_only": true }]);
    vsn.must_deploy(&plan);
    vsn.in_container("shop-web", "echo row > /data/file");
    let never = vsn.landfall(["data", "other"]);
    assert_eq!((never.status, never.stdout.as_str()), (Some(3), ""));

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    vsn.must(["rm", "-r", "/srv/images"]);

    let told = document(&vsn.landfall(["data", "shop", "--format", "json"]));
    let parts =
        |directory: &Value| ["path", "owner", "mode", "entries", "read_only"].map(|part| directory[part].clone());
    let directories: Vec<_> = told["directories"].as_array().unwrap().iter().map(parts).collect();
    let gone = [json!("/srv/images"), Value::Null, Value::Null, json!(0), json!(true)];
    assert_eq!(directories, [gone, [json!("/srv/web"), json!("7:8"), json!("0750"), json!(1), json!(false)]]);
    assert_eq!(told["deployed"], json!(false));
}
