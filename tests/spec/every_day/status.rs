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
    let rows = stdout.lines().skip(1).filter(|line| !line.starts_with("    "));
    let words: Vec<_> = rows.map(|row| row.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).take(4).collect();
    assert_eq!(words, ["SERVICE HEALTH", "db healthy", "once completed", "web healthy"], "{stdout}");
    let lines: Vec<_> = stdout.lines().filter(|line| line.starts_with("    last check: ")).collect();
    assert_eq!(lines, ["    last check: fine", "    last check: http://localhost:8080/version answered 200"]);
    assert!(stdout.lines().last().unwrap().starts_with("  next jobs: cleanup 20"), "{stdout}");
}

/// Every column, of a service that has something in each, and what stands below the table.
#[test]
fn the_table_has_restarts_disk_hotfixes_and_what_a_crash_left() {
    let vsn = &Vsn::start();
    vsn.image("tiny", "tiny-v2.docker.tar");
    let mut db =
        scripted("rm -f /end; head -c 3000000 /dev/zero > /data/file; while [ ! -e /end ]; do sleep 0.05; done");
    db["volumes"] = json!([{ "source": "/srv/db", "target": "/data" }]);
    db["healthcheck"] = json!({ "exec": ["sh", "-c", "echo -e 'fi\\033[31mne'; test -s /data/file"], "interval": "1s", "timeout": "30s", "retries": 9 });
    vsn.must_deploy(&plan(&[("db", db), ("web", web())]));
    // The engine may not see how this ends: it ends the container that it runs in.
    vsn.run([vsn.engine(), "exec", "shop-db", "touch", "/end"]);
    eventually("the service is there again", || {
        let told = document(&vsn.landfall(["status", "shop", "--format", "json"]));
        let db = &told["plans"][0]["services"][0];
        (db["restarts"].as_u64(), db["healthy"].as_bool()) == (Some(1), Some(true))
    });
    let shown = vsn.landfall(["status", "shop"]).stdout;
    let titles: Vec<_> = shown.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        titles,
        ["SERVICE", "HEALTH", "SINCE", "VERSION", "PORTS", "MEMORY", "CPU", "DISK", "RESTARTS"],
        "{shown}"
    );
    assert!(shown.lines().nth(2).unwrap().ends_with(" 1"), "{shown}");
    let replaced = vsn.landfall(["replace", "shop", "web", "--image", "/srv/images/tiny-v2.docker.tar"]);
    assert_eq!(replaced.status, Some(0), "{}", replaced.stderr);
    let killed = vsn.start_landfall(["restart", "shop"]);
    eventually("it is under way", || vsn.running_containers().len() < 2);
    killed.signal_if_running("KILL");
    drop(killed.wait());

    let interrupted = vsn.landfall(["status", "shop"]);

    assert_eq!(interrupted.status, Some(8));
    assert!(
        interrupted.stdout.starts_with("shop: interrupted: `landfall recover` finishes it, since 20"),
        "{interrupted:?}"
    );
    let hotfix = "\n  hotfix: web is /srv/images/tiny-v2.docker.tar instead of images/tiny-v1.docker.tar, since 20";
    assert!(interrupted.stdout.contains(hotfix), "{interrupted:?}");
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    let Output { status, stdout, stderr: _ } = vsn.landfall(["status", "shop"]);
    assert_eq!(status, Some(0), "{stdout}");
    let db = stdout.lines().nth(2).unwrap();
    assert!(db.contains(" of 64 MiB ") && db.contains(" MiB") && db.contains('%'), "{stdout}");
    assert!(stdout.contains("\n    last check: fi\u{fffd}[31mne\n"), "{stdout}");
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
