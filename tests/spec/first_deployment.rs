//! What stands on a VSN after the first deployment of a plan: all that the plan says, and nothing else.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{secrets, shop, small};
use crate::support::{Crontab, Ended, Kind, PLAN, SECRETS, Vsn, document};

const CRONTAB: &str = "# BEGIN landfall shop (no crontab before)\n\
    @reboot /var/lib/landfall/shop/recover\n\
    0 2 * * * /var/lib/landfall/shop/jobs/job-dump\n\
    # END landfall shop\n";

fn started_at(vsn: &Vsn, container: &str) -> String {
    vsn.inspect(container)["State"]["StartedAt"].as_str().unwrap().to_owned()
}

fn mode_and_owner(vsn: &Vsn, directory: &str) -> (u32, (u32, u32)) {
    let top = vsn.manifest(directory).swap_remove(0);
    (top.mode, top.owner)
}

#[test]
fn a_first_deployment_leaves_the_containers_images_network_and_jobs_of_the_plan_and_nothing_else() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());

    let id = vsn.image_id("tiny-v1.docker.tar");
    let short = &id[..12];
    assert_eq!(vsn.containers(), ["shop-db", "shop-migrate", "shop-web"]);
    assert_eq!(vsn.running_containers(), ["shop-db", "shop-web"]);
    let tag = |service| format!("localhost/landfall/shop/{service}:{short} sha256:{id}");
    assert_eq!(vsn.images(), [tag("db"), tag("migrate"), tag("web")]);
    assert_eq!(vsn.networks(), ["shop"]);
    assert_eq!(vsn.volumes(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Present(CRONTAB.to_owned()));
    let run = vsn.runs("shop").pop().unwrap();
    let run = run.rsplit_once('/').unwrap().1;
    assert_eq!(vsn.secrets(), [format!("landfall.shop.{run}.0")]);
    let mut labels = vsn.inspect("shop-web")["Config"]["Labels"].take();
    let config = labels["landfall.config"].take();
    assert_eq!(config.as_str().unwrap().len(), 64);
    assert_eq!(
        labels,
        json!({ "landfall.plan": "shop", "landfall.service": "web", "landfall.run": run, "landfall.config": null })
    );
    let order = ["db", "migrate", "web"].map(|service| started_at(&vsn, &format!("shop-{service}")));
    assert!(order.is_sorted(), "what is depended on starts first: {order:?}");
    assert_eq!(vsn.must([vsn.engine(), "logs", "shop-migrate"]), "migrated\n");
    // It trusts nobody with what it writes down. (The folder above is the throw-away VSN's own.)
    let loose = vsn.manifest("/var/lib/landfall/shop").into_iter().filter(|entry| entry.mode & 0o077 != 0);
    assert_eq!(loose.map(|entry| entry.path).collect::<Vec<_>>(), [] as [&str; 0]);
}

#[test]
fn a_deployment_and_the_status_of_the_plan_are_told_as_data() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());

    let output = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"]);

    let told = output.stderr.lines().next();
    assert_eq!((output.status, told), (Some(0), Some("warning[LF080]: nobody is told of a job that fails")));
    let mut said = document(&output);
    for step in said["steps"].as_array_mut().unwrap() {
        assert!(step["seconds"].as_f64().unwrap() < 600.0);
        step["seconds"] = json!(0);
    }
    let steps = ["validate", "stop and drop", "create and start", "maintenance jobs", "check and finish"];
    assert_eq!(
        said,
        json!({
            "plan": "shop",
            "outcome": "deployed",
            "steps": steps.map(|name| json!({ "name": name, "seconds": 0 })),
            "cause": null,
            "left": [],
        })
    );
    let id = vsn.image_id("tiny-v1.docker.tar");
    let service = |name: &str, running: bool| {
        json!({ "name": name, "container": format!("shop-{name}"), "image_id": id, "running": running,
                "healthy": true, "restarts": 0, "stopped": false })
    };
    assert_eq!(
        vsn.status(),
        (
            Some(0),
            json!([{
                "name": "shop",
                "state": "deployed",
                "under_way": null,
                "deployed_at": true,
                "plan_sha256": true,
                "last_run": { "kind": "deploy", "outcome": "deployed" },
                "services": [service("db", true), service("migrate", false), service("web", true)],
                "changed": [],
                "lost": { "containers": [], "images": [], "secrets": [], "network": false },
            }])
        )
    );
}

