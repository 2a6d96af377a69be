use std::time::Duration;

use landfall::facts::{ContainerFact, SecretFact};
use landfall::host::engine::{Answer, Looks};
use landfall::operation::{ConfigMount, DroppedContainer, EngineChange, SecretMount, SecretVariable};
use landfall::run::{Cancel, Failure};
use pretty_assertions::assert_eq;
use serde_json::json;

use super::{Bench, web};
use crate::support::eventually;

fn secret_file(bench: &Bench) -> SecretMount {
    SecretMount {
        secret: bench.layout.secret(0),
        target: "/run/secrets/db".parse().unwrap(),
        owner: "999:998".parse().unwrap(),
        mode: "0440".parse().unwrap(),
    }
}

fn shop_web(bench: &Bench) -> Option<ContainerFact> {
    bench.podman.containers().unwrap().into_iter().find(|container| container.name == "shop-web")
}

fn drop_web(bench: &Bench) -> Result<(), Failure> {
    bench.perform(&EngineChange::DropContainer(DroppedContainer {
        container: "shop-web".to_owned(),
        grace_seconds: None,
    }))
}

#[test]
#[allow(clippy::too_many_lines, reason = "one container with everything, compared at once")]
fn every_field_of_a_service_takes_effect() {
    let bench = Bench::ready();
    bench.secret(0, "hunter2");
    bench.secret(1, "swordfish");
    bench.vsn.must(["mkdir", "-p", "/srv/data", "/srv/pages"]);
    bench.vsn.write("/var/lib/landfall/shop/configs/web-0", "a config\n", 0o644);
    let mut container = bench.container(json!({
        "entrypoint": ["/bin/sh", "-c"],
        "command": ["trap 'exit 0' INT; echo \"$0\" ready; while :; do sleep 0.1; done", "two words"],
        "environment": { "GREETING": "hello = $HOME, \"you\"" },
        "volumes": [
            { "source": "/srv/data", "target": "/data" },
            { "source": "/srv/pages", "target": "/pages", "read_only": true },
        ],
        "ports": ["127.0.0.1:8080-8081:80-81", "5353:53/udp"],
        "restart": "on-failure",
        "user": "999:998",
        "working_dir": "/tmp",
        "hostname": "shop-window",
        "aliases": ["www"],
        "labels": { "org.example.team": "a=b, c" },
        "read_only": true,
        "tmpfs": [{ "target": "/cache", "size": "1MiB" }],
        "shm_size": "256MiB",
        "sysctls": { "net.core.somaxconn": "1024" },
        "cap_add": ["NET_ADMIN"],
        "cap_drop": ["CHOWN"],
        "memory": "128MiB",
        "cpus": 0.5,
        "pids_limit": 100,
        "ulimits": { "nofile": { "soft": 512, "hard": 1024 }, "nproc": 4096 },
        "devices": ["/dev/null:/dev/hole:rw"],
        "extra_hosts": ["printer:192.0.2.9", "scanner:[2001:db8::9]"],
        "stop_signal": "SIGINT",
        "stop_grace_period": "90s",
        "logging": { "max_size": "1MiB" },
    }));
    container.secret_files = vec![secret_file(&bench)];
    container.secret_variables =
        vec![SecretVariable { secret: bench.layout.secret(1), name: "PASSWORD".parse().unwrap() }];
    let path = landfall::operation::Argument::literal("/var/lib/landfall/shop/configs/web-0");
    container.configs = vec![ConfigMount { path, target: "/etc/app.conf".parse().unwrap() }];
    bench.create(container).unwrap();
    bench.start().unwrap();

    let inside = bench.inside(
        "id -u; id -g; pwd; hostname; echo \"$GREETING $PASSWORD\"; cat /etc/app.conf /run/secrets/db; echo; \
         stat -c '%a %u %g' /run/secrets/db; grep 'open files' /proc/1/limits | tr -s ' '; cat /proc/sys/net/core/somaxconn; \
         grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | tr -s '\\t' ' '; grep -e printer -e scanner /etc/hosts | tr '\\t' ' '; \
         echo > /dev/hole; for file in /data/x /pages/x /cache/x /x /etc/app.conf /run/x; do (> $file) 2> /dev/null; echo $file $?; done; \
         df -k /dev/shm /cache | awk 'NR > 1 { print $6, $2 }'",
    );
    let expected = "999\n998\n/tmp\nshop-window\nhello = $HOME, \"you\" swordfish\na config\nhunter2\n440 999 998\nMax open files 512 1024 files \n1024\n\
                    CapEff: 0000000000001000\nCapBnd: 00000000800415fa\nNoNewPrivs: 1\n\
                    192.0.2.9 printer\n2001:db8::9 scanner\n\
                    /data/x 1\n/pages/x 1\n/cache/x 0\n/x 1\n/etc/app.conf 1\n/run/x 1\n/dev/shm 262144\n/cache 1024\n";
    assert_eq!(inside, expected);
    let inspect = |format: &str| bench.vsn.must(["podman", "inspect", "--format", format, "shop-web"]);
    // Newer ones say the signal's name, and the container's ID twice among its names.
    let inspected = inspect(
        "{{.HostConfig.RestartPolicy.Name}} {{.Config.StopSignal}} {{.Config.StopTimeout}} {{.HostConfig.Memory}} \
         {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.LogConfig.Type}} \
         {{.HostConfig.LogConfig.Size}} {{.Config.Healthcheck.Test}} {{index .Config.Labels \"org.example.team\"}} \
         {{index .Config.Labels \"landfall.run\"}} {{range .NetworkSettings.Networks.shop.Aliases}}{{.}} {{end}}",
    );
    let expected = "on-failure 2 90 134217728 500000000 100 k8s-file 1.049MB [NONE] a=b, c 20261121t101112 web www";
    let words: Vec<&str> = expected.split(' ').collect();
    let inspected = inspected.replace(" SIGINT ", " 2 ");
    assert_eq!(inspected.split(' ').take(words.len()).collect::<Vec<_>>(), words);
    assert_eq!(bench.podman.last_lines("shop-web").unwrap(), b"two words ready\n");
    drop_web(&bench).unwrap();
    assert_eq!(shop_web(&bench), None);
}

