//! Tearing a plan down on purpose, and what may be asked of a plan that isn't there.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{secrets, shop};
use crate::support::{Crontab, Output, Vsn};

fn left_on(vsn: &Vsn) -> [Vec<String>; 4] {
    [vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()]
}

/// What was told, without the sizes of directories.
fn without_sizes(told: &str) -> String {
    let line = |line: &str| match line.split_once(" (") {
        Some((path, rest)) => format!("{path} (SIZE{}\n", rest.find(',').map_or("", |at| &rest[at..])),
        None => format!("{line}\n"),
    };
    told.lines().map(line).collect()
}

const NOTHING: [Vec<String>; 4] = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];

#[test]
fn a_teardown_leaves_the_data_and_the_history_and_counts_as_done_on_purpose() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.in_container("shop-db", "echo 1 > /data/row");
    let data = vsn.manifest("/srv/shop");

    let teardown = vsn.landfall(["teardown", "shop"]);

    assert_eq!(
        (teardown.status, without_sizes(&teardown.stdout).as_str()),
        (
            Some(0),
            "shop is torn down: none of its containers is left, and its data is untouched\n\
             these data directories are kept:\n  /srv/shop/db (SIZE, 999:999, 0700)\n"
        )
    );
    assert_eq!(left_on(&vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    assert_eq!(
        vsn.status(),
        (
            Some(0),
            json!([{
                "name": "shop", "state": "containerless", "under_way": null, "deployed_at": false, "plan_sha256": false,
                "last_run": { "kind": "teardown", "outcome": "torn_down" }, "services": [],
            }])
        )
    );
    let again = vsn.landfall(["teardown", "shop"]);
    assert_eq!((again.status, again.stdout), (Some(0), teardown.stdout));
    assert_eq!(vsn.runs("shop").len(), 3, "the deployment and two teardowns");
}

#[test]
fn a_teardown_with_purge_leaves_the_data_alone() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let data = vsn.manifest("/srv/shop");

    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]).status, Some(0));

    assert_eq!(left_on(&vsn), NOTHING);
    assert_eq!((vsn.crontab(), vsn.manifest("/srv/shop")), (Crontab::Absent, data));
    // The folder itself is a mount of the VSN's.
    let left = vsn.run(["find", "/var/lib/landfall", "/run/landfall", "/run/landfall.lock"]).stdout;
    assert_eq!(left, "/var/lib/landfall\n");
    assert_eq!(vsn.status(), (Some(0), json!([])));
}

#[test]
fn a_plan_that_is_not_there_has_no_status_and_no_teardown() {
    let vsn = Vsn::start();
    let told = "there is no plan called shop here: `landfall status` lists those that there are\n";
    let refused = Output { status: Some(3), stdout: String::new(), stderr: told.to_owned() };
    let before = vsn.snapshot();

    assert_eq!(vsn.landfall(["teardown", "shop"]), refused);
    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]), refused);
    assert_eq!(vsn.landfall(["status", "shop"]), refused);
    assert_eq!(vsn.status(), (Some(0), json!([])));
    assert_eq!(vsn.landfall(["teardown", "Shop"]).status, Some(2));
    assert_eq!(vsn.landfall(["teardown"]).status, Some(2));

    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn recovering_where_nothing_was_interrupted_does_and_says_nothing() {
    let vsn = Vsn::start();
    let nothing = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
    assert_eq!(vsn.landfall(["recover"]), nothing);
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let before = vsn.snapshot();

    assert_eq!(vsn.landfall(["recover"]), nothing);

    assert_eq!(vsn.snapshot(), before);
}

/// What can't be undone on the way down is left; a teardown finishes even when containers were removed by hand.
#[test]
fn a_plan_whose_containers_somebody_removed_is_unhealthy_and_can_be_torn_down() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.remove_by_hand("shop-web");

    let (status, plans) = vsn.status();

    let web = plans[0]["services"].as_array().unwrap().last().unwrap();
    assert_eq!((status, &plans[0]["state"]), (Some(8), &json!("deployed")));
    assert_eq!((&web["running"], &web["healthy"]), (&json!(false), &json!(false)));
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(left_on(&vsn), NOTHING);
}

/// Every folder of a VSN that is its own, without what the engine has for itself.
const FOLDERS: &str = "/etc/cron.d /etc/containers /etc/docker /etc/landfall /etc/logrotate.d /root/.ssh /srv /var/spool /var/tmp \
    /var/lib/landfall /var/lib/logrotate /run/landfall /run/landfall.lock";

