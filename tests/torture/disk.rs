//! Disks that are full, out of inodes, read-only or `noexec`, and files that nobody can change: before a run, and in the middle of one.
//!
//! What can be seen before a run is refused in step 1, with the reason. What comes later ends the run in one of its two states, or
//! leaves what a recovery removes once there is room; and how it ended is on record, for which there is always room.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use pretty_assertions::assert_eq;

use crate::fault::Work;
use crate::observer::state;
use crate::server::Server;
use crate::support::{At, Ended, Trouble, Vsn, eventually};

pub const STATE: &str = "/var/lib/landfall";
pub const SPOOL: &str = "/var/spool/cron/crontabs";
pub const IMAGES: &str = "/var/lib/containers";

/// Moves what is in the folder to a file system of its own with these options, such as `size=32m`.
pub fn own_disk(vsn: &Vsn, folder: &str, options: &str) {
    let script = "set -e
        mkdir -p /run/moved
        mount -t tmpfs -o \"$2\" tmpfs /run/moved
        cp --archive \"$1/.\" /run/moved
        mount --move /run/moved \"$1\"
        rmdir /run/moved";
    vsn.must(["bash", "-c", script, "bash", folder, options]);
    vsn.has_mounted(folder);
}

fn remount(vsn: &Vsn, folder: &str, options: &str) {
    vsn.must(["mount", "-o", &format!("remount,{options}"), folder]);
}

/// Takes all bytes that are free but so many, where a folder lies: at once, for Podman loses secrets while it writes them and there is no
/// room any more, which Landfall can only see before it asks for that.
fn fill(vsn: &Vsn, folder: &str, but: u64) {
    let script = "cd \"$1\"
        fallocate --length $(($(stat --file-system --format '%a * %S' .) - $2)) filler 2> /dev/null
        [ $2 -gt 0 ] || cat /dev/zero >> filler 2> /dev/null
        true";
    vsn.must(["bash", "-c", script, "bash", folder, &but.to_string()]);
}

/// Takes all inodes.
fn fill_with_files(vsn: &Vsn, folder: &str) {
    let script = "mkdir \"$1/filler\" && cd \"$1/filler\"
        for number in {1..100000}; do : > $number || break; done 2> /dev/null";
    vsn.must(["bash", "-c", script, "bash", folder]);
}

fn make_room(vsn: &Vsn, folder: &str) {
    vsn.must(["rm", "-rf", &format!("{folder}/filler")]);
}

/// Something on the VSN's disk that nobody can change, until this is dropped: nobody could remove the VSN either.
struct Immutable(PathBuf);

impl Immutable {
    fn make(vsn: &Vsn, path: &str) -> Self {
        let path = vsn.on_disk(path);
        assert!(Command::new("chattr").arg("+i").arg(&path).status().unwrap().success());
        Self(path)
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        drop(Command::new("chattr").arg("-i").arg(&self.0).status());
    }
}

pub fn deployed() -> Server {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    server
}

/// A server with the first version deployed, whose engine has its images on a disk of their own.
pub fn with_images_on_own_disk() -> Server {
    let mut server = Server::start();
    server.vsn.must(["podman", "stop", "--all", "--time", "0"]);
    server.vsn.run(["umount", "/var/lib/containers/storage/overlay"]);
    own_disk(&server.vsn, IMAGES, "size=256m,mode=755");
    server.boot();
    server.deploy_undisturbed("v1");
    server
}

/// Deploys the other version, which must be refused for this reason, and changes nothing.
#[track_caller]
fn assert_refused(server: &Server, cause: &str) {
    let ended = Ended::of(&server.begin(Work::Deploy, "v2", &[]).wait());
    let expected =
        Ended { status: Some(3), outcome: "refused".to_owned(), cause: Some(cause.to_owned()), left: Vec::new() };
    assert_eq!(ended, expected);
}

