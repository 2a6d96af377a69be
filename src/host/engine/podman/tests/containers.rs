//! What Podman is told about containers, as lists.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn a_service_that_says_nothing_is_created_with_what_makes_engines_alike() {
    assert_eq!(
        created(container(json!({}))),
        [
            "create",
            "--name",
            "shop-web",
            "--pull",
            "never",
            "--systemd",
            "false",
            "--http-proxy=false",
            "--no-healthcheck",
            "--image-volume",
            "ignore",
            "--network",
            "shop",
            "--network-alias",
            "web",
            "--hostname",
            "web",
            "--label",
            "landfall.plan=shop",
            "--label",
            "landfall.service=web",
            "--label",
            "landfall.config=c0ffee",
            "--label",
            "landfall.run=<run>",
            "--restart",
            "always",
            "--stop-timeout",
            "10",
            "--cap-drop",
            "AUDIT_WRITE",
            "--cap-drop",
            "MKNOD",
            "--cap-drop",
            "NET_RAW",
            "--security-opt=no-new-privileges",
            "--log-driver",
            "k8s-file",
            "--log-opt",
            "max-size=10485760b",
            "--mount",
            "type=bind,source=/run/landfall/shop/boot/web,target=/.landfall-boot,ro=true",
            "<image of web>",
        ]
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "one whole list is compared")]
fn every_field_of_a_service_is_told_to_the_engine() {
    let mut container = container(every_field());
    container.secret_files = vec![secret_file("/run/secrets/db")];
    container.secret_variables = vec![SecretVariable { secret: layout().secret(1), name: "PASSWORD".parse().unwrap() }];
    container.configs =
        vec![ConfigMount { path: layout().config(&web(), 0), target: "/etc/nginx/nginx.conf".parse().unwrap() }];
    assert_eq!(
        created(container),
        [
            "create",
            "--name",
            "shop-web",
            "--pull",
            "never",
            "--systemd",
            "false",
            "--http-proxy=false",
            "--no-healthcheck",
            "--image-volume",
            "ignore",
            "--network",
            "shop",
            "--network-alias",
            "web",
            "--hostname",
            "shop-window",
            "--label",
            "landfall.plan=shop",
            "--label",
            "landfall.service=web",
            "--label",
            "landfall.config=c0ffee",
            "--label",
            "landfall.run=<run>",
            "--network-alias",
            "www",
            "--add-host",
            "printer:192.0.2.9",
            "--add-host",
            "scanner:2001:db8::9",
            "--dns",
            "192.0.2.53",
            "--publish",
            "127.0.0.1:8080-8081:80-81",
            "--publish",
            "[::1]:53:53/udp",
            "--label",
            "org.example.team=a=b, c",
            "--restart",
            "on-failure",
            "--stop-signal",
            "SIGINT",
            "--stop-timeout",
            "90",
            "--init",
            "--user",
            "999:999",
            "--workdir",
            "/srv",
            "--read-only",
            "--read-only-tmpfs=false",
            "--shm-size",
            "268435456b",
            "--sysctl",
            "net.core.somaxconn=1024",
            "--cap-drop",
            "AUDIT_WRITE",
            "--cap-drop",
            "CHOWN",
            "--cap-drop",
            "MKNOD",
            "--cap-add",
            "NET_ADMIN",
            "--cap-add",
            "NET_RAW",
            "--memory",
            "1073741824b",
            "--cpus",
            "1.5",
            "--pids-limit",
            "100",
            "--ulimit",
            "core=-1:-1",
            "--ulimit",
            "nofile=512:1024",
            "--device",
            "/dev/null:/dev/hole:rw",
            "--log-driver",
            "journald",
            "--log-opt",
            "tag=shop",
            "--env",
            "GREETING=hello = $HOME, \"you\"",
            "--mount",
            "type=bind,source=/srv/shop/data,target=/data",
            "--mount",
            "type=bind,source=/srv/shop/pages,target=/pages,ro=true",
            "--mount",
            "type=tmpfs,target=/tmp,tmpfs-mode=1777,notmpcopyup",
            "--mount",
            "type=tmpfs,target=/cache,tmpfs-mode=0750,tmpfs-size=1048576,notmpcopyup",
            "--secret",
            "landfall.shop.<run>.1,type=env,target=PASSWORD",
            "--mount",
            "type=tmpfs,target=/run/secrets,tmpfs-mode=0755,notmpcopyup,ro=true",
            "--secret",
            "landfall.shop.<run>.0,type=mount,target=/run/secrets/db,uid=999,gid=998,mode=0440",
            "--mount",
            "type=bind,source=/var/lib/landfall/shop/configs/<run>/web-0,target=/etc/nginx/nginx.conf,ro=true",
            "--mount",
            "type=bind,source=/run/landfall/shop/boot/web,target=/.landfall-boot,ro=true",
            "--entrypoint",
            r#"["/bin/serve","two words"]"#,
            "<image of web>",
            "--verbose",
            "a b",
        ]
    );
}

