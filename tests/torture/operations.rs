//! Each call of the engine, of `crontab` and of `curl` goes wrong in each way: before anything was done, after it was done, with a lie,
//! never ending, or with a signal to Landfall at that very moment; in deployments, rollbacks, teardowns and recoveries.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use fastrand::Rng;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::fault::Work;
use crate::scene;
use crate::server::Server;
use crate::support::{At, Ended, Output, PLAN, SECRETS, Signal, Trouble, Vsn, engine};

/// How many times as long as usual the engine may take where a call hangs: it is waited for until its deadline, three minutes for the
/// loading of an image. Other calls may then be too late as well, on a machine that is slow, which is one more way to go wrong.
const PATIENCE: &str = "LANDFALL_PATIENCE=0.05";

/// How long a run may take: the plan lets five health checks of a minute fail before it gives a service up.
const LONGEST: Duration = Duration::from_secs(600);

/// What is under way when a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scene {
    /// A deployment over another version.
    Redeployment,
    /// A deployment where there was none.
    FirstDeployment,
    /// A deployment whose web server never gets healthy; the calls of the engine are counted from its first health check.
    Rollback,
    Teardown,
    /// A recovery after a run died before the point of no return.
    RecoveryOfStaged,
    /// A recovery after a run died while it created containers.
    RecoveryOfFallen,
    /// A recovery after a run died while it removed what its commit superseded.
    RecoveryOfCommitted,
}

/// A program that Landfall calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Called {
    Engine,
    Crontab,
    Curl,
}

/// One thing to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub scene: Scene,
    pub called: Called,
    pub trouble: Trouble,
}

/// What comes of a case where a promise was broken.
pub const BROKEN: &str = "broken";

/// What came of the cases, by what was tried.
pub type Outcomes = BTreeMap<(Case, String), u64>;

impl Scene {
    const ALL: [Self; 7] = [
        Self::Redeployment,
        Self::FirstDeployment,
        Self::Rollback,
        Self::Teardown,
        Self::RecoveryOfStaged,
        Self::RecoveryOfFallen,
        Self::RecoveryOfCommitted,
    ];

    fn work(self) -> Work {
        match self {
            Self::Redeployment | Self::FirstDeployment | Self::Rollback => Work::Deploy,
            Self::Teardown => Work::Teardown,
            Self::RecoveryOfStaged | Self::RecoveryOfFallen | Self::RecoveryOfCommitted => Work::Recover,
        }
    }

    /// At which call of the engine the run died that is to be recovered.
    fn died_at(self) -> Option<&'static str> {
        match self {
            Self::Redeployment | Self::FirstDeployment | Self::Rollback | Self::Teardown => None,
            Self::RecoveryOfStaged => Some("load --quiet"),
            Self::RecoveryOfFallen => Some("start shop-db"),
            Self::RecoveryOfCommitted => Some("secret rm"),
        }
    }

    /// The programs that are called.
    fn calls(self) -> &'static [Called] {
        match self {
            // In a rollback, Curl sends the mail about it.
            Self::Redeployment | Self::FirstDeployment | Self::Rollback => {
                &[Called::Engine, Called::Crontab, Called::Curl]
            }
            Self::Teardown | Self::RecoveryOfFallen => &[Called::Engine, Called::Crontab],
            // After the commit, what has no store for secrets is told nothing.
            Self::RecoveryOfCommitted if engine() == "docker" => &[],
            Self::RecoveryOfStaged | Self::RecoveryOfCommitted => &[Called::Engine],
        }
    }
}

impl Called {
    fn program(self) -> &'static str {
        match self {
            Self::Engine => engine(),
            Self::Crontab => "crontab",
            Self::Curl => "curl",
        }
    }
}

impl Case {
    /// Whether it may hang in the loading of an image, in a health check that the plan lets take as long, or in the sending of a mail; or
    /// never pass a check.
    fn may_take_minutes(&self) -> bool {
        let Self { scene, called, trouble } = self;
        let mails = (*scene, *called) == (Scene::Rollback, Called::Curl);
        let never_passes =
            *called == Called::Curl && matches!(trouble, Trouble::FailsFromNowOn | Trouble::LiesFromNowOn);
        let deploys = matches!(scene, Scene::Redeployment | Scene::FirstDeployment);
        (trouble.hangs() && (mails || deploys)) || (never_passes && deploys)
    }

