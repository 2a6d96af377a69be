//! The engine fails, lies or kills its caller at each of its calls in turn: the end is always deployed or containerless, and
//! what was left is finished by recovery, which changes nothing the second time.

use std::sync::atomic::{AtomicUsize, Ordering};

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{second_version, small};
use crate::support::{Crontab, Ended, Entry, Output, Signal, Trouble, Vsn};

/// Servers side by side: most of the time they wait.
const SIDE_BY_SIDE: usize = 2;

fn plan() -> Value {
    let mut plan = small();
    plan["services"]["web"]["secrets"] = json!([{ "secret": "password", "target": "/run/secrets/web" }]);
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/data", "target": "/data", "owner": "0:0", "mode": "0700" }]);
    plan["services"]["web"]["stop_grace_period"] = json!("1s");
    plan
}

/// Whether the deployed version answers, in a VSN that has exactly what belongs to it.
#[track_caller]
fn assert_deployed(vsn: &Vsn, version: &str, context: &str) {
    let answer = vsn.run(["curl", "--silent", "http://localhost:8080/version"]).stdout;
    assert_eq!(answer, format!("{version}\n"), "{context}");
    let counts = [vsn.containers().len(), vsn.images().len(), vsn.networks().len(), vsn.secrets().len()];
    assert_eq!(counts, [1; 4], "{context}: {:?} {:?} {:?}", vsn.containers(), vsn.images(), vsn.secrets());
}

#[track_caller]
fn assert_containerless(vsn: &Vsn, context: &str) {
    let left = [vsn.containers(), vsn.networks(), vsn.secrets()].concat();
    assert_eq!((left, vsn.crontab()), (Vec::new(), Crontab::Absent), "{context}");
    let tagged: Vec<String> = vsn.images().into_iter().filter(|image| !image.starts_with("<none>")).collect();
    assert_eq!(tagged, [] as [&str; 0], "{context}");
}

/// A server with a version of the plan deployed, and data that must stay as it is.
struct Tried {
    vsn: Vsn,
    data: Vec<Entry>,
    /// What is deployed now, and what is deployed over it next.
    versions: [(&'static str, Value); 2],
}

impl Tried {
    fn start() -> Self {
        let vsn = Vsn::start();
        vsn.write_secrets(&json!({ "password": "hunter2" }));
        vsn.must_deploy(&plan());
        vsn.in_container("shop-web", "echo 1 > /data/row");
        let data = vsn.manifest("/srv/data");
        Self { vsn, data, versions: [("v1", plan()), ("v2", second_version(&plan()))] }
    }

    /// Deploys the other version with trouble at one call; `false` when the engine wasn't called that often.
    fn withstands(&mut self, call: usize, trouble: Trouble) -> bool {
        let Self { vsn, data, versions: [(old, old_plan), (new, new_plan)] } = self;
        vsn.write_plan(new_plan);
        vsn.trouble_at_call(u32::try_from(call).unwrap(), trouble);
        let output = vsn.start_deploy().wait();
        let calls = vsn.engine_calls();
        vsn.trouble_at_call(u32::MAX, Trouble::None);
        let context = format!("{trouble:?} at call {call}, {:?}: {output:?}", calls.get(call - 1));
        let recovered = vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{context}: {recovered:?}");
        if matches!(output.status, None | Some(5)) {
            let before = vsn.snapshot();
            let nothing = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
            assert_eq!(vsn.landfall(["recover"]), nothing, "{context}");
            assert_eq!(vsn.snapshot(), before, "{context}");
        }
        assert_eq!(vsn.manifest("/srv/data"), *data, "{context}");
        let state = vsn.states().1["shop"].clone();
        let deployed = match (output.status, state.as_str()) {
            // What could not be removed after the commit is told, and goes with the next deployment; so does what a lie hid.
            (Some(0), "deployed") if trouble == Trouble::Lies || !Ended::of(&output).left.is_empty() => {
                assert_eq!(vsn.deploy(), Ended::deployed(), "again after {context}");
                *new
            }
            (Some(0), "deployed") => *new,
            // Refused before the point of no return; or it could not even look.
            (Some(1 | 3), "deployed") => *old,
            (None, "deployed") if calls.iter().any(|call| call.starts_with("'create'")) => *new,
            (None, "deployed") => *old,
            (None | Some(4 | 5), "failed") => {
                assert_containerless(vsn, &context);
                vsn.write_plan(old_plan);
                assert_eq!(vsn.deploy(), Ended::deployed(), "after {context}");
                *old
            }
            unexpected => panic!("{unexpected:?}: {context}"),
        };
        assert_deployed(vsn, deployed, &context);
        if deployed == *new {
            self.versions.swap(0, 1);
        }
        call <= calls.len()
    }
}

fn at_every_call(trouble: Trouble) {
    let next = AtomicUsize::new(1);
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                let mut tried = Tried::start();
                while tried.withstands(next.fetch_add(1, Ordering::Relaxed), trouble) {}
            });
        }
    });
    assert!(next.load(Ordering::Relaxed) > 15, "a deployment makes more calls than that");
}

#[test]
fn an_engine_that_fails_at_any_call_leaves_the_plan_deployed_or_containerless() {
    at_every_call(Trouble::Fails);
}

#[test]
fn an_engine_that_fails_after_it_did_its_work_at_any_call_leaves_the_plan_deployed_or_containerless() {
    at_every_call(Trouble::FailsAfterwards);
}

#[test]
fn an_engine_that_lies_at_any_call_leaves_the_plan_deployed_or_containerless() {
    at_every_call(Trouble::Lies);
}

#[test]
fn a_run_that_is_killed_at_any_call_of_the_engine_is_finished_by_recovery() {
    at_every_call(Trouble::Signals(Signal::Kill));
}
