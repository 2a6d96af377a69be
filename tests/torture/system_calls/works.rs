//! What is under way when a call fails: each work with the server that it begins on, and the ends that are promised.
//!
//! The plan is small, so that every call of it can be tried: one service with a secret, a data directory with something in it, a port, a
//! health check and a job. What other plans do besides are more calls of the same functions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use nix::sys::stat::Mode;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::call::Call;
use super::injection::{Injected, Traced, Tracer};
use super::look::{CANARY, look};
use crate::scene::{self, Scene};
use crate::support::{Ended, Output, PLAN, SECRETS, Vsn, eventually};
use crate::tracer::call::Kind;

/// What Landfall does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Deploys the other version over one that runs.
    Redeploy,
    /// Deploys where nothing is deployed.
    FirstDeploy,
    /// Deploys what never gets healthy.
    RollBack,
    TearDown,
    /// Finishes a deployment that was killed when everything was there but its saved plan.
    Recover,
}

pub const WORKS: [Work; 5] = [Work::Redeploy, Work::FirstDeploy, Work::RollBack, Work::TearDown, Work::Recover];

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Redeploy => "redeploy",
            Self::FirstDeploy => "first",
            Self::RollBack => "roll back",
            Self::TearDown => "tear down",
            Self::Recover => "recover",
        })
    }
}

/// What a server is like when nothing is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Containerless,
    /// Of this version.
    Deployed(&'static str),
}

fn plan(version: &str, healthy: bool) -> Value {
    let (check, patience) =
        if healthy { (json!(["test", "-s", "/run/secrets/db"]), "60s") } else { (json!(["false"]), "500ms") };
    json!({
        "version": 1,
        "name": "shop",
        "services": { "web": {
            "image": { "archive": format!("images/tiny-{version}.docker.tar") },
            "secrets": [{ "secret": "password", "target": "/run/secrets/db", "owner": "999:999", "mode": "0400" }],
            "volumes": [{ "source": "/srv/shop/db", "target": "/data", "owner": "999:999", "mode": "0700" }],
            "configs": [{ "content": format!("{version}\n"), "target": "/etc/app.conf" }],
            "ports": ["127.0.0.1:8080:80"],
            "healthcheck": { "exec": check, "interval": "500ms", "timeout": patience, "retries": 1 },
            "memory": "64MiB",
            "stop_grace_period": "0s"
        } },
        "maintenance": { "jobs": { "dump": { "schedule": "0 2 * * *", "service": "web", "exec": ["true"] } } }
    })
}

/// A server on which every end that is promised was seen once, with nothing in the way.
pub struct Bench {
    vsn: Vsn,
    state: State,
    /// What each state looks like.
    seen: BTreeMap<State, String>,
}

/// What one call that failed came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Whether the call was made at all.
    pub happened: bool,
    pub status: Option<i32>,
    pub state: State,
}

impl Bench {
    pub fn start() -> Self {
        let vsn = scene::server(&Scene::new());
        vsn.write(SECRETS, json!({ "password": CANARY }).to_string(), 0o600);
        nix::unistd::mkfifo(&vsn.on_disk("/srv/go"), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        let mut bench = Self { vsn, state: State::Containerless, seen: BTreeMap::new() };
        // What a first deployment makes once and for all, such as the chains of the firewall, is there from now on.
        for state in [State::Deployed("v1"), State::Containerless, State::Deployed("v2"), State::Deployed("v1")] {
            bench.bring_to(state);
            bench.seen.insert(state, settled(&bench.vsn));
        }
        assert_ne!(bench.seen[&State::Deployed("v1")], bench.seen[&State::Deployed("v2")]);
        bench
    }

    /// Brings the server into this state, with nothing in the way.
    fn bring_to(&mut self, state: State) {
        if self.state == state {
            return;
        }
        match state {
            State::Containerless => {
                let output = self.vsn.landfall(["teardown", "shop"]);
                assert_eq!(output.status, Some(0), "{output:?}");
            }
            State::Deployed(version) => {
                self.vsn.write_plan(&plan(version, true));
                assert_eq!(self.vsn.deploy(), Ended::deployed());
            }
        }
        self.state = state;
    }

    /// Does the work with nothing in the way, and tells which calls it makes.
    pub fn calls_of(&mut self, work: Work) -> Vec<Call> {
        let (output, traced) = self.perform(work, None);
        self.settle(work, &output, None);
        traced.calls
    }

    /// Does the work while something is injected at a call of it, and holds what became of it against what is promised.
    pub fn with(&mut self, work: Work, call: &Call, injected: Injected) -> Outcome {
        let (output, traced) = self.perform(work, Some((call, injected)));
        let happened = traced.happened;
        let state = self.settle(work, &output, happened.then_some(injected));
        Outcome { happened, status: output.status, state }
    }

    fn perform(&mut self, work: Work, inject: Option<(&Call, Injected)>) -> (Output, Traced) {
        let deploy = ["deploy", PLAN, "--secrets", SECRETS, "--format", "json"].as_slice();
        match work {
            Work::Redeploy => {
                if self.state == State::Containerless {
                    self.bring_to(State::Deployed("v1"));
                }
                self.vsn.write_plan(&plan(self.other_version(), true));
                self.traced(deploy, inject)
            }
            Work::FirstDeploy => {
                self.bring_to(State::Containerless);
                self.vsn.write_plan(&plan("v1", true));
                self.traced(deploy, inject)
            }
            Work::RollBack => {
                self.bring_to(State::Containerless);
                self.vsn.write_plan(&plan("v1", false));
                self.traced(deploy, inject)
            }
            Work::TearDown => {
                if self.state == State::Containerless {
                    self.bring_to(State::Deployed("v1"));
                }
                self.traced(&["teardown", "shop"], inject)
            }
            Work::Recover => {
                self.bring_to(State::Containerless);
                self.vsn.write_plan(&plan("v1", true));
                let target = "/var/lib/landfall/shop/saved.json".to_owned();
                let commit = Call { kind: Kind::Rename, target, number: 1 };
                let (_, traced) = self.traced(deploy, Some((&commit, Injected::Kill)));
                assert!(traced.happened, "the deployment came to its commit");
                self.traced(&["recover"], inject)
            }
        }
    }

    fn other_version(&self) -> &'static str {
        if self.state == State::Deployed("v1") { "v2" } else { "v1" }
    }

