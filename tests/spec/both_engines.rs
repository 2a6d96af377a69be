//! A shop's life in six sentences, which name no engine and speak of everything that an engine has of a plan.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{never_healthy, second_version, secrets, shop};
use crate::support::{Crontab, Vsn, eventually};

/// What cron passes to a job, and nothing else.
const AS_CRON_DOES: [&str; 7] =
    ["env", "-i", "HOME=/root", "LOGNAME=root", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "PWD=/root"];

pub fn deployed(vsn: &Vsn) {
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
}

/// Containers, images, networks and secrets.
fn left_on(vsn: &Vsn) -> [Vec<String>; 4] {
    [vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()]
}

const NOTHING: [Vec<String>; 4] = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];

#[track_caller]
pub fn assert_runs(vsn: &Vsn, version: &str) {
    assert_eq!(vsn.running_containers(), ["shop-db", "shop-web"]);
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), format!("{version}\n"));
    assert_eq!(vsn.in_container("shop-db", "cat /run/secrets/db"), secrets()["password"].as_str().unwrap());
    assert_eq!(vsn.in_container("shop-db", "stat -c '%u:%g %a' /run/secrets/db"), "999:999 400\n");
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
}

#[test]
fn a_deployment_gives_each_service_what_the_plan_says() {
    let vsn = &Vsn::start();
    vsn.write_secrets(&secrets());
    let mut plan = shop();
    plan["engine"] = json!("auto");
    let web = &mut plan["services"]["web"];
    web["configs"] = json!([{ "content": "hello\n", "target": "/etc/hello" }]);
    web["environment"] = json!({ "PLAIN": "a b", "PASSWORD": { "secret": "password" } });
    web["aliases"] = json!(["front"]);
    web["tmpfs"] = json!([{ "target": "/cache", "size": "1MiB", "mode": "0700" }]);
    web["entrypoint"] = json!(["/bin/sh", "-c"]);
    web["command"] = json!(["exec serve"]);
    web["cap_add"] = json!(["NET_RAW"]);
    // Where both are installed, `auto` is Podman: this server has one.
    if vsn.engine() == "docker" {
        vsn.must(["sh", "-c", "touch /srv/none && mount --bind /srv/none /usr/bin/podman"]);
    }

    vsn.must_deploy(&plan);

    assert_runs(vsn, "v1");
    let id = vsn.image_id("tiny-v1.docker.tar");
    let tag = |service| format!("localhost/landfall/shop/{service}:{} sha256:{id}", &id[..12]);
    assert_eq!(vsn.images(), [tag("db"), tag("migrate"), tag("web")]);
    assert_eq!(vsn.containers(), ["shop-db", "shop-migrate", "shop-web"]);
    assert_eq!(vsn.must([vsn.engine(), "logs", "shop-migrate"]), "migrated\n");
    assert_eq!(vsn.networks(), ["shop"]);
    let within = |command: &str| vsn.in_container("shop-web", command);
    assert_eq!(within("cat /etc/hello; (echo x >> /etc/hello) 2> /dev/null || echo read-only"), "hello\nread-only\n");
    let password = secrets()["password"].as_str().unwrap().to_owned();
    assert_eq!(within("printf '%s|%s' \"$PLAIN\" \"$PASSWORD\""), format!("a b|{password}"));
    assert_eq!(within("stat -c '%a' /cache; hostname"), "700\nweb\n");
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, SETFCAP.
    assert_eq!(within("grep -E '^(CapBnd|NoNewPrivs)' /proc/1/status"), "CapBnd:\t00000000800425fb\nNoNewPrivs:\t1\n");
    assert_eq!(vsn.in_container("shop-db", "wget -q -O - http://front/version"), "v1\n");
    let job = AS_CRON_DOES.into_iter().chain(["/var/lib/landfall/shop/jobs/job-dump"]);
    assert_eq!(vsn.run(job).status, Some(0));
}

#[test]
fn another_version_takes_the_place_of_the_old_one_and_finds_its_data() {
    let vsn = &Vsn::start();
    deployed(vsn);
    vsn.in_container("shop-db", "echo 1 > /data/row; chown 999:999 /data/row; chmod 640 /data/row");
    let data = vsn.manifest("/srv/shop");

    let mut plan = second_version(&shop());
    plan["engine"] = json!("auto");
    vsn.must_deploy(&plan);

    assert_runs(vsn, "v2");
    assert_eq!(vsn.manifest("/srv/shop"), data);
    let run = vsn.runs("shop").pop().unwrap();
    assert_eq!(vsn.secrets(), [format!("landfall.shop.{}.0", run.rsplit_once('/').unwrap().1)]);
}

#[test]
fn a_deployment_that_fails_leaves_no_container_and_all_data() {
    let vsn = &Vsn::start();
    deployed(vsn);
    vsn.in_container("shop-db", "echo 1 > /data/row");
    let data = vsn.manifest("/srv/shop");
    let plan = never_healthy(second_version(&shop()));
    vsn.write_plan(&plan);

    assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));

    assert_eq!(left_on(vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    let run = vsn.runs("shop").pop().unwrap();
    assert!(vsn.read(&format!("{run}/shop-web.log")).is_some(), "its output is kept");
}

#[test]
fn what_a_killed_deployment_left_is_gone_after_a_recovery() {
    let vsn = &Vsn::start();
    vsn.write_secrets(&secrets());
    let mut plan = shop();
    // It would wait here for a minute.
    plan["services"]["db"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "30s", "timeout": "1s", "retries": 2 });
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    eventually("the database runs", || vsn.running_containers() == ["shop-db"]);
    run.signal("KILL");
    assert_eq!(run.wait().status, None);
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "interrupted".to_owned())].into()));

    assert_eq!(vsn.landfall(["recover"]).status, Some(0));

    assert_eq!(left_on(vsn), NOTHING);
    assert_eq!(vsn.crontab(), Crontab::Absent);
    deployed(vsn);
    assert_runs(vsn, "v1");
}

#[test]
fn after_a_boot_the_services_run_again_with_their_secrets() {
    let vsn = &Vsn::start();
    deployed(vsn);
    vsn.reboot();
    assert_eq!(vsn.running_containers(), [] as [&str; 0], "nothing gets ahead of the boot job");

    let boot = AS_CRON_DOES.into_iter().chain(["/var/lib/landfall/shop/recover"]);
    assert_eq!(vsn.run(boot).status, Some(0));

    assert_runs(vsn, "v1");
}

#[test]
fn a_teardown_leaves_nothing_but_the_data() {
    let vsn = &Vsn::start();
    deployed(vsn);
    vsn.in_container("shop-db", "echo 1 > /data/row");
    let data = vsn.manifest("/srv/shop");

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    assert_eq!(left_on(vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "containerless".to_owned())].into()));
}
