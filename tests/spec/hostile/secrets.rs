//! Secrets that could stay behind.

use pretty_assertions::assert_eq;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::plans::{never_healthy, small};
use crate::support::{Ended, PLAN, Vsn, eventually};

#[test]
fn a_kill_while_the_mail_about_a_rollback_is_being_sent_leaves_no_password_behind() {
    let vsn = Vsn::start();
    let mut plan = never_healthy(small());
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

/// Values that somebody's quoting, trimming or decoding would alter.
fn values() -> [(&'static str, String); 9] {
    [
        ("quotes", "it's \"quoted\" `twice` \\'".to_owned()),
        ("lines", "\n\r\none\n\ntwo\r\n\n".to_owned()),
        ("percent", "%s%n%%100%".to_owned()),
        ("shell", "$(touch /srv/pwned) ${HOME} `id` ; & | > < * ~ !".to_owned()),
        ("edges", "  \t between \t ".to_owned()),
        ("letters", "\u{e9}\u{4e2d}\u{1f600}\u{202e}\u{feff}e\u{301}".to_owned()),
        ("template", "{{url quotes}} {{{x}}} -- -n".to_owned()),
        ("one", " ".to_owned()),
        ("long", "0123456789abcde\n".repeat(32_000)[..511_999].to_owned()),
    ]
}

#[test]
fn every_value_of_a_secret_arrives_byte_by_byte_and_does_so_again_after_a_boot() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let vsn = Vsn::start();
    let binary: Vec<u8> = (0..=255).chain([0xc3, 0x28, 0, 0xff]).collect();
    let mut secrets = json!({ "binary": STANDARD.encode(&binary) });
    let mut plan = small();
    let web = &mut plan["services"]["web"];
    web["secrets"] = json!([{ "secret": "binary", "target": "/run/secrets/binary", "decode": "base64" }]);
    (web["configs"], web["environment"]) = (json!([]), json!({}));
    for (name, value) in values() {
        secrets[name] = json!(value);
        let file = json!({ "secret": name, "target": format!("/run/secrets/{name}") });
        web["secrets"].as_array_mut().unwrap().push(file);
        let config = json!({ "template": format!("{{{{{name}}}}}"), "target": format!("/etc/configs/{name}") });
        web["configs"].as_array_mut().unwrap().push(config);
        // The system takes no longer variable than 128 KiB.
        if name != "long" {
            web["environment"][format!("VALUE_{name}")] = json!({ "secret": name });
        }
    }
    vsn.write_secrets(&secrets);
    vsn.must_deploy(&plan);
    let checksum = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let assert_arrived = || {
        let inside = |command: &str| vsn.in_container("shop-web", &format!("{command} | sha256sum"))[..64].to_owned();
        assert_eq!(inside("cat /run/secrets/binary"), checksum(&binary));
        for (name, value) in values() {
            let expected = checksum(value.as_bytes());
            assert_eq!(inside(&format!("cat /run/secrets/{name}")), expected, "{name} as a file");
            assert_eq!(inside(&format!("cat /etc/configs/{name}")), expected, "{name} in a config");
            if name != "long" {
                assert_eq!(inside(&format!("printf %s \"$VALUE_{name}\"")), expected, "{name} in a variable");
            }
        }
    };
    assert_arrived();

    vsn.reboot();
    assert_eq!(vsn.run(["env", "-i", "/var/lib/landfall/shop/recover"]).status, Some(0));

    assert_arrived();
    assert_eq!(vsn.read("/srv/pwned"), None);
}

#[test]
fn a_secrets_file_that_is_no_file_or_never_ends_is_refused_at_once() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["secrets"] = json!([{ "secret": "one", "target": "/run/secrets/one" }]);
    vsn.write_plan(&plan);
    vsn.must([
        "bash",
        "-c",
        "cd /srv && mkfifo pipe && mkdir folder && head -c 2000000 /dev/zero > huge && chmod 600 huge pipe",
    ]);
    for secrets in ["/srv/pipe", "/srv/folder", "/srv/huge", "/dev/zero", "/srv/none"] {
        let before = vsn.snapshot();
        let output = vsn.landfall(["deploy", PLAN, "--secrets", secrets, "--format", "json"]);
        assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{secrets}: {output:?}");
        assert_eq!(vsn.snapshot(), before, "{secrets}");
    }
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
