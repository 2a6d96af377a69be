//! The throw-away VSN itself: what every other sentence takes for granted.

use pretty_assertions::assert_eq;

use crate::support::{Crontab, Mail, Signal, Tls, Trouble, Vsn, eventually};

#[test]
fn a_reboot_ends_every_process_and_keeps_the_containers_and_the_disk() {
    let vsn = Vsn::start();
    let archive = vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.must(["podman", "load", "--input", &archive]);
    vsn.must([
        "podman",
        "run",
        "--detach",
        "--name",
        "web",
        "--volume",
        "/srv:/srv",
        "tiny:v1",
        "sh",
        "-c",
        "echo kept > /srv/row; serve",
    ]);
    assert_eq!(vsn.crontab(), Crontab::Absent);
    vsn.run_with_input(["crontab", "-"], "# mine\n@daily true\n");
    vsn.must(["touch", "/run/gone"]);
    let first_boot = vsn.must(["cat", "/proc/sys/kernel/random/boot_id"]);
    assert_eq!(vsn.running_containers(), ["web"]);

    vsn.reboot();

    assert_ne!(vsn.must(["cat", "/proc/sys/kernel/random/boot_id"]), first_boot);
    assert_eq!(vsn.running_containers(), [] as [&str; 0]);
    assert_eq!(vsn.containers(), ["web"]);
    assert_eq!(vsn.run(["test", "-e", "/run/gone"]).status, Some(1));
    assert_eq!(vsn.read("/srv/row").unwrap(), b"kept\n");
    assert_eq!(vsn.crontab(), Crontab::Present("# mine\n@daily true\n".to_owned()));
}

