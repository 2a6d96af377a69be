//! What people, clocks and disks do to a server behind Landfall's back.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Crontab, Ended, Process, Trouble, Vsn, eventually};

/// Deploys the plan, and deploys it again up to the moment at which the new container would start.
fn start_second_deployment(vsn: &Vsn) -> Process {
    vsn.must_deploy(&small());
    vsn.trouble_at("start shop-web", Trouble::Hangs);
    let deployment = vsn.start_deploy();
    eventually("the container is about to start", || vsn.engine_was_told("start shop-web"));
    deployment
}

#[test]
fn a_run_that_was_killed_is_finished_although_the_clock_was_set_back_before_it() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let first = vsn.runs("shop").pop().unwrap();
    vsn.must(["mv", &first, "/var/lib/landfall/shop/runs/20991231t000000"]);
    let deployment = start_second_deployment(&vsn);
    deployment.signal("KILL");
    deployment.wait();
    vsn.reboot();
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "interrupted".to_owned())].into()));

    assert_eq!(vsn.landfall(["recover"]).status, Some(0));

    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Absent);
}

#[test]
fn marks_in_the_crontab_that_somebody_breaks_during_a_run_keep_no_container_from_being_removed() {
    let vsn = Vsn::start();
    let deployment = start_second_deployment(&vsn);
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("the plan has jobs") };
    let broken = crontab.replace("# END landfall shop\n", "");
    vsn.run_with_input(["crontab", "-"], &broken);
    deployment.signal("KILL");
    deployment.wait();

    let output = vsn.landfall(["recover"]);

    assert_eq!(output.status, Some(5));
    let left = "What is left:\n  could not remove the jobs from the crontab: line 1 of root's crontab begins the block of `shop`, but \
                nothing ends it: remove the line, or put `# END landfall shop` after the block\n";
    assert!(output.stderr.ends_with(left), "{output:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Present(broken));
    vsn.must(["crontab", "-r"]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
}

#[test]
fn a_record_of_what_is_deployed_that_is_damaged_stops_a_deployment_and_can_be_torn_down() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let record = "/var/lib/landfall/shop/saved.json";
    vsn.write(record, &vsn.read(record).unwrap()[..100], 0o600);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(1), "failed"));
    let cure = "What it has on record runs on: put the file back from a backup, or let `landfall teardown shop` remove what there is \
                and deploy the plan again";
    assert!(ended.cause.as_ref().is_some_and(|cause| cause.ends_with(cure)), "{ended:?}");
    assert_eq!(vsn.running_containers(), ["shop-web"]);
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.deploy(), Ended::deployed());
}

#[test]
fn a_teardown_finishes_an_interrupted_run_although_the_record_of_what_is_deployed_is_damaged() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.trouble_at("load --quiet", Trouble::Hangs);
    let deployment = vsn.start_deploy();
    eventually("the image is about to be loaded", || vsn.engine_was_told("load --quiet"));
    deployment.signal("KILL");
    deployment.wait();
    vsn.reboot();
    vsn.write("/var/lib/landfall/shop/saved.json", "{", 0o600);
    assert_eq!(vsn.landfall(["recover"]).status, Some(1));
    assert_eq!(vsn.containers(), ["shop-web"]);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Absent);
}

#[test]
fn a_damaged_record_of_the_last_run_is_made_anew() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.write("/var/lib/landfall/shop/last.json", "{", 0o600);
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!(vsn.status().1[0]["last_run"]["outcome"], json!("deployed"));
}

#[test]
fn a_state_folder_that_a_user_can_change_is_refused() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    vsn.must(["install", "--directory", "--owner=1000", "--mode=0755", "/srv/state"]);

    let output = vsn.landfall(["--state-dir", "/srv/state", "deploy", "/srv/plan.json"]);

    assert_eq!(output.status, Some(1));
    let said = "`/srv/state` can be written by its owner, user 1000, who could so become root: `chown root /srv/state`\nnothing was \
                changed\n";
    assert!(output.stderr.ends_with(said), "{output:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.manifest("/srv/state").len(), 1);
}