/// Everything of a server that Landfall could leave something in, but for the plan's data.
#[derive(Debug, PartialEq)]
struct WholeHost {
    /// Each file with its kind, mode, owner, target and content, and what is called after Landfall.
    files: Vec<String>,
    /// Root's crontab, byte for byte.
    crontab: Option<Vec<u8>>,
    engine: [Vec<String>; 4],
    volumes: Vec<String>,
}

fn whole_host(vsn: &Vsn) -> WholeHost {
    let all = "-xdev ! -path '/srv/shop*' ! -path '/srv/plans*' ! -path '/srv/mail*'";
    let found = format!("find {FOLDERS} {all} -printf '%p %y %m %U:%G %l\\n' | sort");
    let contents = format!("find {FOLDERS} {all} -type f -exec sha256sum {{}} + | sort");
    let named = "find /run /var/log -xdev -name '*landfall*' | sort".to_owned();
    let files = [found, contents, named].map(|command| vsn.run(["sh", "-c", &command]).stdout).concat();
    let crontab = ["/var/spool/cron/crontabs/root", "/var/spool/cron/root"].iter().find_map(|file| vsn.read(file));
    WholeHost {
        files: files.lines().map(str::to_owned).collect(),
        crontab,
        engine: left_on(vsn),
        volumes: vsn.volumes(),
    }
}

#[test]
fn the_server_is_as_it_was_before_the_first_deployment_once_the_last_plan_was_purged_but_for_its_data() {
    let vsn = Vsn::start();
    let sink = vsn.mail_sink();
    // What is there before: of others, and of root's own.
    let archive = vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.image("tiny", "tiny-v2.docker.tar");
    vsn.load(&archive);
    vsn.must([vsn.engine(), "volume", "create", "mine"]);
    vsn.must([vsn.engine(), "network", "create", "mine"]);
    vsn.must([vsn.engine(), "create", "--name", "mine", "--network", "mine", "localhost/tiny:v1"]);
    vsn.run_with_input(["crontab", "-"], "MAILTO=root\n17 3 * * 0 true\n");
    vsn.must(["sh", "-c", "mkdir -p -m 700 /root/.ssh && printf 'a.example ssh-ed25519 AAAA' > /root/.ssh/known_hosts && printf mine > /root/.ssh/id_mine"]);
    let before = whole_host(&vsn);
    let mut plan = shop();
    plan["ssh_keys"] = json!({ "id_shop": {
        "private_key": { "secret": "key" },
        "known_hosts": ["images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKMnQGjGAwqY9cVOEmTSrBd8k0JHmbmvhZMZ0Cvh8a3m"]
    } });
    plan["services"]["web"]["configs"] = json!([{ "content": "x", "target": "/etc/x" }]);
    plan["maintenance"]["cleanup"] = json!({ "schedule": "@weekly" });
    plan["maintenance"]["healthcheck"] = json!({ "schedule": "*/5 * * * *" });
    plan["maintenance"]["mail"] = json!({
        "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" }
    });
    let mut secrets = secrets();
    secrets["key"] = json!("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    vsn.write_secrets(&secrets);
    vsn.must_deploy(&plan);
    assert!(vsn.read("/root/.ssh/id_shop").is_some());
    vsn.must_deploy(&crate::plans::second_version(&plan));
    assert_eq!(vsn.landfall(["jobs", "shop", "--run", "healthcheck"]).status, Some(0));
    assert_eq!(vsn.landfall(["stop", "shop", "web"]).status, Some(0));
    assert_eq!(vsn.landfall(["start", "shop"]).status, Some(0));
    let data = vsn.manifest("/srv/shop");
    drop(sink);

    let teardown = vsn.landfall(["teardown", "shop", "--purge"]);

    assert_eq!(teardown.status, Some(0), "{}", teardown.stderr);
    vsn.must(["rm", crate::support::PLAN, crate::support::SECRETS]);
    assert_eq!(whole_host(&vsn), before);
    assert_eq!(vsn.manifest("/srv/shop"), data);
}

#[test]
fn a_purge_of_one_plan_leaves_another_one_alone() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let mut yard = crate::plans::small();
    yard["name"] = json!("yard");
    yard["services"]["web"]["ports"] = json!([]);
    yard["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    let secrets = secrets();
    vsn.write_secrets(&json!({}));
    vsn.must_deploy(&yard);
    vsn.write_secrets(&secrets);

    assert_eq!(vsn.landfall(["teardown", "yard", "--purge"]).status, Some(0));

    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    assert_eq!(vsn.run(["find", "/var/lib/landfall/yard", "/run/landfall/yard"]).stdout, "");
}
