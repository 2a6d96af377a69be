//! Data directories, files and words of a plan that are made to lead elsewhere.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{Ended, PLAN, Vsn, document};

fn with_volume(source: &str) -> Value {
    let mut plan = small();
    plan["services"]["web"]["volumes"] =
        json!([{ "source": source, "target": "/data", "owner": "0:0", "mode": "0755" }]);
    plan["services"]["web"]["command"] = json!(["sh", "-c", "echo written > /data/mark; exec serve"]);
    plan["services"]["web"]["stop_grace_period"] = json!("0s");
    plan
}

#[test]
fn a_data_directory_that_is_or_lies_below_no_directory_is_refused_and_stays() {
    let vsn = Vsn::start();
    vsn.must([
        "bash",
        "-c",
        "cd /srv && mkfifo pipe && mknod device c 1 3 && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'",
    ]);
    vsn.must([
        "bash",
        "-c",
        "mkdir -p /srv/a/b /srv/victim/c && ln -s /srv/victim /srv/a/b/link && ln -s b /srv/a/middle",
    ]);
    for (source, code) in [
        ("/srv/pipe", "LF115"),
        ("/srv/pipe/below", "LF115"),
        ("/srv/socket", "LF115"),
        ("/srv/socket/below", "LF115"),
        ("/srv/device", "LF115"),
        ("/srv/device/below/deeper", "LF115"),
        ("/srv/a/b/link", "LF114"),
        ("/srv/a/b/link/c", "LF114"),
        ("/srv/a/middle/new", "LF114"),
        ("/srv/a/middle/link/c/new", "LF114"),
    ] {
        vsn.write_plan(&with_volume(source));
        let before = vsn.snapshot();
        let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);
        assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{source}: {output:?}");
        let findings = document(&output)["findings"].take();
        let told: Vec<&Value> =
            findings.as_array().unwrap().iter().filter(|found| found["severity"] == "error").collect();
        assert_eq!(told.iter().map(|found| &found["code"]).collect::<Vec<_>>(), [code], "{source}");
        assert_eq!(vsn.snapshot(), before, "{source}");
    }
}

/// Whoever owns the folder above a data directory exchanges it for a link, again and again, while Landfall works.
///
/// An engine follows the link whenever it starts the container, at boot and after a crash too: nothing is deployed there.
#[test]
fn regression_034_a_link_that_is_swapped_in_while_a_plan_is_deployed_leads_nobody_elsewhere() {
    let vsn = Vsn::start();
    vsn.must([
        "bash",
        "-c",
        "mkdir -p /srv/victim/data /srv/home && chown 1000:1000 /srv/home && echo kept > /srv/victim/data/row && chmod 711 /srv",
    ]);
    let swap = "
import ctypes, os
os.setgroups([]); os.setgid(1000); os.setuid(1000); os.chdir('/srv/home')
os.mkdir('real'); os.symlink('/srv/victim', 'link')
libc = ctypes.CDLL(None)
os.rename('real', 'attacked')
while True:
    libc.renameat2(-100, b'attacked', -100, b'link', 2)
";
    let swapping = vsn.start_process(["python3", "-c", swap]);
    let victim = vsn.manifest("/srv/victim");
    for source in
        ["/srv/home/attacked/data", "/srv/home/attacked/data", "/srv/home/attacked", "/srv/home/attacked/new/deep"]
    {
        vsn.write_plan(&with_volume(source));
        let ended = vsn.deploy();
        assert_eq!(ended.word(), (Some(3), "refused"), "{source}: {ended:?}");
        let cause = ended.cause.unwrap();
        let link = format!("LF114 `{source}` is reached through the symbolic link `/srv/home/attacked`");
        let causes = ["LF132 `/srv/home` can be exchanged by its owner, user 1000".to_owned(), link];
        assert!(causes.contains(&cause), "{source}: {cause}");
        assert_eq!(vsn.manifest("/srv/victim"), victim, "{source}");
    }
    drop(swapping);
    vsn.write_plan(&with_volume("/srv/home/real/data"));
    let cause = "LF132 `/srv/home` can be exchanged by its owner, user 1000";
    assert_eq!(vsn.deploy().cause.as_deref(), Some(cause));
    vsn.must(["chown", "root:", "/srv/home"]);
    // Who owned the folder still owns what is in it, whichever of its names that has now.
    vsn.must(["bash", "-c", "rm -rf /srv/home/*"]);
    vsn.must_deploy(&with_volume("/srv/home/real/data"));
}

/// Words that a shell, an option parser or a list of mount options would take for something else.
#[test]
fn whatever_a_plan_says_reaches_its_container_as_it_was_written() {
    let vsn = Vsn::start();
    let nasty = "-rf \"$(touch /srv/pwned)\" `touch /srv/pwned`; 'q' \\ %s {{no}} \u{e9} \u{202e}\nline=2";
    let directory = "/srv/data/-rf $(touch pwned) `x` 'q' ;&|<>*?[a] \u{e9}";
    let show = "for word in \"$@\"; do printf '<%s>' \"$word\"; done";
    let mut plan = small();
    let web = &mut plan["services"]["web"];
    web["command"] = json!(["sh", "-c", format!("{{ {show}; }} > /data/command; exec serve"), "--", nasty, "", "-x"]);
    web["environment"] = json!({ "NASTY": nasty });
    web["labels"] = json!({ "note": nasty });
    web["volumes"] = json!([{ "source": directory, "target": "/data", "owner": "0:0", "mode": "0755" }]);
    web["configs"] = json!([{ "content": nasty, "target": "/etc/-rf $(x) 'conf'" }]);
    web["healthcheck"] = json!({ "exec": ["sh", "-c", format!("{{ {show}; }} > /data/check"), "--", nasty] });
    plan["maintenance"] = json!({
        "healthcheck": { "schedule": "@hourly" },
        "jobs": { "note": { "schedule": "@daily", "service": "web", "exec": ["sh", "-c", format!("{{ {show}; }} > /data/job"), "--", nasty] } },
    });

    vsn.must_deploy(&plan);

    let file = |name: &str| String::from_utf8(vsn.read(&format!("{directory}/{name}")).unwrap()).unwrap();
    let shown = format!("<{nasty}>");
    assert_eq!(file("command"), format!("{shown}<><-x>"));
    assert_eq!(file("check"), shown);
    assert_eq!(
        vsn.in_container("shop-web", "printf %s \"$NASTY\"; cat \"/etc/-rf \\$(x) 'conf'\""),
        format!("{nasty}{nasty}")
    );
    assert_eq!(vsn.inspect("shop-web")["Config"]["Labels"]["note"], json!(nasty));
    vsn.must(["rm", &format!("{directory}/check")]);
    for script in ["healthcheck", "job-note"] {
        let ran = vsn.run(["env", "-i", &format!("/var/lib/landfall/shop/jobs/{script}")]);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""), "{script}");
    }
    assert_eq!((file("check"), file("job")), (shown.clone(), shown));
    assert_eq!(vsn.run(["find", "/srv", "-name", "pwned"]).stdout, "");
}