/// What root in a container may do is the same on every engine, and other users get nothing on top.
#[test]
fn a_service_has_the_common_capabilities() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.start().unwrap();
    let capabilities = bench.inside("grep -e CapEff -e CapBnd /proc/self/status | tr -s '\\t' ' '");
    assert_eq!(capabilities, "CapEff: 00000000800405fb\nCapBnd: 00000000800405fb\n");
}

#[test]
fn without_its_boot_guard_a_container_does_not_start() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.vsn.must(["rm", "/run/landfall/shop/boot/web"]);
    let Failure { message, lingering } = bench.start().unwrap_err();
    assert!(message.starts_with("`podman start` failed: "), "{message}");
    assert!(message.contains("stat /run/landfall/shop/boot/web: no such file or directory"), "{message}");
    assert!(!lingering);
    assert_eq!(shop_web(&bench).map(|container| container.running), Some(false));
    bench.vsn.must(["touch", "/run/landfall/shop/boot/web"]);
    bench.start().unwrap();
    assert_eq!(shop_web(&bench).map(|container| container.running), Some(true));
}

#[test]
fn a_container_that_crashes_again_and_again_is_removed() {
    let bench = Bench::ready();
    let crashing = json!({ "entrypoint": ["/bin/sh", "-c"], "command": ["exit 1"], "restart": "always" });
    bench.create(bench.container(crashing)).unwrap();
    bench.start().unwrap();
    let podman = bench.podman.clone();
    let looks = Looks::by(move || podman.containers_named(&["shop-web".to_owned()]));
    eventually("it was started again", || looks.now().unwrap()[0].restarts >= 2);
    drop_web(&bench).unwrap();
    assert_eq!(shop_web(&bench), None);
}

