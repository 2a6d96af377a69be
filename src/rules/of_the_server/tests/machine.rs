//! The machine, its engine and its programs.

use super::{after, facts, plan, told_of, typed};
use crate::facts::{ArchiveFact, ClockChange, CrontabFact, Engine, EngineKind, Zone};
use crate::plan::values::ServiceName;
use crate::rules::needed_commands;
use pretty_assertions::assert_eq;
use serde_json::json;
use std::path::PathBuf;

#[test]
fn a_server_that_has_what_the_plan_needs_has_no_findings() {
    assert_eq!(told_of(&plan(), &facts()), Vec::<String>::new());
}

/// Two services may have their images in one archive of a folder.
#[test]
fn an_archive_that_was_found_in_a_folder_needs_room_once() {
    let mut plan = plan();
    let mut facts = facts();
    for (service, name, size) in [("db", "a.tar", 1 << 30), ("web", "a.tar", 1 << 30), ("log", "b.tar", 3 << 30)] {
        plan["services"][service]["image"] =
            json!({ "archive": "stick/", "reference": format!("registry.example/{service}:1") });
        let found = ArchiveFact::Found { name: name.to_owned(), size };
        facts.archives.insert(ServiceName::parse(service).unwrap(), found);
    }
    facts.machine.free_disk = 5 << 30;
    assert_eq!(
        told_of(&plan, &facts),
        ["LF107 /requires/free_disk: 5.0 GiB are free for images on the disk at /, at least 6.0 GiB are needed"]
    );
}

