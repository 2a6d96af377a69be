use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::Vsn;

fn tiny(more: &Value) -> Value {
    let mut service =
        json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "healthcheck": { "exec": ["true"] } });
    service.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    service
}

#[test]
fn a_service_is_found_by_its_name_and_aliases_over_both_families_and_by_nothing_else() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["network"] = json!({ "subnets": ["10.90.0.0/24", "fd00:90::/64"] });
    plan["services"]["store"] = tiny(&json!({ "aliases": ["cache", "store.internal"], "hostname": "elsewhere" }));
    vsn.must_deploy(&plan);

    let networks = &vsn.inspect("shop-store")["NetworkSettings"]["Networks"]["shop"];
    let addresses = ["IPAddress", "GlobalIPv6Address"].map(|family| networks[family].as_str().unwrap().to_owned());
    let found = |name: &str| {
        let answer = vsn.run([vsn.engine(), "exec", "shop-web", "nslookup", name]).stdout;
        let answers = answer.split("Name:").skip(1);
        let mut found: Vec<String> =
            answers.filter_map(|answer| Some(answer.split("Address: ").nth(1)?.lines().next()?.to_owned())).collect();
        found.sort();
        found
    };
    for name in ["store", "cache", "store.internal"] {
        assert_eq!(found(name), addresses, "{name}");
    }
    assert_eq!(found("nowhere"), Vec::<String>::new());
    assert_eq!(vsn.in_container("shop-store", "hostname"), "elsewhere\n");
    assert_eq!(vsn.in_container("shop-web", "hostname"), "web\n");
}

#[test]
fn memory_processes_and_processor_time_are_bounded_by_the_kernel() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"] = tiny(&json!({ "memory": "64MiB", "pids_limit": 50, "cpus": 0.5 }));
    vsn.must_deploy(&plan);

    // Each controller where the kernel has it: the second version of cgroups in one tree, the first in one for each.
    let engine = vsn.engine();
    let limit = |controller: &str, second: &str, first: &str| {
        let script = format!(
            "pid=$({engine} inspect --format '{{{{.State.Pid}}}}' shop-web)
             one=/sys/fs/cgroup/{controller}$(sed -n 's/^[0-9]*:[a-z,]*\\b{controller}\\b[a-z,]*://p' /proc/$pid/cgroup)
             all=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/$pid/cgroup)
             cat $all/{second} 2> /dev/null || cat $one/{first}"
        );
        vsn.must(["bash", "-c", &script])
    };
    assert_eq!(limit("memory", "memory.max", "memory.limit_in_bytes"), "67108864\n");
    assert_eq!(limit("pids", "pids.max", "pids.max"), "50\n");
    let quota = limit("cpu", "cpu.max", "cpu.cfs_quota_us");
    assert_eq!(quota.split_whitespace().next(), Some("50000"));
}

#[test]
fn an_init_process_in_memory_folders_privileges_and_silence_are_as_the_plan_says() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"] = tiny(&json!({
        "init": true,
        "no_new_privileges": false,
        "tmpfs": ["/scratch", { "target": "/private", "size": "16MiB", "mode": "0700" }],
        "extra_hosts": ["printer:192.0.2.9", "scanner:2001:db8::9"],
        "user": "1000:1001",
        "environment": { "EMPTY": "", "PERCENT": "100%" },
        "logging": { "driver": "none" },
        "command": ["sh", "-c", "echo said; exec sleep 1000"],
    }));
    vsn.must_deploy(&plan);

    let inside = |command: &str| vsn.in_container("shop-web", command);
    assert_ne!(inside("cat /proc/1/comm"), "sleep\n");
    assert_eq!(inside("grep NoNewPrivs /proc/1/status"), "NoNewPrivs:\t0\n");
    assert_eq!(
        inside("stat -c '%a %n' /scratch /private; df -Pk /private 2> /dev/null | awk 'NR == 2 { print $2 }'"),
        "1777 /scratch\n700 /private\n16384\n"
    );
    assert_eq!(
        inside("grep -e printer -e scanner /etc/hosts | tr '\\t' ' '"),
        "192.0.2.9 printer\n2001:db8::9 scanner\n"
    );
    assert_eq!(inside("id -u; id -g; echo \"[$EMPTY] $PERCENT\""), "1000\n1001\n[] 100%\n");
    assert_eq!(vsn.inspect("shop-web")["HostConfig"]["LogConfig"]["Type"], "none");
}
