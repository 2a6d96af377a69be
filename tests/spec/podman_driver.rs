//! What holds of Podman's driver alone: builds that give the same image again, authorities that a pull is given, secrets in its store.

use std::fs;

use landfall::host::engine::Access;
use landfall::operation::{Argument, ConfigMount, PulledFrom, SecretMount, SecretVariable};
use pretty_assertions::assert_eq;
use serde_json::json;

use crate::engine::Bench;
use crate::engine::containers::{drop_web, shop_web};
use crate::engine::images::{nothing, ours};

fn secret_file(bench: &Bench) -> SecretMount {
    SecretMount {
        secret: bench.layout.secret(0),
        target: "/run/secrets/db".parse().unwrap(),
        owner: "999:998".parse().unwrap(),
        mode: "0440".parse().unwrap(),
    }
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
    let path = Argument::literal("/var/lib/landfall/shop/configs/web-0");
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
    assert_eq!(bench.engine.last_lines("shop-web").unwrap(), b"two words ready\n");
    drop_web(&bench).unwrap();
    assert_eq!(shop_web(&bench), None);
}

#[test]
fn a_registry_is_trusted_by_the_plans_own_certificate_authority_alone() {
    let bench = Bench::new();
    let registry = bench.vsn.registry_with_tls();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let (certificate, _) = bench.vsn.certificate();
    let authority = bench.vsn.read(&certificate).unwrap();
    let access = |_: &PulledFrom| Ok(Access { login: None, authority: Some(authority.clone()) });
    let trusting = json!({ "registry": pushed.reference, "ca": "ca.pem" });
    let pulled = bench.retrieve(trusting, |order| bench.engine.pull(order, &access));
    assert_eq!(pulled.map(|id| id.to_string()), Ok(pushed.id.clone()));
    let failure = bench.retrieve(json!(pushed.reference), |order| bench.engine.pull(order, &nothing)).unwrap_err();
    assert!(failure.message.contains("x509"), "{failure:?}");
    assert!(!failure.lingering);
}

#[test]
fn a_build_gives_the_same_image_again() {
    let bench = Bench::new();
    bench.vsn.must(["podman", "load", "--quiet", "--input", &bench.vsn.image("tiny", "tiny-v1.docker.tar")]);
    let context = bench.layout.downloads(&bench.known.run).join("context-web");
    fs::create_dir_all(&context).unwrap();
    fs::write(context.join("Containerfile"), "FROM localhost/tiny:v1\nARG A\nCOPY page /www/page\nENV B=$A\n").unwrap();
    fs::write(context.join("page"), "a page\n").unwrap();
    let build = || bench.retrieve(json!({ "build": "app", "args": { "A": "b c" } }), |order| bench.engine.build(order));
    let first = build().unwrap();
    fs::remove_file(context.join("page")).unwrap();
    fs::write(context.join("page"), "a page\n").unwrap();
    assert_eq!(build(), Ok(first.clone()));
    assert_eq!(bench.tags(), [ours(first.hex()), vec!["localhost/tiny:v1".to_owned()]].concat());
    let page = ["podman", "run", "--rm", "--network", "none", first.hex(), "sh", "-c", "cat /www/page; echo $B"];
    assert_eq!(bench.vsn.must(page), "a page\nb c\n");
}