    /// Runs Landfall to its end, under the eyes of the tracer.
    fn traced(&self, arguments: &[&str], inject: Option<(&Call, Injected)>) -> (Output, Traced) {
        // It waits until it is followed, and becomes Landfall then.
        let wait = "read -r < /srv/go; unset LD_LIBRARY_PATH; exec \"$@\"";
        let wait = ["bash", "-c", wait, "bash", env!("CARGO_BIN_EXE_landfall")];
        let process = self.vsn.start_process(wait.iter().chain(arguments).copied());
        let leader = process.leader();
        let go = self.vsn.on_disk("/srv/go");
        let traced = std::thread::scope(|scope| {
            let follow = scope.spawn(|| {
                let tracer = Tracer::of(leader, inject);
                std::fs::write(go, "go\n").unwrap();
                tracer.follow()
            });
            follow.join().unwrap()
        });
        (process.wait(), traced)
    }

    /// Recovers, and holds the server against what is promised for how the work ended.
    fn settle(&mut self, work: Work, output: &Output, injected: Option<Injected>) -> State {
        let before = self.state;
        let status = output.status;
        match status {
            // It says that nothing was changed: this is so before anything is recovered.
            Some(1 | 3) if work != Work::Recover => assert_eq!(settled(&self.vsn), self.seen[&before], "{output:?}"),
            Some(0 | 4) => {}
            Some(1 | 5) | None if injected.is_some() => {}
            Some(_) | None => panic!("{output:?}"),
        }
        // A child that was not yet the program which it was to become still has the lock.
        eventually("the lock is free", || {
            self.vsn.run(["flock", "--nonblock", "/run/landfall.lock", "true"]).status == Some(0)
        });
        let recovered = self.vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{recovered:?}");
        let seen = settled(&self.vsn);
        let as_seen = |state: &&State| self.seen[*state] == seen;
        let Some(state) = self.seen.keys().find(as_seen).copied() else {
            // Against what it is nearest to, to tell what differs.
            let lines: BTreeSet<&str> = seen.lines().collect();
            let differ = |other: &&String| other.lines().collect::<BTreeSet<_>>().symmetric_difference(&lines).count();
            let nearest = self.seen.values().min_by_key(differ).unwrap();
            assert_eq!(&seen, nearest, "{work}: {output:?}");
            unreachable!("they differ");
        };
        self.state = state;
        let new = match work {
            Work::Redeploy => State::Deployed(if before == State::Deployed("v1") { "v2" } else { "v1" }),
            Work::FirstDeploy | Work::RollBack => State::Deployed("v1"),
            Work::TearDown | Work::Recover => State::Containerless,
        };
        match status {
            Some(0) => assert_eq!(state, new, "{output:?}"),
            Some(4) => assert_eq!(state, State::Containerless, "{output:?}"),
            Some(1 | 3) if work != Work::Recover => assert_eq!(state, before, "{output:?}"),
            Some(_) | None => assert!([before, new, State::Containerless].contains(&state), "{state:?}: {output:?}"),
        }
        let again = self.vsn.landfall(["recover"]);
        assert_eq!(again, Output { status: Some(0), stdout: String::new(), stderr: String::new() });
        state
    }
}

/// What is seen when nothing moves any more: an engine's helpers end a little after it.
fn settled(vsn: &Vsn) -> String {
    let mut seen = look(vsn);
    eventually("two looks in a row see the same", || {
        let before = std::mem::replace(&mut seen, look(vsn));
        let mut processes = seen.lines().take_while(|line| *line != "== containers");
        seen == before && !processes.any(|line| line.ends_with(" podman"))
    });
    seen
}