#[test]
fn a_container_of_another_plan_with_the_name_of_one_that_is_gone_is_told_before_anything_is_touched() {
    let vsn = Vsn::start();
    let plan = |name: &str, service: &str, port: u16| {
        let mut plan = small();
        plan["name"] = json!(name);
        let mut web = plan["services"]["web"].take();
        web["ports"] = json!([format!("127.0.0.1:{port}:80")]);
        web["healthcheck"]["http"] = json!(format!("http://localhost:{port}/version"));
        plan["services"] = json!({ service: web });
        plan
    };
    let mut shop = plan("shop", "a-b", 8080);
    shop["services"]["other"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" } });
    vsn.must_deploy(&shop);
    vsn.must(["podman", "rm", "--force", "--time", "0", "shop-a-b"]);
    vsn.must_deploy(&plan("shop-a", "b", 8081));
    let before = vsn.snapshot();
    vsn.write_plan(&shop);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(3), "refused"));
    assert_eq!(ended.cause.unwrap(), "LF110 there is a container `shop-a-b` of the plan `shop-a` already");
    assert_eq!(vsn.snapshot().containers, before.containers);
}

#[test]
fn the_lock_is_taken_although_its_disk_is_full() {
    let vsn = Vsn::start();
    vsn.must([
        "bash",
        "-c",
        "mount -t tmpfs -o size=4k tmpfs /run; cat /dev/zero > /run/full 2> /dev/null; test -s /run/full",
    ]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
}

#[test]
fn a_kill_while_the_mail_about_a_rollback_is_being_sent_leaves_no_password_behind() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["healthcheck"]["http"] = json!("http://localhost:8080/nothing");
    plan["maintenance"] = json!({ "mail": {
        "to": ["ops@example.org"],
        "from": "vsn@example.org",
        "smtp": { "host": "127.0.0.1", "port": 2525, "username": "vsn", "password": { "secret": "smtp" } },
    } });
    vsn.write_plan(&plan);
    vsn.write_secrets(&json!({ "smtp": "hunter2" }));
    let silent = "import socket, time; server = socket.create_server((\"127.0.0.1\", 2525)); time.sleep(1000)";
    let server = vsn.start_process(["python3", "-c", silent]);
    eventually("the mail server listens", || vsn.run(["bash", "-c", ": <> /dev/tcp/127.0.0.1/2525"]).status == Some(0));
    let deployment = vsn.start_deploy();
    eventually("the mail is being sent", || vsn.run(["pgrep", "--full", "[c]url.*smtp://"]).status == Some(0));
    deployment.signal("KILL");
    deployment.wait();
    server.signal("KILL");

    assert_eq!(
        vsn.run(["grep", "--recursive", "--files-with-matches", "hunter2", "/var/lib", "/run", "/root/.ssh"]).stdout,
        ""
    );
    assert_eq!(vsn.containers(), [] as [&str; 0]);
}

#[test]
fn a_key_that_left_the_plan_leaves_the_server() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["ssh_keys"] = json!({ "id_shop": { "private_key": { "secret": "key" } } });
    vsn.write_secrets(&json!({ "key": "-----BEGIN OPENSSH PRIVATE KEY-----\n" }));
    vsn.must_deploy(&plan);
    assert!(vsn.read("/root/.ssh/id_shop").is_some());
    vsn.must(["rm", crate::support::SECRETS]);

    vsn.must_deploy(&small());

    assert_eq!(vsn.read("/root/.ssh/id_shop"), None);
    assert_eq!(vsn.read("/var/lib/landfall/shop/keys.json"), None);
}

#[test]
fn a_name_of_a_strangers_that_a_killed_pull_took_is_put_back() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    vsn.must(["podman", "load", "--quiet", "--input", &vsn.image("tiny", "tiny-v2.docker.tar")]);
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "registry": pushed.reference, "tls_verify": false });
    vsn.write_plan(&plan);
    for stranger in [true, false] {
        if stranger {
            vsn.must(["podman", "tag", "localhost/tiny:v2", &pushed.reference]);
        }
        let before = vsn.images();
        vsn.trouble_at("pull --quiet", Trouble::KillsItsCaller);
        assert_eq!(vsn.start_deploy().wait().status, None);
        eventually("the orphan has pulled", || {
            vsn.images().contains(&format!("{} sha256:{}", pushed.reference, pushed.id))
        });
        vsn.trouble_at("pull --quiet", Trouble::None);

        assert_eq!(vsn.landfall(["recover"]).status, Some(0));

        assert_eq!(vsn.images(), before);
        vsn.run(["podman", "untag", "localhost/tiny:v2", &pushed.reference]);
    }
}
