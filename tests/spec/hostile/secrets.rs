//! Secrets that could stay behind.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Vsn, eventually};

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