#[test]
fn schedules_are_judged_by_the_clock_changes_of_the_server() {
    let told = |schedule: &str, skips: bool| {
        let mut plan = plan();
        plan["maintenance"]["cleanup"]["schedule"] = json!(schedule);
        let mut facts = facts();
        let (from, until) = ("2027-03-28T02:00".parse().unwrap(), "2027-03-28T03:00".parse().unwrap());
        let changes = vec![ClockChange { skips, from, until }];
        facts.machine.zone = Some(Zone { name: "Europe/Berlin".to_owned(), changes });
        told_of(&plan, &facts)
    };
    let place = "LF144? /maintenance/cleanup/schedule";
    assert_eq!(
        told("30 2 * * *", true),
        [format!("{place}: schedule `30 2 * * *` fires in an hour that Europe/Berlin skips on 2027-03-28")]
    );
    assert_eq!(
        told("*/20 2 * * 0", false),
        [format!("{place}: schedule `*/20 2 * * 0` fires in an hour that Europe/Berlin repeats on 2027-03-28")]
    );
    for fine in ["30 3 * * *", "59 1 * * *", "30 2 * * 1", "*/5 * * * *", "30 2 29 * *"] {
        assert_eq!(told(fine, true), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn the_machine_must_be_the_right_one_and_have_room() {
    let changed = after(|facts| {
        let machine = &mut facts.machine;
        machine.hostname = "vsn8".to_owned();
        machine.root = false;
        machine.free_memory = 1 << 29;
        machine.free_disk = (3 << 30) - 1;
        machine.free_state = 1 << 20;
        machine.state_problem = Some("/var/lib/landfall is immutable".to_owned());
        machine.mail.sendmail = None;
        machine.program = PathBuf::from("/home/ann/landfall");
        machine.program_problem = Some("`ann` may write to it".to_owned());
        facts.crontab = CrontabFact::Unusable("a marked block has no end".to_owned());
    });
    let expected = [
        "LF100 server: not running as root",
        "LF124 server: `/home/ann/landfall` is not safe to be run at boot: `ann` may write to it",
        "LF106 /requires/hostname: this server is `vsn8`, not `vsn7`",
        "LF108 /requires/free_memory: 512.0 MiB of memory are available, 1GiB are required",
        "LF107 /requires/free_disk: 2.9 GiB are free for images on the disk at /, at least 5.1 GiB are needed",
        "LF107 server: 1.0 MiB are free in the state folder",
        "LF131 server: the state can't be kept: /var/lib/landfall is immutable",
        "LF122 server: the crontab of root can't be used: a marked block has no end",
        "LF123 /maintenance/mail: there is no `sendmail` on this server",
    ];
    assert_eq!(changed, expected);
}

#[test]
fn a_mail_server_must_answer() {
    let mut plan = plan();
    plan["maintenance"]["mail"]["smtp"] = json!({"host": "mail.example"});
    let mut facts = facts();
    facts.machine.mail.sendmail = None;
    assert_eq!(told_of(&plan, &facts), Vec::<String>::new());
    facts.machine.mail.server = Err("connection refused".to_owned());
    let place = "/maintenance/mail/smtp/host";
    let message = "the mail server `mail.example:587` does not answer: connection refused";
    assert_eq!(told_of(&plan, &facts), [format!("LF123 {place}: {message}")]);
}

#[test]
fn the_engine_must_be_one_that_everything_was_tried_with() {
    let engine = |change: fn(&mut Engine)| after(|facts| facts.engine.iter_mut().for_each(change));
    assert_eq!(after(|facts| facts.engine = None), ["LF101 server: there is no container engine"]);
    assert_eq!(
        engine(|engine| engine.problem = Some("database is locked".to_owned())),
        ["LF102 server: `/usr/bin/podman` does not answer as it must: database is locked"]
    );
    assert_eq!(engine(|engine| engine.version = "4.2.9".to_owned()), ["LF103 server: Podman 4.2.9 is too old"]);
    assert_eq!(engine(|engine| engine.version = "10.0.0-rc1".to_owned()), Vec::<String>::new());
    assert_eq!(
        engine(|engine| engine.version = "four".to_owned()),
        ["LF102 server: Podman says that its version is `four`"]
    );
    assert_eq!(
        engine(|engine| engine.name_resolution = false),
        ["LF104 server: containers would not find one another by name (network backend `netavark`)"]
    );
    assert_eq!(engine(|engine| *engine = Engine::assumed_of(EngineKind::Docker)), Vec::<String>::new());
    let old = |engine: &mut Engine| {
        *engine = Engine { version: "19.3.1".to_owned(), ..Engine::assumed_of(EngineKind::Docker) };
    };
    assert_eq!(engine(old), ["LF103 server: Docker 19.3.1 is too old"]);
    assert_eq!(
        after(|facts| facts.deployed_on = Some(EngineKind::Docker)),
        ["LF134 /engine: the plan `shop` is deployed on Docker, and would be deployed on Podman now"]
    );
    assert_eq!(
        engine(|engine| engine.journald = false),
        ["LF127 /services/db/logging/driver: there is no systemd journal on this server"]
    );
}

#[test]
fn podman_has_no_syslog_driver_and_one_log_file() {
    let mut plan = plan();
    plan["services"]["db"]["logging"] = json!({"driver": "syslog"});
    plan["services"]["web"]["logging"] = json!({"max_files": 2});
    let expected = [
        "LF127 /services/db/logging/driver: Podman has no logging driver `syslog`",
        "LF127 /services/web/logging/max_files: Podman keeps one log file for a container",
    ];
    assert_eq!(told_of(&plan, &facts()), expected);
}

#[test]
fn every_needed_command_must_be_installed() {
    let needed = needed_commands(&typed(&plan()));
    let names: Vec<_> = needed.keys().map(String::as_str).collect();
    let expected =
        ["bash", "crontab", "curl", "find", "flock", "grep", "jq", "logger", "mountpoint", "podman", "timeout"];
    assert_eq!(names, expected);
    let missing = after(|facts| {
        facts.commands.insert("curl".to_owned(), None);
        facts.commands.insert("jq".to_owned(), None);
    });
    let expected = [
        "LF105 server: the command `curl` is not installed",
        "LF105 /requires/commands/0: the command `jq` is not installed",
    ];
    assert_eq!(missing, expected);
}

#[test]
fn what_this_podman_lacks_is_told_with_the_rest() {
    let mut plan = plan();
    plan["services"]["db"]["extra_hosts"] = json!(["vsn:host-gateway"]);
    let expected = ["LF129 /services/db/extra_hosts/0: Podman 4.3.1 does not know `host-gateway`"];
    assert_eq!(told_of(&plan, &facts()), expected);
}