#[test]
fn a_deployment_and_the_status_of_the_plan_are_told_to_people() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());

    let output = vsn.landfall(["deploy", PLAN]);

    assert_eq!((output.status, output.stdout.as_str()), (Some(0), "shop is deployed: 1 service\n"));
    let lines: Vec<&str> = output.stderr.lines().collect();
    let at = |line: &str| lines.iter().position(|there| *there == line).unwrap_or_else(|| panic!("{line}: {lines:?}"));
    assert!(at("stop and drop") < at("create and start") && at("create and start") < at("check and finish"));
    let status = vsn.landfall(["status", "shop"]);
    let short = &vsn.image_id("tiny-v1.docker.tar")[..12];
    let (first, rest) = status.stdout.split_once('\n').unwrap();
    assert_eq!((status.status, first.split_once(" since ").unwrap().0), (Some(0), "shop: deployed,"));
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let told = words(rest.lines().nth(1).unwrap());
    assert_eq!(
        (told[0].as_str(), told[1].as_str(), told[3].as_str(), told[4].as_str()),
        ("web", "healthy", short, "127.0.0.1:8080:80")
    );
}

#[test]
fn the_saved_plan_is_the_plan_word_for_word_with_what_was_made_of_it() {
    let vsn = Vsn::start();
    let plan = vsn.on_its_engine(&small());
    vsn.write_plan(&plan);
    vsn.write(PLAN, format!("{plan}\n\n"), 0o600);
    assert_eq!(vsn.deploy(), Ended::deployed());

    let mut saved: Value = serde_json::from_slice(&vsn.read("/var/lib/landfall/shop/saved.json").unwrap()).unwrap();

    let preview = document(&vsn.landfall(["deploy", PLAN, "--dry-run", "--format", "json"]));
    let hashes = |document: &Value| ["hash", "plan_sha256"].map(|hash| document[hash].clone());
    assert_eq!(hashes(&saved), hashes(&preview));
    let id = vsn.image_id("tiny-v1.docker.tar");
    for differs in ["run", "hash", "plan_sha256", "deployed_at", "landfall", "checksum"] {
        assert!(saved.as_object_mut().unwrap().remove(differs).unwrap().as_str().is_some_and(|text| !text.is_empty()));
    }
    let config = saved["services"]["web"]["config"].take();
    assert_eq!(config, vsn.inspect("shop-web")["Config"]["Labels"]["landfall.config"]);
    let version =
        vsn.either("podman version --format {{.Client.Version}}", "docker version --format {{.Server.Version}}");
    let line = |command: &str| vsn.must(["bash", "-c", command]).trim_end().to_owned();
    assert_eq!(
        saved,
        json!({
            "version": 2,
            "name": "shop",
            "plan": format!("{plan}\n\n"),
            "deployed_by": "root",
            "beneath": {
                "folder": "/srv",
                "engine": format!("{} {}", vsn.engine(), line(version)),
                "kernel": line("uname --kernel-release"),
                "system": line(". /etc/os-release; echo \"$PRETTY_NAME\""),
            },
            "services": { "web": {
                "container": "shop-web",
                "image_id": id,
                "tag": format!("localhost/landfall/shop/web:{}", &id[..12]),
                "config": null,
                "one_shot": false,
            } },
            "secrets": [],
            "network": "shop",
            "crontab": ["@reboot /var/lib/landfall/shop/recover"],
        })
    );
}

#[test]
fn the_tag_of_a_stranger_stays_on_its_image_through_a_deployment_and_a_teardown() {
    let vsn = Vsn::start();
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    // The tag that the plan's own archive carries, too.
    vsn.must([vsn.engine(), "tag", "localhost/tiny:v2", "localhost/tiny:v1"]);
    let strangers = vsn.images();

    vsn.must_deploy(&small());

    let id = vsn.image_id("tiny-v1.docker.tar");
    let ours = format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12]);
    assert_eq!(vsn.images(), [vec![ours], strangers.clone()].concat());
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.images(), strangers);
}