fn every_field() -> Value {
    json!({
        "command": ["--verbose", "a b"],
        "entrypoint": ["/bin/serve", "two words"],
        "environment": {
            "GREETING": "hello = $HOME, \"you\"",
            "PASSWORD": { "secret": "password" },
            "URL": { "template": "postgres://shop:{{url password}}@db" },
        },
        "secrets": [{ "secret": "db", "target": "/run/secrets/db" }],
        "configs": [{ "content": "", "target": "/etc/nginx/nginx.conf" }],
        "volumes": [
            { "source": "/srv/shop/data", "target": "/data" },
            { "source": "/srv/shop/pages", "target": "/pages", "read_only": true },
        ],
        "ports": ["127.0.0.1:8080-8081:80-81", "[::1]:53:53/udp"],
        "depends_on": ["db"],
        "healthcheck": { "tcp": "web:80" },
        "restart": "on-failure",
        "user": "999:999",
        "working_dir": "/srv",
        "hostname": "shop-window",
        "aliases": ["www"],
        "labels": { "org.example.team": "a=b, c" },
        "read_only": true,
        "tmpfs": ["/tmp", { "target": "/cache", "size": "1MiB", "mode": "0750" }],
        "shm_size": "256MiB",
        "sysctls": { "net.core.somaxconn": "1024" },
        "cap_add": ["NET_RAW", "NET_ADMIN"],
        "cap_drop": ["CHOWN"],
        "no_new_privileges": false,
        "memory": "1GiB",
        "cpus": 1.5,
        "pids_limit": 100,
        "ulimits": { "nofile": { "soft": 512, "hard": 1024 }, "core": -1 },
        "devices": ["/dev/null:/dev/hole:rw"],
        "extra_hosts": ["printer:192.0.2.9", "scanner:[2001:db8::9]"],
        "dns": ["192.0.2.53"],
        "init": true,
        "stop_signal": "SIGINT",
        "stop_grace_period": "90s",
        "logging": { "driver": "journald", "tag": "shop" },
    })
}

#[test]
fn capabilities_are_the_common_set_plus_what_is_added_minus_what_is_dropped() {
    let capabilities = |add: Value, drop: Value| {
        let arguments = created(container(json!({ "cap_add": add, "cap_drop": drop })));
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>().join(" ");
        (owned(values(&arguments, "--cap-drop")), owned(values(&arguments, "--cap-add")))
    };
    let pair = |drop: &str, add: &str| (drop.to_owned(), add.to_owned());
    assert_eq!(capabilities(json!([]), json!(["ALL"])), pair("ALL", ""));
    assert_eq!(capabilities(json!(["NET_BIND_SERVICE"]), json!(["ALL"])), pair("ALL", "NET_BIND_SERVICE"));
    assert_eq!(capabilities(json!(["ALL"]), json!([])), pair("", "ALL"));
    assert_eq!(capabilities(json!(["ALL"]), json!(["SYS_ADMIN"])), pair("SYS_ADMIN", "ALL"));
    assert_eq!(
        capabilities(json!(["NET_RAW"]), json!(["NET_RAW", "KILL"])),
        pair("AUDIT_WRITE KILL MKNOD NET_RAW", "")
    );
    assert_eq!(capabilities(json!(["MKNOD"]), json!([])), pair("AUDIT_WRITE NET_RAW", "MKNOD"));
}

#[test]
fn room_for_secrets_is_made_only_where_podmans_own_would_be_read_only() {
    let mounts = |fields: Value, target: &str| {
        let mut container = container(fields);
        container.secret_files = vec![secret_file(target)];
        let arguments = created(container);
        let mounts = values(&arguments, "--mount");
        mounts.into_iter().filter(|mount| mount.contains("/run/secrets")).map(str::to_owned).collect::<Vec<_>>()
    };
    let room = "type=tmpfs,target=/run/secrets,tmpfs-mode=0755,notmpcopyup,ro=true";
    let own = "type=tmpfs,target=/run/secrets,tmpfs-mode=1777,notmpcopyup";
    assert_eq!(mounts(json!({ "read_only": true }), "/run/secrets/db"), [room]);
    assert_eq!(mounts(json!({ "read_only": true }), "/etc/db"), Vec::<String>::new());
    assert_eq!(mounts(json!({}), "/run/secrets/db"), Vec::<String>::new());
    assert_eq!(mounts(json!({ "read_only": true, "tmpfs": ["/run/secrets"] }), "/run/secrets/db"), [own]);
}

#[test]
fn output_goes_where_the_plan_says_and_a_file_of_it_is_bounded() {
    let log = |logging: Value| {
        let arguments = created(container(json!({ "logging": logging })));
        let (driver, options) = (values(&arguments, "--log-driver"), values(&arguments, "--log-opt"));
        [driver, options].concat().join(" ")
    };
    assert_eq!(log(json!({ "driver": "file", "max_size": "1GiB" })), "k8s-file max-size=1073741824b");
    assert_eq!(log(json!({ "driver": "journald" })), "journald");
    assert_eq!(log(json!({ "driver": "syslog" })), "syslog");
    assert_eq!(log(json!({ "driver": "none" })), "none");
}

#[test]
fn the_grace_period_is_never_rounded_down() {
    let timeout = |period: &str| {
        let arguments = created(container(json!({ "stop_grace_period": period })));
        values(&arguments, "--stop-timeout").concat()
    };
    assert_eq!((timeout("0s"), timeout("1ms"), timeout("5m")), ("0".into(), "1".into(), "300".into()));
}

#[test]
fn processor_time_is_written_as_a_decimal_number() {
    let cpus = |cores: f64| {
        let arguments = created(container(json!({ "cpus": cores })));
        values(&arguments, "--cpus").concat()
    };
    assert_eq!((cpus(0.01), cpus(2.0), cpus(10.0)), ("0.01".into(), "2".into(), "10".into()));
}
