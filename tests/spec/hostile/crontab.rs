//! Root's crontab, which its owner changes while Landfall does.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::start_second_deployment;
use crate::plans::{never_healthy, small};
use crate::support::{Crontab, Ended, PLAN, Signal, Trouble, Vsn, document, eventually};

#[test]
fn marks_in_the_crontab_that_somebody_breaks_during_a_run_keep_no_container_from_being_removed() {
    let vsn = Vsn::start();
    let deployment = start_second_deployment(&vsn);
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("the plan has jobs") };
    let broken = crontab.replace("# END landfall shop\n", "");
    vsn.run_with_input(["crontab", "-"], &broken);
    deployment.signal("KILL");
    deployment.wait();

    let output = vsn.landfall(["recover"]);

    assert_eq!(output.status, Some(5));
    let left = "What is left:\n  could not remove the jobs from the crontab: line 1 of root's crontab begins the block of `shop`, but \
                nothing ends it: remove the line, or put `# END landfall shop` after the block\n  could not remove \
                /var/lib/landfall/shop/recover: it goes last, for with it the next boot tries again\n";
    assert!(output.stderr.ends_with(left), "{output:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Present(broken));
    vsn.must(["crontab", "-r"]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
}

/// What Landfall is doing when somebody else changes the crontab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Deploy,
    /// A deployment whose service never gets healthy.
    RolledBack,
    Teardown,
    /// What a killed deployment left is finished.
    Recover,
}

/// On which side of a call of `crontab` its owner changes it: before the program does its work, or when it has done it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

const FOLDER: &str = "/srv/front-of-crontab";

/// Puts a program in front of `crontab` in whose call number `call` (from 1) its owner adds a line. A second time replaces the first.
fn edit_at_call(vsn: &Vsn, call: usize, when: When) {
    // Debian's `crontab -l` alters carriage returns, and puts three lines above each crontab that it installs.
    let edit = "(tail -n +4 /var/spool/cron/crontabs/root; echo \"30 4 * * * edit $call\") | \"$real\" -";
    let act = match when {
        When::Before => format!("{edit}; exec \"$real\" \"$@\""),
        When::After => format!("\"$real\" \"$@\"; code=$?; {edit}; exit $code"),
    };
    let program = format!(
        "#!/bin/bash\nreal={FOLDER}/real/crontab\necho \"$*\" >> {FOLDER}/calls\ncall=$(wc -l < {FOLDER}/calls)\n\
         if [ \"$call\" = {call} ]; then {act}; fi\nexec \"$real\" \"$@\"\n"
    );
    vsn.write(&format!("{FOLDER}/crontab"), program, 0o755);
    vsn.write(&format!("{FOLDER}/calls"), "", 0o600);
    vsn.write(&format!("{FOLDER}/real/crontab"), "", 0o755);
    let in_front = format!(
        "mountpoint -q {FOLDER}/real/crontab && exit; crontab=$(command -v crontab)
         mount --bind \"$crontab\" {FOLDER}/real/crontab && mount --bind {FOLDER}/crontab \"$crontab\""
    );
    vsn.must(["bash", "-c", &in_front]);
}

fn calls(vsn: &Vsn) -> usize {
    vsn.must(["cat", &format!("{FOLDER}/calls")]).lines().count()
}

/// The plan with a job, so that each deployment changes the crontab twice.
fn with_job() -> Value {
    let mut plan = small();
    plan["services"]["web"]["stop_grace_period"] = json!("0s");
    plan["maintenance"] =
        json!({ "jobs": { "dump": { "schedule": "0 2 * * *", "service": "web", "exec": ["true"] } } });
    plan
}

/// Does it from the same beginning each time, while the owner adds a line in one call of `crontab`; the line, if there was such a call.
fn edited(vsn: &Vsn, work: Work, call: usize, when: When) -> Option<String> {
    edit_at_call(vsn, usize::MAX, when);
    vsn.must_deploy(&with_job());
    if work == Work::Recover {
        vsn.trouble_at("start shop-web", Trouble::Signals(Signal::Kill));
        assert_eq!(vsn.start_deploy().wait().status, None);
        vsn.trouble_at("start shop-web", Trouble::None);
    }
    edit_at_call(vsn, call, when);
    match work {
        Work::Deploy => assert_eq!(vsn.deploy(), Ended::deployed()),
        Work::RolledBack => {
            vsn.write_plan(&never_healthy(with_job()));
            assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));
        }
        Work::Teardown => assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0)),
        Work::Recover => assert_eq!(vsn.landfall(["recover"]).status, Some(0)),
    }
    (calls(vsn) >= call).then(|| format!("30 4 * * * edit {call}\n"))
}