/// After the trouble: nothing was changed, and nothing keeps the other version from being deployed.
#[track_caller]
fn assert_as_before(server: &mut Server) {
    assert_eq!(server.settle(Work::Deploy, "v2", Some(3), true), "deployed");
    server.deploy_undisturbed("v2");
}

#[test]
fn regression_033_files_that_nobody_can_change_are_named_in_step_1() {
    let mut server = deployed();
    let state = ["/shop", "/shop/runs", "/shop/jobs", "/shop/saved.json", "/shop/recover"];
    for path in state.map(|path| format!("{STATE}{path}")) {
        let _immutable = Immutable::make(&server.vsn, &path);
        let cause = "can't be changed: it is immutable; `chattr -i` ends that";
        assert_refused(&server, &format!("LF131 the state can't be kept: {path} {cause}"));
    }
    for path in [SPOOL.to_owned(), format!("{SPOOL}/root")] {
        let _immutable = Immutable::make(&server.vsn, &path);
        let cause = "can't be changed: it is immutable; `chattr -i` ends that";
        assert_refused(&server, &format!("LF122 the crontab of root can't be used: {path} {cause}"));
    }
    assert_as_before(&mut server);
}

#[test]
fn regression_033_a_disk_that_can_not_keep_the_state_or_the_crontab_is_refused_in_step_1() {
    let mut server = deployed();
    own_disk(&server.vsn, STATE, "size=64m,nr_inodes=2000,mode=700");
    own_disk(&server.vsn, SPOOL, "size=1m");
    fill(&server.vsn, STATE, 0);
    assert_refused(&server, "LF107 0 bytes are free in the state folder");
    make_room(&server.vsn, STATE);
    fill_with_files(&server.vsn, STATE);
    let folder = "/var/lib/landfall/shop";
    assert_refused(
        &server,
        &format!("LF131 the state can't be kept: {folder} has room for 0 new files, 256 are needed"),
    );
    make_room(&server.vsn, STATE);
    remount(&server.vsn, STATE, "ro");
    let read_only = "can't be changed: its file system is mounted read-only";
    assert_refused(&server, &format!("LF131 the state can't be kept: {folder} {read_only}"));
    remount(&server.vsn, STATE, "rw,noexec");
    let noexec = "is on a file system that is mounted with `noexec`, and cron runs scripts there";
    assert_refused(&server, &format!("LF131 the state can't be kept: {folder} {noexec}"));
    remount(&server.vsn, STATE, "exec");
    fill(&server.vsn, SPOOL, 0);
    assert_refused(&server, &format!("LF122 the crontab of root can't be used: there is no room left in {SPOOL}"));
    make_room(&server.vsn, SPOOL);
    remount(&server.vsn, SPOOL, "ro");
    assert_refused(&server, &format!("LF122 the crontab of root can't be used: {SPOOL} {read_only}"));
    remount(&server.vsn, SPOOL, "rw");
    assert_as_before(&mut server);
}

/// When there is suddenly no room any more.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The run is on record, and has done nothing else.
    Begun,
    /// It has passed the point of no return.
    Uncommitted,
}

