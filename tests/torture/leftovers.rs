//! What a run that died must not leave behind for good.

use crate::fault::Work;
use crate::server::Server;
use crate::support::{Vsn, eventually};

#[test]
fn regression_001_what_was_being_written_when_a_run_was_killed_goes_with_the_next_recovery() {
    let vsn = Vsn::start();
    let left = ["runs/20260101t000000/.landfall-new-program.json", ".landfall-new-last.json"]
        .map(|file| format!("/var/lib/landfall/shop/{file}"));
    for file in &left {
        vsn.write(file, "half of it", 0o600);
    }
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(left.map(|file| vsn.read(&file)), [None, None]);
}

#[test]
fn regression_004_a_crontab_that_was_not_put_in_its_place_goes_with_the_next_recovery() {
    let vsn = Vsn::start();
    let unfinished = "/var/spool/cron/crontabs/.landfall-new-root";
    vsn.write(unfinished, "# half of it", 0o600);
    vsn.write("/var/lib/landfall/shop/runs/20260101t000000/log", "", 0o600);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.read(unfinished), None);
}

/// The search for secrets of the server's whole disk would find them.
#[test]
fn regression_002_a_crash_leaves_no_core_file() {
    let mut server = Server::start();
    server.vsn.must(["mkdir", "/srv/cores"]);
    let starter = ["bash", "-c", "ulimit -c unlimited && cd /srv/cores && exec \"$@\"", "bash"];
    let run = server.begin(Work::Deploy, "v1", &starter);
    eventually("the deployment has begun", || !server.vsn.runs("shop").is_empty());
    run.signal("ABRT");
    assert_eq!(run.wait().status, None);
    server.assert_untouched();
    assert_eq!(server.vsn.must(["ls", "--almost-all", "/srv/cores"]), "");
    server.recover();
    server.settle(Work::Deploy, "v1", None, false);
}