#[test]
fn an_existing_data_directory_is_used_exactly_as_it_is_and_a_missing_one_is_made_as_the_plan_says() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["volumes"] = json!([
        { "source": "/srv/there", "target": "/there", "owner": "1:2", "mode": "0700" },
        { "source": "/srv/made/below/deep", "target": "/deep", "owner": "999:998", "mode": "0750" },
    ]);
    vsn.write("/srv/there/rows/table", "1\n", 0o640);
    vsn.must(["chown", "-R", "33:44", "/srv/there"]);
    vsn.must(["chmod", "1775", "/srv/there"]);
    vsn.must(["touch", "--date=2020-01-01", "/srv/there/rows/table"]);
    let before = vsn.manifest("/srv/there");

    vsn.must_deploy(&plan);

    assert_eq!(vsn.manifest("/srv/there"), before);
    assert_eq!(mode_and_owner(&vsn, "/srv/made/below/deep"), (0o750, (999, 998)));
    assert_eq!(vsn.in_container("shop-web", "cat /there/rows/table; echo 2 > /deep/row"), "1\n");
    assert_eq!(vsn.read("/srv/made/below/deep/row").unwrap(), b"2\n");
    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]).status, Some(0));
    assert_eq!(vsn.manifest("/srv/there"), before);
    assert_eq!(vsn.read("/srv/made/below/deep/row").unwrap(), b"2\n");
}

