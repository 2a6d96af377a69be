//! Old log files, while rsyslog writes.

use pretty_assertions::assert_eq;

use super::Deployed;
use crate::support::eventually;

#[test]
fn cleanup_removes_what_is_too_old_and_loses_no_younger_line_while_rsyslog_writes() {
    let maintenance = r#"{ "cleanup": { "schedule": "@daily" } }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let _syslog = yard.syslog();
    for (age, name) in [
        ("25 hours ago", "syslog.1"),
        ("25 hours ago", "syslog.2.gz"),
        ("25 hours ago", "messages-20200101"),
        ("23 hours ago", "kern.log.1"),
        ("25 hours ago", "auth.log.1"),
        ("25 hours ago", "stranger.log.1"),
        ("25 hours ago", "syslog.backup"),
    ] {
        yard.vsn.must(["touch", "--date", age, &format!("/var/log/{name}")]);
    }
    // A live file, of which even the last entry is too old.
    yard.vsn.write("/var/log/uucp.log", "an old entry\n", 0o640);
    yard.vsn.must(["touch", "--date", "25 hours ago", "/var/log/uucp.log"]);
    let writer = yard.vsn.start_process([
        "bash",
        "-c",
        "for ((n = 1; n <= 3000; n++)); do echo \"line $n.\"; sleep 0.001; done | logger -t counted; logger -t counted end",
    ]);
    let rotated = || yard.vsn.must(["ls", "/var/log"]).lines().filter(|name| name.starts_with("syslog-")).count();
    eventually("three rotations are done", || {
        yard.quiet_job("cleanup");
        // As if the pause between two rotations were over.
        yard.vsn.must(["touch", "--date", "1 day ago", "/var/lib/landfall/yard/cleanup.rotated"]);
        rotated() >= 3
    });
    assert_eq!(writer.wait().status, Some(0));
    let counted = || yard.vsn.must(["sh", "-c", "cat /var/log/syslog* 2>/dev/null | grep ' counted: '"]);
    eventually("the last line is written", || counted().contains("counted: end"));
    let lines = counted().lines().filter(|line| line.contains(": line ")).count();
    assert_eq!(lines, 3000);
    assert_eq!(yard.vsn.run(["sh", "-c", "ls /var/log/uucp*"]).stdout, "");
    let left = yard.vsn.must(["sh", "-c", "ls /var/log"]);
    let old =
        ["syslog.1", "syslog.2.gz", "messages-20200101", "kern.log.1", "auth.log.1", "stranger.log.1", "syslog.backup"];
    let left: Vec<&str> = old.into_iter().filter(|name| left.lines().any(|line| line == *name)).collect();
    assert_eq!(left, ["kern.log.1", "auth.log.1", "stranger.log.1", "syslog.backup"]);
}
