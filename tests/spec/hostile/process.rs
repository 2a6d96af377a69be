//! What happens to the process of a run: the connection drops, the process is stopped for a while.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{second_version, small};
use crate::support::{Ended, PLAN, Process, Vsn, eventually};

/// A second version that is not healthy before `/srv/gate/open` is there, for so many tries of at most five seconds.
fn gated(retries: u32) -> Value {
    let mut plan = second_version(&small());
    let web = &mut plan["services"]["web"];
    web["command"] = json!(["sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done; exec serve"]);
    web["volumes"] = json!([{ "source": "/srv/gate", "target": "/gate", "owner": "0:0", "mode": "0755" }]);
    web["healthcheck"] =
        json!({ "http": "http://localhost:8080/version", "interval": "1s", "timeout": "4s", "retries": retries });
    web["stop_grace_period"] = json!("0s");
    plan
}

fn version(vsn: &Vsn) -> String {
    vsn.run(["curl", "--silent", "http://localhost:8080/version"]).stdout
}

fn lock_is_held(vsn: &Vsn) -> bool {
    vsn.run(["flock", "--nonblock", "/run/landfall.lock", "true"]).status != Some(0)
}

fn await_gate(vsn: &Vsn) {
    eventually("the new container waits at the gate", || {
        vsn.run(["pgrep", "--full", "[u]ntil .*/gate/open"]).status == Some(0)
    });
}

/// A real server for secure shells, and a client that has root's key.
fn shell_server(vsn: &Vsn) -> Process {
    vsn.must([
        "bash",
        "-c",
        "set -e; mkdir -p /run/sshd; for key in host client; do ssh-keygen -q -t ed25519 -N '' -f /srv/$key; done
         cp /srv/client.pub /root/.ssh/authorized_keys",
    ]);
    let options =
        ["-o", "ListenAddress=127.0.0.1", "-o", "PermitRootLogin=yes", "-o", "UsePAM=no", "-o", "StrictModes=no"];
    let command = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", "2222", "-h", "/srv/host"];
    let server = vsn.start_process(command.into_iter().chain(options));
    eventually("the server listens", || vsn.listens("127.0.0.1", 2222));
    server
}

#[test]
fn a_run_goes_on_to_its_end_although_the_operators_connection_drops() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.write_plan(&gated(60));
    let _server = shell_server(&vsn);
    let command = format!("{} deploy {PLAN}", env!("CARGO_BIN_EXE_landfall"));
    let options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"];
    let client = ["ssh", "-tt", "-i", "/srv/client", "-p", "2222"].into_iter().chain(options);
    let connection = vsn.start_process(client.chain(["root@127.0.0.1", &command]));
    await_gate(&vsn);

    connection.signal("KILL");
    connection.wait();
    eventually("its terminal is gone", || vsn.run(["pgrep", "--full", "[s]shd: root@pts"]).status == Some(1));

    assert!(lock_is_held(&vsn));
    vsn.write("/srv/gate/open", "", 0o600);
    eventually("the run has ended", || !lock_is_held(&vsn));
    assert_eq!(version(&vsn), "v2\n");
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    let log = vsn.read(&format!("{}/log", vsn.runs("shop").pop().unwrap())).unwrap();
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("the operator's connection dropped; going on"), "{log}");
    assert!(log.contains("shop is deployed: 1 service"), "{log}");
}

/// Deploys a service that may take fifteen seconds, and stops the run for so many.
fn goes_on_after(seconds: u32) {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.write_plan(&gated(3));
    // What starts a program in the VSN stops when the program does, and would not go on with it.
    let landfall = [env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN, "--format", "json"];
    let deployment = vsn.start_process(["bash", "-c", "\"$@\"; exit $?", "bash"].into_iter().chain(landfall));
    await_gate(&vsn);

    vsn.must(["pkill", "-STOP", "-x", "landfall"]);
    vsn.must(["sleep", &seconds.to_string()]);
    vsn.must(["pkill", "-CONT", "-x", "landfall"]);
    vsn.write("/srv/gate/open", "", 0o600);

    assert_eq!(Ended::of(&deployment.wait()), Ended::deployed());
    assert_eq!(version(&vsn), "v2\n");
}

#[test]
fn regression_055_a_deadline_does_not_pass_while_the_run_is_stopped() {
    goes_on_after(16);
}

#[test]
#[ignore = "a minute of waiting: scripts/torture.sh --stopped"]
fn a_run_that_is_stopped_for_more_than_a_minute_goes_on() {
    goes_on_after(70);
}