#[test]
fn secrets_and_configs_reach_the_container_as_files_byte_for_byte_with_their_owner_and_mode() {
    let vsn = Vsn::start();
    let mut plan = small();
    let web = &mut plan["services"]["web"];
    web["secrets"] = json!([
        { "secret": "password", "target": "/run/secrets/db", "owner": "999:998", "mode": "0440" },
        { "secret": "blob", "target": "/blob", "owner": "1:1", "mode": "0400", "decode": "base64" },
    ]);
    web["configs"] = json!([
        { "file": "motd", "target": "/etc/motd", "owner": "999:997", "mode": "0640" },
        { "content": "hello\n\u{e9}", "target": "/etc/hello", "owner": "2:3", "mode": "0604" },
        { "template": "{{url password}} {{json password}} {{password}}", "target": "/etc/told", "owner": "4:5", "mode": "0444" },
    ]);
    web["environment"] = json!({
        "PLAIN": "a  'b' \"c\" $d {{password}}",
        "PASSWORD": { "secret": "password" },
        "URL": { "template": "db://{{url password}}@db" },
    });
    vsn.write("/srv/motd", b"\0\x01 a config \xff\n", 0o644);
    let secrets = json!({ "password": "p@ss w/rd\"\u{e9}'$x", "blob": "AAEC/w==" });
    vsn.write_secrets(&secrets);
    vsn.must_deploy(&plan);

    let files = "stat -c '%a %u:%g %n' /run/secrets/db /blob /etc/motd /etc/hello /etc/told";
    assert_eq!(
        vsn.in_container("shop-web", files),
        "440 999:998 /run/secrets/db\n400 1:1 /blob\n640 999:997 /etc/motd\n604 2:3 /etc/hello\n444 4:5 /etc/told\n"
    );
    let bytes = |file: &str| vsn.in_container("shop-web", &format!("od -An -v -tx1 {file} | tr -d ' \\n'"));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(bytes("/run/secrets/db"), hex("p@ss w/rd\"\u{e9}'$x".as_bytes()));
    assert_eq!(bytes("/blob"), hex(&[0, 1, 2, 255]));
    assert_eq!(bytes("/etc/motd"), hex(b"\0\x01 a config \xff\n"));
    assert_eq!(bytes("/etc/hello"), hex("hello\n\u{e9}".as_bytes()));
    let told = "p%40ss%20w%2Frd%22%C3%A9%27%24x \"p@ss w/rd\\\"\u{e9}'$x\" p@ss w/rd\"\u{e9}'$x";
    assert_eq!(bytes("/etc/told"), hex(told.as_bytes()));
    assert_eq!(
        vsn.in_container("shop-web", r#"printf '%s\n' "$PLAIN" "$PASSWORD" "$URL""#),
        "a  'b' \"c\" $d {{password}}\np@ss w/rd\"\u{e9}'$x\ndb://p%40ss%20w%2Frd%22%C3%A9%27%24x@db\n"
    );
    let unwritable = vsn.run([vsn.engine(), "exec", "shop-web", "sh", "-c", "echo x >> /etc/hello"]);
    assert_ne!(unwritable.status, Some(0));
}

#[test]
fn the_secrets_may_come_by_standard_input() {
    let vsn = Vsn::start();
    vsn.write_plan(&shop());
    let program = env!("CARGO_BIN_EXE_landfall");

    let output =
        vsn.run_with_input([program, "deploy", PLAN, "--secrets", "-", "--format", "json"], &secrets().to_string());

    assert_eq!(Ended::of(&output), Ended::deployed());
    assert_eq!(vsn.in_container("shop-db", "cat /run/secrets/db"), secrets()["password"].as_str().unwrap());
}

/// Packets from `::1` don't leave for a container: published IPv6 ports are reached at the VSN's other addresses.
#[test]
fn ports_of_every_syntax_answer_at_the_addresses_that_they_are_published_on_and_at_no_other() {
    let vsn = Vsn::start();
    vsn.must(["ip", "-6", "address", "add", "fd00:1::1/64", "dev", "lo", "nodad"]);
    vsn.must(["ip", "address", "add", "10.1.1.1/24", "dev", "lo"]);
    let mut plan = small();
    plan["network"] = json!({ "subnets": ["10.90.0.0/24", "fd00:90::/64"] });
    let web = &mut plan["services"]["web"];
    web["command"] = json!(["sh", "-c", "PORT=81 serve & serve"]);
    web["ports"] = json!([
        "8080:80",
        "127.0.0.1:8081:80",
        "[fd00:1::1]:8082:80",
        "127.0.0.1:8090-8091:80-81",
        "127.0.0.1:9000-9001:5000-5001/udp"
    ]);
    vsn.must_deploy(&plan);

    let answers = |host: &str| {
        vsn.run(["curl", "--silent", "--globoff", "--max-time", "5", &format!("http://{host}/version")]).stdout
            == "v1\n"
    };
    for (host, expected) in [
        ("127.0.0.1:8080", true),
        ("10.1.1.1:8080", true),
        ("[fd00:1::1]:8080", true),
        ("127.0.0.1:8081", true),
        ("10.1.1.1:8081", false),
        ("[fd00:1::1]:8082", true),
        ("127.0.0.1:8082", false),
        ("127.0.0.1:8090", true),
        ("127.0.0.1:8091", true),
        ("127.0.0.1:8092", false),
    ] {
        assert_eq!(answers(host), expected, "{host}");
    }
    let mut datagrams: Vec<String> = vsn
        .must([vsn.engine(), "port", "shop-web"])
        .lines()
        .filter(|line| line.contains("udp"))
        .map(str::to_owned)
        .collect();
    datagrams.sort();
    assert_eq!(datagrams, ["5000/udp -> 127.0.0.1:9000", "5001/udp -> 127.0.0.1:9001"]);
    assert_eq!(vsn.subnets_of("shop"), ["10.90.0.0/24", "fd00:90::/64"]);
}

#[test]
fn limits_rights_and_surroundings_of_a_container_are_those_of_the_plan() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["peer"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "depends_on": ["web"],
        "healthcheck": { "exec": ["wget", "-qO", "/dev/null", "http://www.example/version"] },
    });
    let web = plan["services"]["web"].as_object_mut().unwrap();
    let more = json!({
        "memory": "64MiB", "cpus": 0.5, "pids_limit": 50, "shm_size": "8MiB", "ulimits": { "nofile": 100, "nproc": { "soft": 150, "hard": 200 } },
        "aliases": ["www.example"], "labels": { "com.example.team": "shop" }, "hostname": "front", "extra_hosts": ["db.example:10.1.2.3"],
        "tmpfs": ["/scratch"], "stop_signal": "SIGINT", "stop_grace_period": "2s", "read_only": true, "working_dir": "/www",
        "cap_drop": ["CHOWN"], "cap_add": ["NET_RAW"], "restart": "on-failure", "user": "0:999",
        "sysctls": { "net.ipv4.ip_default_ttl": "77" }, "devices": ["/dev/zero:/dev/nothing:r"],
        "logging": { "driver": "file", "max_size": "1MiB" },
    });
    web.extend(more.as_object().unwrap().clone());
    vsn.must_deploy(&plan);

    let told = |command: &str| vsn.in_container("shop-web", command);
    assert_eq!(told("pwd; hostname; id -u; id -g; ulimit -n; ulimit -u"), "/www\nfront\n0\n999\n100\n150\n");
    assert_eq!(told("grep db.example /etc/hosts; cat /proc/sys/net/ipv4/ip_default_ttl"), "10.1.2.3\tdb.example\n77\n");
    assert_eq!(
        told("df -P /dev/shm | awk 'NR == 2 { print $2 }'; head -c 2 /dev/nothing | od -An -tx1"),
        "8192\n 00 00\n"
    );
    assert_eq!(told("touch /scratch/x && ls /scratch; touch /x 2> /dev/null || echo read-only"), "x\nread-only\n");
    assert_eq!(told("grep NoNewPrivs /proc/1/status"), "NoNewPrivs:\t1\n");
    let inspected = vsn.inspect("shop-web");
    let host = &inspected["HostConfig"];
    let numbers = ["Memory", "NanoCpus", "PidsLimit"].map(|name| host[name].as_i64().unwrap());
    assert_eq!(numbers, [64 << 20, 500_000_000, 50]);
    assert_eq!(host["RestartPolicy"]["Name"], "on-failure");
    let log = &host["LogConfig"];
    let log = [&log["Type"], &log["Size"], &log["Config"]["max-size"]].map(ToString::to_string).join(" ");
    assert_eq!(log, vsn.either("\"k8s-file\" \"1.049MB\" null", "\"json-file\" null \"1048576\""));
    let stop = ["StopSignal", "StopTimeout"].map(|member| inspected["Config"][member].to_string()).join(" ");
    // Newer Podmans say the signal's name.
    assert_eq!(stop.replace("\"SIGINT\"", "2"), "2 2");
    assert_eq!(inspected["Config"]["Labels"]["com.example.team"], "shop");
    // DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, SETFCAP.
    assert_eq!(
        told("grep -E '^Cap(Eff|Bnd)' /proc/1/status"),
        "CapEff:\t00000000800425fa\nCapBnd:\t00000000800425fa\n"
    );
}