/// Tries the calls `first`, `first` + `step` …; how many edits there were.
fn at_calls(work: Work, when: When, (first, step): (usize, usize)) -> usize {
    const MINE: &str = "# mine\n# caf\u{e9}\n17 3 * * 0 true\r\n";
    let vsn = Vsn::start();
    let mut lines = MINE.to_owned();
    assert_eq!(vsn.run_with_input(["crontab", "-"], MINE).status, Some(0));
    for (count, call) in (first..).step_by(step).enumerate() {
        let edit = edited(&vsn, work, call, when);
        let Crontab::Present(crontab) = vsn.crontab() else { panic!("{work:?}, {call} {when:?}: the crontab is gone") };
        lines.push_str(edit.as_deref().unwrap_or_default());
        assert_eq!(without_block(&crontab), lines, "{work:?}, {call} {when:?}");
        assert_eq!(crontab.contains("jobs/job-dump"), work == Work::Deploy, "{work:?}, {call} {when:?}: {crontab}");
        let leftovers = vsn.must(["ls", "--almost-all", "/var/spool/cron/crontabs"]);
        assert_eq!(leftovers, "root\n", "{work:?}, {call} {when:?}");
        if edit.is_none() {
            return count;
        }
    }
    unreachable!("every run ends")
}

/// The crontab without the block of `shop`.
fn without_block(crontab: &str) -> String {
    let (before, rest) = crontab.split_once("# BEGIN landfall shop\n").unwrap_or((crontab, ""));
    let after = rest.split_once("# END landfall shop\n").map_or("", |(_, after)| after);
    format!("{before}{after}")
}

#[test]
fn regression_051_an_edit_in_any_call_of_crontab_is_kept_by_a_deployment_and_a_teardown() {
    // Every fourth call here, all of them and all works in the sweep below.
    for (work, when) in [(Work::Deploy, When::After), (Work::Teardown, When::Before)] {
        assert!(at_calls(work, when, (3, 4)) > 0, "{work:?}");
    }
}

#[test]
#[ignore = "takes minutes: scripts/torture.sh --crontab"]
#[allow(clippy::print_stdout, reason = "the figures are what it is for")]
fn an_edit_in_any_call_of_crontab_is_kept_whatever_landfall_does() {
    let mut edits = 0;
    for work in [Work::Deploy, Work::RolledBack, Work::Teardown, Work::Recover] {
        for when in [When::Before, When::After] {
            let count = at_calls(work, when, (1, 1));
            println!("{work:?}, {when:?} a call of crontab: {count} edits kept");
            edits += count;
        }
    }
    println!("edits of the crontab: {edits}");
}

/// The narrowest gap: the system is about to replace the file when its owner's `crontab` does.
#[test]
fn an_edit_at_the_moment_of_replacement_is_kept() {
    let vsn = Vsn::start();
    assert_eq!(vsn.run_with_input(["crontab", "-"], "1 1 * * * mine\n").status, Some(0));
    vsn.write_plan(&with_job());
    let strace = ["strace", "--follow-forks", "--detach-on=execve", "--output=/srv/calls", "--trace=renameat2"];
    let late = ["--inject=renameat2:delay_enter=2000000", env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN];
    let mut deployment = vsn.start_process(strace.into_iter().chain(late));
    let mut lines = "1 1 * * * mine\n".to_owned();
    let spool = "/var/spool/cron/crontabs";
    for number in 1..=2 {
        let mut about_to_replace = false;
        eventually("the new crontab lies beside the old one", || {
            about_to_replace = vsn.read(&format!("{spool}/.landfall-new-root")).is_some();
            about_to_replace || !deployment.is_running()
        });
        assert!(about_to_replace, "no moment of a replacement was met for edit {number}");
        let Crontab::Present(now) = vsn.crontab() else { panic!("the crontab is gone") };
        let edit = format!("{number} 2 * * * an edit\n");
        assert_eq!(vsn.run_with_input(["crontab", "-"], &format!("{now}{edit}")).status, Some(0));
        lines.push_str(&edit);
        eventually("it is the crontab, or was removed", || vsn.read(&format!("{spool}/.landfall-new-root")).is_none());
    }

    let ended = deployment.wait();

    assert_eq!(ended.status, Some(0), "{ended:?}");
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("the crontab is gone") };
    assert_eq!(without_block(&crontab), lines);
    assert!(crontab.contains("jobs/job-dump"), "{crontab}");
}