    /// How many calls there are that can go wrong; some scenes have a few more, depending on how long something takes.
    fn about_as_many_calls(self) -> u32 {
        let Self { scene, called, trouble: _ } = self;
        match (called, scene) {
            (Called::Engine, Scene::FirstDeployment | Scene::Redeployment) => 66,
            (Called::Engine, Scene::Rollback) => 30,
            (Called::Engine, Scene::Teardown) => 40,
            (Called::Engine, Scene::RecoveryOfStaged) => 6,
            (Called::Engine, Scene::RecoveryOfFallen) => 18,
            (Called::Engine, Scene::RecoveryOfCommitted) => 10,
            (Called::Crontab, _) => 5,
            (Called::Curl, _) => 2,
        }
    }
}

/// Every case, each in as many parts as it is worth: a call that hangs takes long, and needs no processor.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for scene in Scene::ALL {
        for called in scene.calls() {
            cases.extend(Trouble::ALL.map(|trouble| Case { scene, called: *called, trouble }));
        }
    }
    cases
}

/// Makes trouble at every `step`-th call, from the one with the number `first`, until there is no such call.
pub fn at_every_call(case: Case, (first, step): (u32, u32)) -> Outcomes {
    let mut tried = Tried::start();
    let mut outcomes = Outcomes::new();
    for number in (first..).step_by(usize::try_from(step).unwrap()) {
        let Some(outcome) = tried.promised(case, number) else { return outcomes };
        *outcomes.entry((case, outcome)).or_default() += 1;
    }
    unreachable!("every program ends")
}

/// Makes trouble so many times at some call, on one server. Calls that hang for minutes until they are given up are left to the whole
/// sweep.
pub fn at_some_calls(seed: u64, times: u64) -> Outcomes {
    let mut random = Rng::with_seed(seed);
    // Whichever the engine is, `crontab` and `curl` are the same.
    let is_new = |case: &Case| engine() == "podman" || case.called == Called::Engine;
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.may_take_minutes() && is_new(case)).collect();
    let mut tried = Tried::start();
    let mut outcomes = Outcomes::new();
    for _ in 0..times {
        let case = random.choice(&cases).copied().unwrap();
        let number = random.u32(1..=case.about_as_many_calls());
        if let Some(outcome) = tried.promised(case, number) {
            *outcomes.entry((case, outcome)).or_default() += 1;
        }
    }
    outcomes
}

/// A server with a version deployed, or none.
struct Tried {
    server: Server,
}

impl Tried {
    fn start() -> Self {
        Self { server: Server::start() }
    }

    /// What one call that goes wrong came to, a broken promise among it; `None` when there is no such call.
    fn promised(&mut self, case: Case, number: u32) -> Option<String> {
        catch_unwind(AssertUnwindSafe(|| self.at_call(case, number))).unwrap_or_else(|problem| {
            let said = problem.downcast_ref::<String>().map_or("it panicked", String::as_str);
            println!("BROKEN: {case}, call {number}: {said}");
            // Nothing can be concluded from what comes after it.
            *self = Self::start();
            Some(BROKEN.to_owned())
        })
    }

    /// What one call that goes wrong came to; `None` when there is no such call.
    fn at_call(&mut self, case: Case, number: u32) -> Option<String> {
        let Case { scene, called, trouble } = case;
        let new = self.prepare(scene);
        let program = called.program();
        let at = match (scene, called) {
            (Scene::Rollback, Called::Engine) => At::CallFrom("test -e /never", number),
            _ => At::Call(number),
        };
        self.server.vsn.put_in_front_of(program, at, trouble);
        let ended = self.begin(scene, new, if trouble.hangs() { PATIENCE } else { "LANDFALL_PATIENCE=" });
        let calls = self.server.vsn.calls_of(program);
        let happened = self.server.vsn.counted_calls(program) >= number;
        self.server.vsn.put_in_front_of(program, At::Call(u32::MAX), Trouble::None);
        let call = happened.then(|| calls.get(number as usize - 1)).flatten();
        println!("{case}, call {number} of {} {call:?}, to {new}: {:?}", calls.len(), ended.status);
        self.server.assert_untouched();
        let outcome = self.settle(case, new, &ended);
        happened.then_some(outcome)
    }

