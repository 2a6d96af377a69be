//! PostgreSQL, its migration and a web server in front: what was sold stays sold, whatever becomes of a deployment.

use std::path::Path;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{MINE, NOTHING, deploy, subjects, what_is_left};
use crate::support::{Crontab, Output, Vsn, engine, eventually};

const DATA: &str = "/srv/shop/db";

/// The example plan `shop`, with this version of the shop.
fn shop(version: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/shop.json");
    let text = std::fs::read_to_string(file).unwrap();
    let mut plan: Value = serde_json::from_str(&text.replace("shop-v1", &format!("shop-{version}"))).unwrap();
    plan["engine"] = json!(engine());
    plan
}

/// The same, with a health check of `web` that the shop can't pass.
fn broken_shop() -> Value {
    let mut plan = shop("v2");
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://localhost:8080/nothing", "interval": "1s", "timeout": "1s", "retries": 1 });
    plan
}

/// The same, with a service that fails before the database may start.
fn shop_behind_a_closed_gate() -> Value {
    let mut plan = shop("v2");
    plan["services"]["gate"] = json!({
        "image": { "archive": "images/shop-v2.oci.tar.zst" },
        "healthcheck": { "exec": ["false"], "interval": "1s", "timeout": "1s", "retries": 1 }
    });
    plan["services"]["db"]["depends_on"] = json!(["gate"]);
    plan
}

fn secrets() -> Value {
    json!({ "db_password": "an example, p@ss/word" })
}

/// What the shop itself says it has sold, after selling one more if `method` is `POST`.
fn rows(vsn: &Vsn, method: &str) -> String {
    vsn.run(["curl", "--silent", "--request", method, "http://localhost:8080/cgi-bin/rows"]).stdout
}

/// Every row of the table, as PostgreSQL itself says.
fn table(vsn: &Vsn) -> String {
    let query = "SELECT id, placed FROM orders ORDER BY id";
    vsn.must([vsn.engine(), "exec", "shop-db", "psql", "-U", "shop", "-d", "shop", "-qAt", "-c", query])
}

/// What PostgreSQL says about files that no server has open. Podman runs it for that, whichever engine the shop has.
fn state_of_the_files(vsn: &Vsn, image: &str) -> String {
    let data = format!("{DATA}:/var/lib/postgresql/data:ro");
    let said = vsn.must([
        "podman",
        "run",
        "--rm",
        "--network",
        "none",
        "--volume",
        &data,
        image,
        "pg_controldata",
        "-D",
        "/var/lib/postgresql/data",
    ]);
    let line = said.lines().find_map(|line| line.strip_prefix("Database cluster state:"));
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn rows_written_through_the_web_survive_redeployments_power_cuts_rollbacks_and_teardown() {
    let vsn = Vsn::start();
    for image in ["postgres", "shop-v1", "shop-v2"] {
        let archive = vsn.image("postgres", &format!("{image}.oci.tar.zst"));
        vsn.must(["install", "-D", &archive, &format!("/srv/plans/images/{image}.oci.tar.zst")]);
    }
    vsn.write("/srv/plans/shop.motd", "welcome\n", 0o644);
    vsn.run_with_input(["crontab", "-"], MINE);
    let sink_until_the_power_cut = vsn.mail_sink();
    let must_deploy = |plan: &Value| {
        let Output { status, stdout, stderr } = deploy(&vsn, plan, &secrets());
        assert_eq!((status, stdout.as_str()), (Some(0), "shop is deployed: 3 services\n"), "{stderr}");
    };

    must_deploy(&shop("v1"));
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v1\n");
    assert_eq!([rows(&vsn, "POST"), rows(&vsn, "POST"), rows(&vsn, "GET")], ["1\n", "2\n", "2\n"]);
    let sold = table(&vsn);

    must_deploy(&shop("v2"));
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
    assert_eq!(table(&vsn), sold);
    assert_eq!(rows(&vsn, "POST"), "3\n");
    let sold = table(&vsn);

    vsn.reboot();
    drop(sink_until_the_power_cut);
    let sink = vsn.mail_sink();
    let cron = vsn.cron();
    eventually("the shop is open again after a power cut", || {
        let status = vsn.landfall(["status", "shop", "--format", "json"]);
        status.status == Some(0) && rows(&vsn, "GET") == "3\n"
    });
    assert_eq!(table(&vsn), sold);
    drop(cron);

    let failed = deploy(&vsn, &broken_shop(), &secrets());
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(vsn.crontab(), Crontab::Present(MINE.to_owned()));
    vsn.must(["podman", "load", "--quiet", "--input", "/srv/plans/images/postgres.oci.tar.zst"]);
    assert_eq!(state_of_the_files(&vsn, "localhost/postgres:15"), "shut down");

    let files = vsn.manifest(DATA);
    let failed = deploy(&vsn, &shop_behind_a_closed_gate(), &secrets());
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(vsn.crontab(), Crontab::Present(MINE.to_owned()));
    assert_eq!(vsn.manifest(DATA), files);
    assert_eq!(subjects(&sink), ["shop on vsn: the deployment was rolled back"; 2]);

    must_deploy(&shop("v1"));
    assert_eq!(table(&vsn), sold);
    assert_eq!(rows(&vsn, "POST"), "4\n");
    let torn_down = vsn.landfall(["teardown", "shop"]);
    assert_eq!(torn_down.status, Some(0), "{}", torn_down.stderr);
    assert_eq!(state_of_the_files(&vsn, "localhost/postgres:15"), "shut down");
    assert_eq!(what_is_left(&vsn), NOTHING);
}
