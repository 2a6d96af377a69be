//! Ports that Podman gives back, taken away in one change of the firewall.

use super::podman::is_held;
use crate::plans::{alike, small};
use crate::support::{PLAN, Trouble, Vsn, eventually};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// A server may be busy with other tests.
const PATIENT: &str = "LANDFALL_PATIENCE=50";

/// How many rules of iptables there are about this port.
fn rules_of(vsn: &Vsn, port: u16) -> usize {
    let rules = vsn.must(["iptables-save", "-t", "nat"]);
    rules.lines().filter(|rule| rule.contains(&format!("--dport {port} "))).count()
}

/// A web server at port 8081 that serves until there is a file that tells it to end.
fn slow() -> Value {
    let serves = "trap 'until [ -e /told/to ]; do sleep 0.05; done; exit 0' TERM; httpd -p 80 -h /www; while :; do sleep 0.05; done";
    let mut slow = small()["services"]["web"].clone();
    slow["command"] = json!(["sh", "-c", serves]);
    slow["ports"] = json!(["127.0.0.1:8081:80"]);
    slow["healthcheck"]["http"] = json!("http://localhost:8081/version");
    slow["volumes"] = json!([{ "source": "/srv/told", "target": "/told", "owner": "0:0", "mode": "0755" }]);
    slow["stop_grace_period"] = json!("60s");
    slow
}

/// What a web server at this port says that it is.
fn version_at(vsn: &Vsn, port: u16) -> String {
    vsn.must(["curl", "--silent", &format!("http://localhost:{port}/version")])
}

#[test]
fn ports_are_taken_back_together_and_one_leads_to_its_service_until_that_has_ended() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["slow"] = slow();
    vsn.must_deploy(&plan);
    let rules = |vsn: &Vsn| [8080, 8081].map(|port| rules_of(vsn, port));
    let (before, are_of_iptables) = (rules(&vsn), is_held(&vsn));
    assert_eq!(before, if are_of_iptables { [4, 4] } else { [0, 0] });
    let web = vsn.inspect("shop-web");
    let (id, process) = (web["Id"].as_str().unwrap(), format!("/proc/{}", web["State"]["Pid"]));
    plan["services"]["web"]["image"]["archive"] = json!("images/tiny-v2.docker.tar");
    vsn.write_plan(&plan);
    let deploy = vsn.start_process([
        "env",
        PATIENT,
        env!("CARGO_BIN_EXE_landfall"),
        "deploy",
        PLAN,
        "--timings=/srv/trace.json",
    ]);
    eventually("one has ended", || vsn.run(["test", "-e", &process]).status == Some(1));
    eventually("it is removed", || vsn.run(["podman", "container", "exists", id]).status == Some(1));
    assert_eq!(version_at(&vsn, 8081), "v1\n");

    vsn.must(["touch", "/srv/told/to"]);

    let deployed = deploy.wait();
    assert_eq!(deployed.status, Some(0), "{deployed:?}");
    let versions = [8080, 8081].map(|port| version_at(&vsn, port));
    assert_eq!((versions, rules(&vsn)), (["v2\n", "v1\n"].map(str::to_owned), before));
    let trace = vsn.must(["cat", "/srv/trace.json"]);
    assert_eq!(trace.contains("\"iptables-restore\""), are_of_iptables, "{trace}");
}

/// Of what it looks at before it takes a rule away, nothing may be gone when it does.
#[test]
fn netavark_is_kept_waiting_before_ports_are_taken_back() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"] = json!({ "slow": slow() });
    vsn.must_deploy(&plan);
    if !is_held(&vsn) {
        return;
    }
    let lock = vsn.must(["stat", "--format=:%i ", "/etc/containers/networks/netavark.lock"]);
    // Podman's own are of another kind.
    let held = || {
        let locks = vsn.must(["cat", "/proc/locks"]);
        locks.lines().any(|held| held.contains("OFDLCK") && held.contains(lock.trim_end_matches('\n')))
    };
    assert_eq!(held(), false);

    let deploy = vsn.start_process(["env", PATIENT, env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN]);

    eventually("the lock is held", held);
    assert_eq!(version_at(&vsn, 8081), "v1\n");
    vsn.must(["touch", "/srv/told/to"]);
    let deployed = deploy.wait();
    assert_eq!((deployed.status, held()), (Some(0), false), "{deployed:?}");
    assert_eq!((version_at(&vsn, 8081).as_str(), rules_of(&vsn, 8081)), ("v1\n", 4));
}

/// By itself, Podman asks three containers for each processor to end at a time, and one more.
#[test]
fn ports_of_more_services_than_podman_asks_to_end_at_a_time_are_taken_back_together() {
    let vsn = Vsn::start();
    let plan = alike(7);
    vsn.must_deploy(&plan);
    let (rules, are_of_iptables) = (|| (8080..8087).map(|port| rules_of(&vsn, port)).sum::<usize>(), is_held(&vsn));
    let before = rules();
    assert_eq!(before, if are_of_iptables { 28 } else { 0 });
    let all: Vec<_> = plan["services"].as_object().unwrap().keys().map(|name| format!("shop-{name}")).collect();
    let option = if are_of_iptables { "--max-workers 7 --force" } else { "--force" };
    let processor = format!("taskset --cpu-list {}", first_processor());
    let deploy = [env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN, "--verbose"];
    // A busy machine may have what would go together go in two calls, which are in one another's way.
    let together = (0..10).any(|_| {
        vsn.trouble_at("no such call", Trouble::None);
        let begin = ["env", PATIENT, "LANDFALL_LOG=debug"].into_iter().chain(processor.split(' '));

        let deployed = vsn.run(begin.chain(deploy));

        assert_eq!((deployed.status, rules()), (Some(0), before), "{deployed:?}");
        let removals = removals(&vsn);
        let [(options, removed)] = &removals[..] else { return false };
        assert_eq!((options.as_str(), removed), (option, &all));
        let taken = deployed.stderr.lines().filter_map(|line| line.split_once(" taken=")?.1.parse::<usize>().ok());
        assert_eq!(taken.sum::<usize>(), before, "{deployed:?}");
        true
    });
    assert!(together, "{:?}", removals(&vsn));
}

/// The options of each call that removed containers, and their names.
fn removals(vsn: &Vsn) -> Vec<(String, Vec<String>)> {
    let calls = vsn.engine_calls().into_iter().map(|call| shlex::split(&call).unwrap());
    let of_one = |words: Vec<String>| {
        let words = words.strip_prefix(&["rm".to_owned()])?;
        let (mut names, options): (Vec<_>, Vec<_>) = words.iter().cloned().partition(|word| word.starts_with("shop-"));
        names.sort();
        Some((options.join(" "), names))
    };
    calls.filter_map(of_one).collect()
}

/// One that programs may run on.
fn first_processor() -> u16 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    allowed.trim().split(['-', ',']).next().unwrap().parse().unwrap()
}