    /// Brings about what the scene begins with; the version that it is about.
    fn prepare(&mut self, scene: Scene) -> &'static str {
        if scene == Scene::FirstDeployment {
            if self.server.version.is_some() {
                assert_eq!(self.server.vsn.landfall(["teardown", "shop"]).status, Some(0));
                self.server.version = None;
            }
        } else if self.server.version.is_none() {
            self.server.deploy_undisturbed("v1");
        }
        let new = self.server.other_version();
        if let Some(words) = scene.died_at() {
            let vsn = &self.server.vsn;
            vsn.put_in_front_of(engine(), At::Words(words), Trouble::Signals(Signal::Kill));
            vsn.write_plan(&scene::plan(new));
            assert_eq!(run(vsn, &[], &["deploy", PLAN, "--secrets", SECRETS]).status, None, "it was to die at {words}");
            vsn.put_in_front_of(engine(), At::Call(u32::MAX), Trouble::None);
        }
        new
    }

    /// Performs what the scene is about, to its end.
    fn begin(&self, scene: Scene, new: &str, patience: &str) -> Output {
        let vsn = &self.server.vsn;
        match scene.work() {
            Work::Deploy => {
                let plan = scene::plan(new);
                vsn.write_plan(&if scene == Scene::Rollback { never_healthy(plan) } else { plan });
                run(vsn, &[patience], &["deploy", PLAN, "--secrets", SECRETS, "--format", "json"])
            }
            Work::Teardown => run(vsn, &[patience], &["teardown", "shop"]),
            Work::Recover => run(vsn, &[patience], &["recover"]),
        }
    }

    /// Holds the end against what is promised; the exit status and the state in words.
    fn settle(&mut self, case: Case, new: &'static str, ended: &Output) -> String {
        let Case { scene, called: _, trouble } = case;
        let killed = matches!(trouble, Trouble::Signals(Signal::Kill) | Trouble::SignalsAfterwards(Signal::Kill));
        assert_eq!(ended.status.is_none(), killed && ended.status.is_none(), "{ended:?}");
        if matches!(trouble, Trouble::Signals(Signal::HangUp) | Trouble::SignalsAfterwards(Signal::HangUp)) {
            let goes_on = if scene == Scene::Rollback { 4 } else { 0 };
            assert_eq!(ended.status, Some(goes_on), "a run goes on when the operator's connection drops: {ended:?}");
        }
        // A recovery that could not finish has not decided anything.
        let work = scene.work();
        let status = ended.status.filter(|status| work != Work::Recover || [0, 5].contains(status));
        let lies = matches!(trouble, Trouble::Lies | Trouble::LiesFromNowOn);
        if ended.status == Some(5) {
            assert_eq!(self.server.wrong_about_what_is_left(work, ended), [] as [String; 0], "{ended:?}");
        }
        let is_over = matches!(ended.status, Some(0 | 3 | 4)) && !lies;
        if !is_over {
            self.server.recover();
        }
        // What could not be removed after the commit was told, and goes with the next deployment; so does what a lie hid.
        let stays = work == Work::Deploy && ended.status == Some(0);
        if stays && (lies || !Ended::of(ended).left.is_empty()) {
            assert_eq!(self.server.vsn.deploy(), Ended::deployed(), "again");
        }
        let listened = !killed && work != Work::Recover;
        let state = self.server.settle(work, new, status, listened);
        let status = ended.status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
        format!("{status}, {state}")
    }
}

/// Landfall with its arguments, and with these variables in its environment.
fn run(vsn: &Vsn, variables: &[&str], arguments: &[&str]) -> Output {
    let program = [env!("CARGO_BIN_EXE_landfall")];
    vsn.start_process(["env"].iter().chain(variables).chain(&program).chain(arguments).copied()).wait_for(LONGEST)
}

/// The same plan with a web server that never gets healthy.
pub fn never_healthy(mut plan: Value) -> Value {
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["test", "-e", "/never"], "interval": "200ms", "timeout": "1s", "retries": 1 });
    plan
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scene, called, trouble } = self;
        let text = format!("{scene:?} {} {trouble:?}", called.program());
        formatter.pad(&text)
    }
}