/// The file without the three lines that `crontab` puts above every one that it installs.
fn on_disk(vsn: &Vsn) -> Option<Vec<u8>> {
    let file = vsn.read("/var/spool/cron/crontabs/root")?;
    let added = if file.starts_with(b"# DO NOT EDIT THIS FILE - edit the master and reinstall.\n") { 3 } else { 0 };
    Some(file.split_inclusive(|byte| *byte == b'\n').skip(added).collect::<Vec<_>>().concat())
}

#[test]
fn regression_052_every_byte_of_any_crontab_is_there_again_after_a_teardown() {
    let vsn = Vsn::start();
    let spool = "/var/spool/cron/crontabs/root";
    let crontabs: [Option<&[u8]>; 8] = [
        None,
        Some(b""),
        Some(b"\n\n \t\n"),
        Some(b"# one\n# two\n# three\n# four\n1 1 * * * mine\n"),
        Some(b"# DO NOT EDIT THIS FILE - edit the master and reinstall.\n# my own words\n# about it\n"),
        Some(b"MAILTO=\"\"\r\n1 1 * * * mine\r\n# a\\r\n"),
        Some(b"# caf\xe9 \xff\xfe \x01\x1b[1m\n1 1 * * * mine %%\n"),
        Some(b"1 1 * * * no newline here"),
    ];
    for crontab in crontabs {
        vsn.run(["crontab", "-r"]);
        if let Some(crontab) = crontab {
            vsn.write("/srv/crontab", crontab, 0o600);
            // Debian's refuses the last one; an editor of the file itself does not.
            if vsn.run(["crontab", "/srv/crontab"]).status != Some(0) {
                vsn.must(["install", "--mode=0600", "--group=crontab", "/srv/crontab", spool]);
            }
        }
        let words = crontab.map(String::from_utf8_lossy);
        vsn.must_deploy(&with_job());
        let with_block = on_disk(&vsn).unwrap();
        assert!(with_block.starts_with(crontab.unwrap_or_default()), "{words:?}");
        assert!(String::from_utf8_lossy(&with_block).contains("\n0 2 * * * /var/lib/landfall/shop/jobs/job-dump\n"));

        assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

        assert_eq!(on_disk(&vsn).as_deref(), crontab, "{words:?}");
    }
}

#[test]
fn regression_053_a_block_that_somebody_broke_is_refused_before_anything_begins_and_nothing_is_guessed() {
    let vsn = Vsn::start();
    vsn.must_deploy(&with_job());
    let Crontab::Present(whole) = vsn.crontab() else { panic!("the plan has jobs") };
    let (begin, end) = ("# BEGIN landfall shop (no crontab before)\n", "# END landfall shop\n");
    let broken = [
        whole.replace(begin, ""),
        whole.replace(end, ""),
        format!("{whole}{whole}"),
        whole.replace(begin, "# Begin landfall shop\n"),
        whole.replace(end, "# END landfall shop.\n# END landfall shop \n"),
        whole.replace(end, "# BEGIN landfall other\n# END landfall other\n# END landfall shop\n"),
        whole.replace('\n', "\r\n"),
    ];
    for crontab in broken {
        vsn.write("/srv/crontab", &crontab, 0o600);
        vsn.must(["sh", "-c", "cat /srv/crontab > /var/spool/cron/crontabs/root"]);
        let before = vsn.snapshot();

        let deployment = vsn.landfall(["deploy", PLAN, "--format", "json"]);
        let teardown = vsn.landfall(["teardown", "shop"]);

        assert_eq!(Ended::of(&deployment).word(), (Some(3), "refused"), "{crontab}");
        let findings = document(&deployment)["findings"].take();
        let codes: Vec<_> = findings.as_array().unwrap().iter().filter(|found| found["severity"] == "error").collect();
        assert_eq!(codes.iter().map(|found| found["code"].clone()).collect::<Vec<_>>(), ["LF122"], "{crontab}");
        assert_eq!(teardown.status, Some(3), "{crontab}: {teardown:?}");
        assert!(teardown.stderr.starts_with("the crontab of root can't be used: line"), "{teardown:?}");
        assert!(teardown.stderr.ends_with("\nnothing was changed\n"), "{teardown:?}");
        assert_eq!(vsn.snapshot().without_runs("shop"), before.without_runs("shop"), "{crontab}");
    }
    vsn.write("/srv/crontab", &whole, 0o600);
    vsn.must(["sh", "-c", "cat /srv/crontab > /var/spool/cron/crontabs/root"]);
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.crontab(), Crontab::Absent);
}
