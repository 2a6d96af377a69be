//! What a local user of the server can see and hold up.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::{secrets, shop};
use crate::support::{Output, PLAN, SECRETS, Vsn};

/// Runs a shell's line as a user without any rights.
fn as_nobody(vsn: &Vsn, line: &str) -> Output {
    vsn.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c", line])
}

fn deployed() -> Vsn {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    let mut plan = shop();
    plan["maintenance"]["healthcheck"] = json!({ "schedule": "@daily" });
    vsn.must_deploy(&plan);
    vsn.must(["sh", "-c", "/var/lib/landfall/shop/jobs/healthcheck || true"]);
    vsn
}

#[test]
fn a_local_user_reads_and_writes_nothing_of_landfalls() {
    let vsn = deployed();
    let places =
        "/var/lib/landfall /run/landfall /run/landfall.lock /root/.ssh /var/spool/cron/crontabs/root /srv/secrets.json";
    let found = as_nobody(&vsn, &format!("find {places} -type f \\( -readable -o -writable \\) 2> /dev/null"));
    assert_eq!(found.stdout, "");
    let folders = as_nobody(&vsn, "find /var/lib/landfall /run/landfall -type d -writable 2> /dev/null");
    assert_eq!(folders.stdout, "");
    // What is asked is there: root finds it all.
    let all = vsn.must(["find", "/var/lib/landfall/shop", "/run/landfall.lock", SECRETS, "-type", "f"]);
    assert!(all.lines().count() > 5, "{all}");
}

#[test]
fn a_local_user_holds_no_run_and_no_job_up() {
    let vsn = deployed();
    let locks = vsn.must(["sh", "-c", "find /run/landfall /run/landfall.lock -name '*.lock'"]);
    assert!(locks.contains("/run/landfall.lock\n") && locks.contains("healthcheck.lock\n"), "{locks}");
    for lock in locks.lines() {
        let held = as_nobody(&vsn, &format!("flock --nonblock {lock} true"));
        assert!(held.status != Some(0) && held.stderr.contains("Permission denied"), "{lock}: {held:?}");
    }
    let linked =
        as_nobody(&vsn, "ln -s /etc/passwd /run/landfall/x; ln -s /etc/passwd /run/landfall.x; ls /run/landfall.x");
    assert!(linked.status != Some(0), "{linked:?}");
}

#[test]
fn a_local_users_programs_variables_and_folders_are_not_roots() {
    let vsn = Vsn::start();
    let engine = format!("/srv/evil/{}", vsn.engine());
    vsn.write(&engine, "#!/bin/sh\ntouch /srv/evil/was-run\n", 0o755);
    for program in ["curl", "crontab", "bash", "git", "mount"] {
        vsn.must(["cp", &engine, &format!("/srv/evil/{program}")]);
    }
    vsn.write("/srv/evil/.curlrc", "output = /srv/evil/was-run\n", 0o644);
    vsn.write("/srv/evil/rc", "touch /srv/evil/was-run\n", 0o644);
    vsn.write_plan(&crate::plans::small());
    let variables = [
        "PATH=/srv/evil:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME=/srv/evil",
        "BASH_ENV=/srv/evil/rc",
        "ENV=/srv/evil/rc",
        "CURL_HOME=/srv/evil",
        "CONTAINERS_CONF=/srv/evil/rc",
        "http_proxy=http://127.0.0.1:1",
    ];
    let deploy = [env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN];
    let output = vsn.run(["env"].into_iter().chain(variables).chain(deploy));
    assert_eq!((output.status, vsn.read("/srv/evil/was-run")), (Some(0), None), "{output:?}");
}