/// Deploys while, from this moment on, `folder` is full but for so many bytes; the state that it came to, after a recovery with room.
fn full_in_the_middle(server: &mut Server, moment: Moment, folder: &str, but: u64) -> String {
    if server.version.is_none() {
        server.deploy_undisturbed("v1");
    }
    let runs = server.vsn.runs("shop").len();
    let new = server.other_version();
    let mut run = server.begin(Work::Deploy, new, &[]);
    let saved = server.vsn.on_disk(&format!("{STATE}/shop/saved.json"));
    eventually("the moment has come", || match moment {
        Moment::Begun => {
            let journal = server.vsn.runs("shop").into_iter().nth(runs).map(|run| format!("{run}/journal"));
            let journal = journal.and_then(|journal| server.vsn.read(&journal)).unwrap_or_default();
            journal.first().is_some_and(|byte| *byte != 0)
        }
        // Where there was too little room before, it does not get so far.
        Moment::Uncommitted => !saved.exists() || !run.is_running(),
    });
    run.while_stopped(|| fill(&server.vsn, folder, but));
    // What fails without room may be a health check, five of which the plan lets take a minute each.
    let output = run.wait_for(Duration::from_secs(600));
    let cause = Ended::of(&output).cause.unwrap_or_default();
    println!("{folder}, {but} bytes free, {moment:?}: {:?} {cause}", output.status);
    server.assert_untouched();
    // There is always room for the record of a rollback: what is left to a recovery is what could not be removed.
    let said = state(&server.vsn);
    assert_eq!(said.as_deref() == Some("interrupted"), output.status == Some(5), "{said:?} {output:?}");
    make_room(&server.vsn, folder);
    server.recover();
    // What could not be removed after the commit was told, and goes with the next deployment.
    if output.status == Some(0) && !Ended::of(&output).left.is_empty() {
        assert_eq!(server.vsn.deploy(), Ended::deployed(), "again");
    }
    server.settle(Work::Deploy, new, output.status, true)
}

#[test]
fn regression_125_a_state_folder_that_gets_full_in_a_run_has_room_for_its_end() {
    let mut server = deployed();
    own_disk(&server.vsn, STATE, "size=64m,mode=700");
    let mut with = |moment, but| full_in_the_middle(&mut server, moment, STATE, but);
    assert_eq!(with(Moment::Begun, 0), "deployed");
    // Before anything is stopped, it has taken room for what it writes in the end.
    let states = [0, 4096, 12288, 24576, 1 << 20].map(|but| with(Moment::Uncommitted, but));
    assert_eq!(states, ["deployed"; 5]);
    server.vsn.trouble_at("start shop-web", Trouble::Fails);
    assert_eq!(full_in_the_middle(&mut server, Moment::Uncommitted, STATE, 0), "failed");
}

#[test]
fn a_spool_that_gets_full_in_a_run_keeps_the_crontab_of_others() {
    let mut server = deployed();
    own_disk(&server.vsn, SPOOL, "size=1m");
    let mut with = |moment, but| full_in_the_middle(&mut server, moment, SPOOL, but);
    assert_eq!(with(Moment::Begun, 0), "deployed");
    let states = [0, 4096].map(|but| with(Moment::Uncommitted, but));
    assert_eq!(states[0], "failed");
}

#[test]
fn regression_005_an_image_store_that_gets_full_in_a_run_leaves_nothing_half_made() {
    let mut server = with_images_on_own_disk();
    for (moment, but) in
        [(Moment::Begun, 0), (Moment::Begun, 512 << 10), (Moment::Uncommitted, 0), (Moment::Uncommitted, 128 << 10)]
    {
        full_in_the_middle(&mut server, moment, IMAGES, but);
    }
    let state = full_in_the_middle(&mut server, Moment::Begun, IMAGES, 64 << 20);
    assert_eq!(state, "deployed");
}

/// Podman empties its lists of everybody's secrets before it writes them anew: with no room left by then, they would all be gone.
#[test]
fn regression_035_nobody_loses_a_secret_when_podman_loses_its_lists_of_them() {
    let mut server = deployed();
    for (call, status, state) in
        [("secret create", Some(4), "failed"), ("secret create", None, "failed"), ("secret rm", None, "deployed")]
    {
        let new = server.other_version();
        server.vsn.trouble_at(call, Trouble::LosesSecrets { kills: status.is_none() });
        let ended = server.begin(Work::Deploy, new, &[]).wait();
        assert_eq!(ended.status, status, "{call}");
        if status.is_some() {
            server.assert_untouched();
        }
        server.vsn.put_in_front_of("podman", At::Call(0), Trouble::None);
        server.recover();
        assert_eq!(server.settle(Work::Deploy, new, status, status.is_some()), state, "{call}");
        server.deploy_undisturbed(new);
    }
}