#[test]
fn what_is_gone_counts_as_removed() {
    let bench = Bench::new();
    drop_web(&bench).unwrap();
    bench.perform(&EngineChange::DropNetwork { network: "shop".to_owned() }).unwrap();
    bench.perform(&EngineChange::DropSecret { secret: "landfall.shop.20261121t101112.0".to_owned() }).unwrap();
    bench
        .perform(&EngineChange::DropTag { tag: "localhost/landfall/shop/web:1".to_owned(), unless_image_of: None })
        .unwrap();
    bench.perform(&EngineChange::DropImage { id: "0".repeat(64) }).unwrap();
    bench.podman.disconnect("shop-web", "shop").unwrap();
}

#[test]
fn a_network_that_somebody_else_uses_is_not_removed_before_he_was_taken_off() {
    let bench = Bench::ready();
    let id = bench.known.images[&web()].to_string();
    bench.vsn.must(["podman", "run", "--detach", "--name", "other", "--network", "shop", &id]);
    let network = EngineChange::DropNetwork { network: "shop".to_owned() };
    let failure = bench.perform(&network).unwrap_err();
    assert!(failure.message.contains("network is being used"), "{failure:?}");
    bench.podman.disconnect("other", "shop").unwrap();
    bench.perform(&network).unwrap();
    let running = bench.podman.containers().unwrap().into_iter().map(|other| (other.name, other.running));
    assert_eq!(running.collect::<Vec<_>>(), [("other".to_owned(), true)]);
}

#[test]
fn a_secret_is_stored_under_the_name_of_the_run() {
    let bench = Bench::new();
    bench.secret(0, "hunter2");
    let name = "landfall.shop.20261121t101112.0".to_owned();
    assert_eq!(bench.podman.look().unwrap().secrets, [SecretFact { name: name.clone() }]);
    bench.perform(&EngineChange::DropSecret { secret: name }).unwrap();
    assert_eq!(bench.podman.look().unwrap().secrets, []);
}

#[test]
fn a_command_in_a_container_answers_with_its_exit_code_and_output() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    bench.start().unwrap();
    let exec = |script: &str, timeout| {
        let command = ["sh", "-c", script].map(str::to_owned);
        bench.podman.exec("shop-web", &command, timeout, &Cancel::never())
    };
    let long = Duration::from_secs(60);
    assert_eq!(exec("echo out; echo err >&2; exit 3", long), Ok(Answer { code: 3, output: "out\nerr\n".to_owned() }));
    let failure = exec("sleep 1000", Duration::from_millis(500)).unwrap_err();
    assert!(failure.lingering, "{failure:?}");
}

#[test]
fn an_address_on_the_plans_network_is_known_once_a_container_runs() {
    let bench = Bench::ready();
    bench.create(bench.container(json!({}))).unwrap();
    assert_eq!(shop_web(&bench).unwrap().address, None);
    bench.start().unwrap();
    let address = shop_web(&bench).unwrap().address.unwrap().to_string();
    assert_eq!(bench.vsn.must(["curl", "-sS", &format!("http://{address}/version")]), "v1\n");
}

#[test]
fn podman_says_what_it_is() {
    let bench = Bench::new();
    let engine = bench.podman.engine();
    let version = bench.vsn.must(["podman", "version", "--format", "{{.Client.Version}}"]);
    let expected = landfall::facts::Engine {
        kind: landfall::facts::EngineKind::Podman,
        program: bench.podman.program().to_path_buf(),
        version: version.trim().to_owned(),
        network_backend: "netavark".to_owned(),
        name_resolution: std::path::Path::new("/usr/lib/podman/aardvark-dns").exists(),
        problem: None,
        graph_root: "/var/lib/containers/storage".into(),
        journald: false,
    };
    assert_eq!(engine, expected);
}
