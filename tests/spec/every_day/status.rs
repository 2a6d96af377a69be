//! The table of a plan's services.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{plan, scripted};
use crate::plans::web;
use crate::support::{Output, Vsn, document, eventually};

#[test]
fn the_status_tells_what_each_service_uses_and_since_when_it_is_healthy() {
    let vsn = &Vsn::start();
    let busy = "head -c 3000000 /dev/zero > /data/file; while :; do :; done";
    let mut db = scripted(busy);
    db["volumes"] = json!([{ "source": "/srv/db", "target": "/data" }]);
    db["healthcheck"] = json!({ "exec": ["sh", "-c", "echo fine; test -s /data/file"], "interval": "1s" });
    let mut once = scripted("true");
    once["restart"] = json!("no");
    let mut plan = plan(&[("db", db), ("once", once), ("web", web())]);
    plan["maintenance"] = json!({ "cleanup": { "schedule": "@weekly" } });
    vsn.must_deploy(&plan);
    let services = || document(&vsn.landfall(["status", "shop", "--format", "json"]))["plans"][0]["services"].take();
    eventually("the file is written", || services()[0]["disk_bytes"].as_u64().unwrap() >= 3_000_000);

    let told = services();

    let [db, once, web] = told.as_array().unwrap().as_slice() else { panic!("{told}") };
    let number = |service: &Value, name: &str| service[name].as_f64().unwrap_or_else(|| panic!("{name}: {service}"));
    assert!(number(db, "cpu_percent") > 1.0, "{db}");
    assert!((10_000.0..64.0 * 1024.0 * 1024.0).contains(&number(db, "memory_bytes")), "{db}");
    assert_eq!(
        (&db["output"], &db["disk_at_least"], &web["disk_bytes"]),
        (&json!("fine"), &json!(false), &Value::Null)
    );
    assert_eq!((&web["ports"], &web["memory_limit_bytes"]), (&json!(["127.0.0.1:8080:80"]), &json!(64 << 20)));
    assert_eq!((&once["memory_bytes"], &once["healthy_since"]), (&Value::Null, &Value::Null));
    let since = |service: &Value| service["healthy_since"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(since(db) <= jiff::Timestamp::now() && db["healthy_since"] == db["running_since"], "{db}");
    let Output { status, stdout, stderr: _ } = vsn.landfall(["status", "shop"]);
    assert_eq!(status, Some(0));
    let words =
        |line: usize| stdout.lines().nth(line).unwrap().split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    assert_eq!([1, 2, 3, 4].map(words), ["SERVICE HEALTH", "db healthy", "once completed", "web healthy"], "{stdout}");
    assert!(stdout.lines().last().unwrap().starts_with("  next jobs: cleanup 20"), "{stdout}");
}

#[test]
fn the_live_view_goes_on_until_ctrl_c_and_wants_a_terminal() {
    let vsn = &Vsn::start();
    vsn.must_deploy(&plan(&[("web", web())]));
    let no_terminal = "`--watch` needs a terminal: without it, `landfall status` tells how things are now\n";
    let refused = vsn.landfall(["status", "--watch"]);
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(3), no_terminal));

    let landfall = env!("CARGO_BIN_EXE_landfall");
    let typed = format!("TERM=xterm {landfall} status --watch");
    let view = vsn.start_process(["script", "--quiet", "--return", "--flush", "--command", &typed, "/dev/null"]);
    eventually("it was shown twice", || view.output_so_far().0.matches("as of 20").count() >= 2);
    // Only the VSN's own processes are seen there.
    vsn.must(["pkill", "-INT", "--exact", "landfall"]);
    let Output { status, stdout, stderr: _ } = view.wait();

    assert!(stdout.contains("\u{1b}[Hshop: deployed, since 20"), "{stdout}");
    assert_eq!(status, Some(0), "{stdout}");
}
