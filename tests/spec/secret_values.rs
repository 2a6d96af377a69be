//! Where the values of secrets must not be: each is looked for by a canary.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Ended, Kind, PLAN, SECRETS, Tls, Vsn, WITHOUT_SIGNALS_OF_GO};

/// Values that stand nowhere else, the second of them inside a URL, the fourth a password of the mail server.
const CANARIES: [&str; 4] = ["canaryfile4711", "canaryurl4711", "canaryconfig4711", "canarysmtp4711"];

fn plan() -> serde_json::Value {
    let mut plan = small();
    let web = &mut plan["services"]["web"];
    web["secrets"] = json!([{ "secret": "file", "target": "/run/secrets/file", "owner": "0:0", "mode": "0400" }]);
    web["environment"] = json!({ "URL": { "template": "db://{{url url}}@db" } });
    web["configs"] = json!([{ "template": "password={{config}}\n", "target": "/etc/app.conf" }]);
    plan["ssh_keys"] = json!({ "id_images": {
        "private_key": { "secret": "key" },
        "known_hosts": ["a.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub3QgcmVhbGx5IGEga2V5IGF0IGFsbCAxMjM0"],
    } });
    plan["maintenance"] = json!({
        "healthcheck": { "schedule": "@hourly" },
        "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": {
            "host": "localhost", "port": 25, "tls": "implicit", "ca": "tls/certificate.pem", "username": "vsn", "password": { "secret": "smtp" } } },
    });
    plan
}

/// Files below `folder` that hold one of the values.
fn holding(vsn: &Vsn, folder: &str, values: &[&str]) -> Vec<String> {
    let entries = vsn.manifest(folder);
    let files = entries.into_iter().filter(|entry| matches!(entry.kind, Kind::File(_)));
    let holds = |bytes: &[u8], value: &str| bytes.windows(value.len()).any(|window| window == value.as_bytes());
    files
        .map(|entry| entry.path)
        .filter(|path| {
            let bytes = vsn.read(&format!("{folder}/{path}")).unwrap();
            values.iter().any(|value| holds(&bytes, value))
        })
        .collect()
}

#[test]
fn the_value_of_a_secret_stands_in_no_command_no_log_and_no_record() {
    let vsn = Vsn::start();
    let _sink = vsn.mail_sink_with(Tls::Implicit, Some(("vsn", CANARIES[3])));
    vsn.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/srv/key"]);
    let key = String::from_utf8(vsn.read("/srv/key").unwrap()).unwrap();
    let line_of_key = key.lines().nth(2).unwrap();
    let [file, url, config, smtp] = CANARIES;
    vsn.write_secrets(&json!({ "file": file, "url": url, "config": config, "smtp": smtp, "key": key }));
    vsn.write_plan(&plan());
    let landfall = [env!("CARGO_BIN_EXE_landfall"), "-vv", "deploy", PLAN, "--secrets", SECRETS];
    let (calm, calls) = (WITHOUT_SIGNALS_OF_GO, "--output=/srv/calls");
    let strace = ["strace", "--daemonize", "--follow-forks", "--trace=execve", "--string-limit=65535", calm, calls];

    let deployed = vsn.run(strace.into_iter().chain(landfall));

    assert_eq!(deployed.status, Some(0), "{}", deployed.stderr);
    let values = [file, url, config, smtp, line_of_key];
    let calls = String::from_utf8_lossy(&vsn.read("/srv/calls").unwrap()).into_owned();
    let call = vsn.either("\"secret\", \"create\"", "\"create\", \"--name\"");
    assert!(calls.contains(call), "the calls of the engine were recorded");
    let told = [calls, deployed.stdout, deployed.stderr, format!("{:?}", vsn.crontab())];
    for value in values {
        assert!(told.iter().all(|text| !text.contains(value)), "{value}");
    }
    // The account at the mail server is read by curl alone, from a file of root's.
    let holding_any = holding(&vsn, "/var/lib/landfall", &values);
    let (kept, others): (Vec<_>, Vec<_>) = holding_any.into_iter().partition(|path| path.starts_with("shop/secrets/"));
    assert_eq!(others, ["shop/jobs/smtp.netrc"]);
    assert_eq!(kept.is_empty(), vsn.engine() == "podman", "Docker has no store of its own: {kept:?}");
    let netrc =
        vsn.manifest("/var/lib/landfall/shop/jobs").into_iter().find(|entry| entry.path == "smtp.netrc").unwrap();
    assert_eq!((netrc.mode, netrc.owner), (0o600, (0, 0)));
    assert_eq!(holding(&vsn, "/var/log", &values), [] as [&str; 0]);
    let inspected = vsn.inspect("shop-web").to_string();
    for value in [file, config, smtp, line_of_key] {
        assert!(!inspected.contains(value), "{value}");
    }
    // They are where they belong.
    let inside = vsn.in_container("shop-web", "cat /run/secrets/file /etc/app.conf; printf %s \"$URL\"");
    assert_eq!(inside, format!("{file}password={config}\ndb://{url}@db"));
}

#[test]
fn a_failed_deployment_leaves_no_value_of_a_secret_behind() {
    let vsn = Vsn::start();
    let _sink = vsn.mail_sink_with(Tls::Implicit, Some(("vsn", CANARIES[3])));
    vsn.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/srv/key"]);
    let key = String::from_utf8(vsn.read("/srv/key").unwrap()).unwrap();
    let line_of_key = key.lines().nth(2).unwrap();
    let [file, url, config, smtp] = CANARIES;
    vsn.write_secrets(&json!({ "file": file, "url": url, "config": config, "smtp": smtp, "key": key }));
    let mut plan = plan();
    plan["services"]["web"]["command"] = json!(["no-such-program"]);
    vsn.write_plan(&plan);

    assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));

    let values = [file, url, config, smtp, line_of_key];
    for folder in ["/var/lib/landfall", "/var/log", "/root/.ssh", "/var/tmp"] {
        assert_eq!(holding(&vsn, folder, &values), [] as [&str; 0], "{folder}");
    }
    assert_eq!(vsn.secrets(), [] as [&str; 0]);
    // Mended, it is deployed: nothing of the failure is in the way.
    plan["services"]["web"]["command"] = json!(["serve"]);
    vsn.write_plan(&plan);
    assert_eq!(vsn.deploy(), Ended::deployed());
}
