//! Jobs that fire in the middle of a deployment or a teardown, which stands still there.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::CRON;
use crate::plans::{second_version, small};
use crate::support::{At, Crontab, Ended, Entry, Output, Process, Trouble, Vsn, eventually};

const JOBS: &str = "/var/lib/landfall/shop/jobs";
const RECOVER: &str = "/var/lib/landfall/shop/recover";
const OLD_LOG: &str = "/var/log/syslog.1";

const ALL: &[&str] = &["boot", "cleanup", "healthcheck", "job-dump", "mail"];

/// Everything that a job can do or say. A run that stands still changes none of it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    containers: Vec<String>,
    data: Vec<Entry>,
    logs: Vec<Entry>,
    state: Vec<Entry>,
    crontab: Crontab,
    mails: usize,
    said: Vec<String>,
}

fn seen(vsn: &Vsn) -> Seen {
    Seen {
        containers: vsn.described_containers(),
        data: vsn.manifest("/srv/db"),
        logs: vsn.manifest("/var/log"),
        state: vsn.manifest("/var/lib/landfall"),
        crontab: vsn.crontab(),
        mails: vsn.mails().len(),
        said: said(vsn),
    }
}

/// What scripts have told the system's log, without the name of the plan.
fn said(vsn: &Vsn) -> Vec<String> {
    let calls = vsn.calls_of("logger").into_iter();
    calls.map(|call| call.replace("'-t' 'landfall-shop' '-p' ", "")).collect()
}

fn plan() -> Value {
    let mut plan = small();
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/db", "target": "/db", "owner": "0:0", "mode": "0755" }]);
    plan["services"]["web"]["stop_grace_period"] = json!("0s");
    plan["maintenance"] = json!({
        "healthcheck": { "schedule": "* * * * *" },
        "cleanup": { "schedule": "@weekly" },
        "jobs": { "dump": { "schedule": "* * * * *", "service": "web", "exec": ["sh", "-c", "echo dumped >> /db/dump"] } },
        "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } },
    });
    plan
}

/// Deploys the first version where mails are accepted, and leaves a log file that is due to be purged.
fn deploy_first(vsn: &Vsn) {
    vsn.must_deploy(&plan());
    vsn.write(OLD_LOG, "an old entry\n", 0o640);
    vsn.must(["touch", "--date", "8 days ago", OLD_LOG]);
    vsn.put_in_front_of("logger", At::Call(1), Trouble::None);
}

/// Starts a script as cron does.
fn fire(vsn: &Vsn, script: &str) -> Process {
    vsn.start_process(CRON.into_iter().chain([script]))
}

fn silent() -> Output {
    Output { status: Some(0), stdout: String::new(), stderr: String::new() }
}

/// Begins what `begin` begins, holds it at the engine's call with these words, and returns it there.
fn held(vsn: &Vsn, words: &str, begin: impl Fn(&Vsn) -> Process) -> Process {
    vsn.trouble_at(words, Trouble::Waits);
    let run = begin(vsn);

    eventually("the run stands still", || vsn.engine_was_told(words));
    run
}

/// Scripts that fired and wait for the run's end.
struct Waiting {
    cleanup: Option<Process>,
    recover: Process,
}

/// Fires every script that lies there, and holds against `scripts` which these are. None of them does anything, only the plan's own job says
/// something.
fn fire_all(vsn: &Vsn, scripts: &[&str]) -> Waiting {
    let listed = vsn.run(["ls", JOBS]).stdout;
    assert_eq!(listed.lines().collect::<Vec<_>>(), scripts);
    let mut before = seen(vsn);
    let held_alone = || vsn.run(["pgrep", "--count", "--exact", vsn.engine()]).stdout.trim() == "1";
    eventually("whatever goes on beside the call that is held has ended", || {
        let alone = held_alone();
        let last = std::mem::replace(&mut before, seen(vsn));
        alone && held_alone() && last == before
    });
    let there = |name: &str| scripts.contains(&name).then(|| format!("{JOBS}/{name}"));
    for script in ["healthcheck", "job-dump"].into_iter().filter_map(there) {
        assert_eq!(fire(vsn, &script).wait(), silent(), "{script}");
    }
    let mut waiting =
        Waiting { cleanup: there("cleanup").map(|script| fire(vsn, &script)), recover: fire(vsn, RECOVER) };
    let count = 1 + usize::from(waiting.cleanup.is_some());
    eventually("they wait, or one has given up", || {
        let Waiting { cleanup, recover } = &mut waiting;
        let ended = !recover.is_running() || cleanup.as_mut().is_some_and(|cleanup| !cleanup.is_running());
        ended || vsn.run(["pgrep", "--count", "--full", "--exact", "sleep 1"]).stdout.trim() == count.to_string()
    });
    let skipped = "'daemon.warning' '--' 'dump: not started, a run of Landfall is under way'".to_owned();
    let said = [before.said.clone(), there("job-dump").map(|_| skipped).into_iter().collect()].concat();
    assert_eq!(seen(vsn), Seen { said, ..before });
    waiting
}

impl Waiting {
    fn end(self) {
        let Self { cleanup, recover } = self;
        assert_eq!(recover.wait(), silent(), "recover");
        if let Some(cleanup) = cleanup {
            assert_eq!(cleanup.wait(), silent(), "cleanup");
        }
    }
}

#[test]
fn regression_059_a_job_that_fires_in_the_middle_of_a_deployment_waits_or_skips_and_says_so() {
    for (words, scripts) in [("load --quiet", ALL), ("start shop-web", ALL)] {
        let vsn = Vsn::start();
        let _sink = vsn.mail_sink();
        deploy_first(&vsn);
        vsn.write_plan(&second_version(&plan()));
        let run = held(&vsn, words, Vsn::start_deploy);

        let waiting = fire_all(&vsn, scripts);
        vsn.go_on();

        assert_eq!(Ended::of(&run.wait()), Ended::deployed(), "{words}");
        let containers = vsn.described_containers();
        let purges = waiting.cleanup.is_some();
        waiting.end();
        assert_eq!(vsn.described_containers(), containers, "{words}");
        assert_eq!(vsn.read(OLD_LOG).is_none(), purges, "{words}");
        assert_eq!(vsn.mails().len(), 0, "{words}");
        // The next firing does what it is there for.
        assert_eq!(fire(&vsn, &format!("{JOBS}/job-dump")).wait(), silent());
        assert_eq!(vsn.read("/srv/db/dump").unwrap(), b"dumped\n");
    }
}

#[test]
fn a_job_that_fires_in_the_middle_of_a_teardown_waits_or_skips_and_does_nothing_once_all_is_torn_down() {
    for (words, scripts) in [("rm --force", ALL), ("network rm", &[])] {
        let vsn = Vsn::start();
        let _sink = vsn.mail_sink();
        deploy_first(&vsn);
        let run = held(&vsn, words, |vsn| vsn.start_landfall(["teardown", "shop"]));

        let waiting = fire_all(&vsn, scripts);
        vsn.go_on();

        let ended = run.wait();
        assert_eq!(ended.status, Some(0), "{words}: {ended:?}");
        waiting.end();
        assert_eq!((vsn.described_containers(), vsn.crontab()), (Vec::new(), Crontab::Absent), "{words}");
        assert!(vsn.read(OLD_LOG).is_some(), "{words}");
        assert_eq!((vsn.read("/srv/db/dump"), vsn.mails().len()), (None, 0), "{words}");
    }
}