#[test]
fn an_ssh_key_of_the_plan_is_installed_rotated_and_removed_and_known_hosts_keeps_the_lines_of_others() {
    let vsn = Vsn::start();
    let line = "images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub3QgcmVhbGx5IGEga2V5IGF0IGFsbCAxMjM0";
    let others = "git.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub3QgcmVhbGx5IGEga2V5IGF0IGFsbCA5OTk5\n";
    vsn.write("/root/.ssh/known_hosts", others, 0o600);
    let mut plan = small();
    plan["ssh_keys"] = json!({ "id_images": { "private_key": { "secret": "key" }, "known_hosts": [line] } });
    let key = |comment: &str| {
        let path = format!("/srv/{comment}");
        vsn.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", &path]);
        String::from_utf8(vsn.read(&path).unwrap()).unwrap()
    };
    for key in [key("first"), key("second"), String::new()] {
        if key.is_empty() {
            assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
            assert_eq!(vsn.read("/root/.ssh/id_images"), None);
            assert_eq!(vsn.read("/root/.ssh/known_hosts").unwrap(), others.as_bytes());
            continue;
        }
        vsn.write_secrets(&json!({ "key": key }));
        vsn.must_deploy(&plan);
        assert_eq!(String::from_utf8(vsn.read("/root/.ssh/id_images").unwrap()).unwrap(), key);
        let installed = vsn.manifest("/root/.ssh").into_iter().find(|entry| entry.path == "id_images").unwrap();
        assert_eq!((installed.mode, installed.owner), (0o600, (0, 0)));
        assert!(matches!(installed.kind, Kind::File(_)));
        let known = String::from_utf8(vsn.read("/root/.ssh/known_hosts").unwrap()).unwrap();
        assert_eq!(known, format!("{others}{line}\n"));
    }
}

#[test]
fn the_crontab_keeps_the_lines_of_others_byte_for_byte_through_deployments_and_a_teardown() {
    let vsn = Vsn::start();
    let others = "# mine: 100% $HOME\nMAILTO=me\n\n  */7 *\t* * * echo \"%H\" \\\n@daily true # \u{e9}\n";
    vsn.run_with_input(["crontab", "-"], others);
    vsn.write_secrets(&secrets());
    let block = CRONTAB.replace(" (no crontab before)", "");
    for _ in 0..2 {
        vsn.must_deploy(&shop());
        assert_eq!(vsn.crontab(), Crontab::Present(format!("{others}{block}")));
    }
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.crontab(), Crontab::Present(others.to_owned()));
}