#[test]
fn two_vsns_side_by_side_see_nothing_of_one_another() {
    let (one, other) = (Vsn::start_named("one"), Vsn::start_named("other"));
    for vsn in [&one, &other] {
        let archive = vsn.image("tiny", "tiny-v2.oci.tar.zst");
        vsn.must(["podman", "load", "--input", &archive]);
        vsn.must(["podman", "run", "--detach", "--name", "web", "--publish", "8080:80", "tiny:v2"]);
    }
    one.must(["podman", "rm", "--force", "--time", "0", "web"]);
    assert_eq!(one.must(["hostname"]), "one\n");
    assert_eq!(other.must(["hostname"]), "other\n");
    assert_eq!(one.containers(), [] as [&str; 0]);
    assert_eq!(other.running_containers(), ["web"]);
    assert_eq!(other.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

#[test]
fn the_mail_sink_keeps_each_message_and_how_it_came() {
    let vsn = Vsn::start();
    vsn.write("/srv/message", "Subject: shop: web is unhealthy\r\n\r\nLook closer.\r\n", 0o600);
    let common =
        ["curl", "--silent", "--show-error", "--mail-from", "vsn@example.org", "--upload-file", "/srv/message"];
    let to = ["--mail-rcpt", "ops@example.org", "--mail-rcpt", "more@example.org"];
    let send = |transport: &[&str]| vsn.run(common.into_iter().chain(to).chain(transport.iter().copied())).status;
    let (certificate, _) = vsn.certificate();

    let sink = vsn.mail_sink();
    assert_eq!(send(&["smtp://localhost"]), Some(0));
    drop(sink);
    assert_eq!(send(&["smtp://localhost"]), Some(7), "nobody listens");
    let sink = vsn.mail_sink_with(Tls::Required, Some(("vsn", "hunter2")));
    let encrypted = ["--ssl-reqd", "--cacert", &certificate, "--user"];
    assert_eq!(send(&["smtp://localhost", "--user", "vsn:hunter2"]), Some(55), "nothing without encryption");
    assert_eq!(send(&[&encrypted[..], &["vsn:wrong", "smtp://localhost"]].concat()), Some(67), "the wrong password");
    assert_eq!(send(&[&encrypted[..], &["vsn:hunter2", "smtp://localhost"]].concat()), Some(0));
    drop(sink);
    let sink = vsn.mail_sink_with(Tls::Implicit, None);
    assert_eq!(send(&["smtps://localhost:25", "--cacert", &certificate]), Some(0));

    let mail = |tls: bool, user: &str| Mail {
        from: "vsn@example.org".to_owned(),
        to: vec!["ops@example.org".to_owned(), "more@example.org".to_owned()],
        tls,
        user: user.to_owned(),
        text: "Subject: shop: web is unhealthy\n\nLook closer.\n".to_owned(),
    };
    assert_eq!(sink.mails(), [mail(false, ""), mail(true, "vsn"), mail(true, "")]);
}

#[test]
fn what_was_pushed_to_the_registry_can_be_pulled_by_its_digest_with_the_same_image_id() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    assert_eq!(vsn.images(), [] as [&str; 0]);
    let by_digest = format!("localhost:5000/shop/app@{}", pushed.digest);
    let pulled = vsn.must(["podman", "pull", "--quiet", "--tls-verify=false", &by_digest]);
    assert_eq!(pulled.trim(), pushed.id);
    drop(registry);
    let tls = vsn.registry_with_tls();
    let (certificate, _) = vsn.certificate();
    vsn.must(["podman", "rmi", "--force", &pushed.id]);
    let untrusted = vsn.run(["podman", "pull", "--quiet", &pushed.reference]);
    assert_eq!(untrusted.status, Some(125));
    vsn.must(["install", "-D", &certificate, "/etc/containers/certs.d/localhost:5000/ca.crt"]);
    assert_eq!(vsn.must(["podman", "pull", "--quiet", &pushed.reference]).trim(), pushed.id);
    drop(tls);
}

#[test]
fn cron_runs_its_boot_jobs_after_a_reboot_and_syslog_writes_down_what_they_log() {
    let vsn = Vsn::start();
    vsn.run_with_input(["crontab", "-"], "@reboot logger -t boot up again\n");

    vsn.reboot();
    let _syslog = vsn.syslog();
    let _cron = vsn.cron();

    eventually("the boot job logs", || vsn.log_lines("syslog", "boot: up again").len() == 1);
}

#[test]
fn trouble_comes_at_the_chosen_call_of_the_engine_only() {
    let vsn = Vsn::start();
    let version = vsn.must(["podman", "--version"]);
    let call = || vsn.run(["podman", "--version"]);
    for (trouble, status, stdout) in
        [(Trouble::Fails, 125, ""), (Trouble::FailsAfterwards, 125, version.as_str()), (Trouble::Lies, 0, "")]
    {
        vsn.trouble_at_call(2, trouble);
        assert_eq!(call().stdout, version);
        let troubled = call();
        assert_eq!((troubled.status, troubled.stdout.as_str()), (Some(status), stdout));
        assert_eq!(call().stdout, version);
        assert_eq!(vsn.engine_calls(), ["'--version'"; 3]);
    }
    vsn.trouble_at_call(1, Trouble::Signals(Signal::Kill));
    let killed = vsn.run(["bash", "-c", "podman volume create late; echo never"]);
    assert_eq!((killed.status, killed.stdout.contains("never")), (None, false));
    eventually("the orphan does what it was asked", || vsn.must(["podman", "volume", "ls", "-q"]) == "late\n");

    vsn.trouble_at_call(1, Trouble::Hangs);
    let mut hanging = vsn.start_process(["podman", "--version"]);
    eventually("it is called", || vsn.engine_calls().len() == 1);
    assert!(hanging.is_running());
    hanging.signal("KILL");
    assert_eq!(hanging.wait().status, None);
}

#[test]
fn the_shop_of_the_test_images_counts_its_orders_in_postgresql() {
    let vsn = Vsn::start();
    for image in ["postgres", "shop-v1"] {
        let archive = vsn.image("postgres", &format!("{image}.oci.tar.zst"));
        vsn.must(["podman", "load", "--quiet", "--input", &archive]);
    }
    vsn.write("/srv/password", "hunter2", 0o644);
    vsn.must(["install", "--directory", "--owner=999", "--group=999", "--mode=0700", "/srv/shop"]);
    vsn.must(["podman", "network", "create", "shop"]);
    let run = ["podman", "run", "--network", "shop"];
    let settings = ["--env", "POSTGRES_USER=shop", "--env", "POSTGRES_PASSWORD_FILE=/password"];
    let data = ["--volume", "/srv/shop:/var/lib/postgresql/data", "--volume", "/srv/password:/password:ro"];
    let database = ["--detach", "--name", "db", "localhost/postgres:15"];
    vsn.must(run.into_iter().chain(settings).chain(data).chain(database));
    eventually("the database is ready", || vsn.run(["podman", "exec", "db", "pg_isready"]).status == Some(0));
    let url = ["--env", "DATABASE_URL=postgres://shop:hunter2@db/shop"];
    vsn.must(run.into_iter().chain(url).chain(["--rm", "localhost/shop:v1", "migrate"]));
    let web = ["--detach", "--publish", "8080:80", "localhost/shop:v1"];
    vsn.must(run.into_iter().chain(url).chain(web));
    eventually("the shop answers", || vsn.listens("127.0.0.1", 8080));

    let page = |arguments: &[&str]| vsn.must(["curl", "--silent"].into_iter().chain(arguments.iter().copied()));
    let rows = "http://localhost:8080/cgi-bin/rows";
    assert_eq!(page(&[rows]), "0\n");
    assert_eq!(page(&["--request", "POST", rows]), "1\n");
    assert_eq!(page(&["http://localhost:8080/version"]), "v1\n");
    vsn.must(["podman", "stop", "db"]);
    assert_eq!(page(&["--output", "/dev/null", "--write-out", "%{http_code}", rows]), "503");
}
