//! Deployments with `"on_failure": "previous"` that are ended at random moments, by signals, power cuts and calls of the engine that go
//! wrong: the new version runs or the one before. Only where the engine failed on the way back, too, may no container be left.

use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;
use pretty_assertions::assert_eq;

use crate::fault::{Fault, Work, moment};
use crate::operations::never_healthy;
use crate::scene;
use crate::server::Server;
use crate::support::{At, Ended, Output, PLAN, Process, SECRETS, Trouble, engine};
use crate::sweeps::hold_in_stories;

/// How many faults come over one VSN, one after another.
const FAULTS: u64 = 5;

#[test]
fn a_deployment_that_goes_back_and_is_ended_at_any_moment_leaves_the_new_version_or_the_one_before() {
    hold_in_stories("deployments that go back", FAULTS, |seed, faults| Story::start(seed).tell(faults));
}

/// Its own process group, as a shell gives it one.
const COMMAND: [&str; 7] =
    ["setsid", env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN, "--secrets", SECRETS, "--format=json"];

/// How many calls of the engine there are in a deployment, its fall and the way back.
const CALLS: u32 = 120;

/// What ends a deployment, or disturbs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disturbance {
    Ended(Fault),
    Call(u32, Trouble),
}

impl Disturbance {
    fn any(random: &mut Rng) -> Self {
        const TROUBLES: [Trouble; 4] =
            [Trouble::Fails, Trouble::FailsAfterwards, Trouble::FailsFromNowOn, Trouble::IsKilled];
        match random.u8(0..4) {
            0 => Self::Call(random.u32(1..=CALLS), random.choice(TROUBLES).unwrap()),
            _ => Self::Ended(Fault::any(random)),
        }
    }

    fn word(self) -> String {
        match self {
            Self::Ended(fault) => fault.to_string(),
            Self::Call(_, trouble) => format!("{trouble:?}"),
        }
    }

    /// Whether the program gets no chance to end as it must.
    fn is_sudden(self) -> bool {
        matches!(self, Self::Ended(fault) if fault.is_sudden())
    }
}

/// What is under way on one server.
struct Story {
    seed: u64,
    server: Server,
    random: Rng,
    /// How long a deployment lasts that nothing disturbs: one that works, and one that goes back.
    lasts: [Duration; 2],
}

impl Story {
    fn start(seed: u64) -> Self {
        let mut server = Server::start();
        let works = server.deploy_undisturbed("v1");
        let mut story = Self { seed, server, random: Rng::with_seed(seed), lasts: [works; 2] };
        let began = Instant::now();
        let ended = story.begin("v2", true).wait();
        story.lasts[1] = began.elapsed();
        assert_eq!(ended.status, Some(7), "{ended:?}");
        story.server.settle_after(Work::Deploy, "v2", &ended, true);
        story
    }

    /// Of each fault its kind, and what came of it.
    fn tell(mut self, faults: u64) -> Vec<String> {
        let told = (1..=faults).map(|number| self.chapter(number)).collect();
        let new = self.server.other_version();
        self.server.deploy_undisturbed(new);
        told
    }

    fn begin(&self, new: &str, hopeless: bool) -> Process {
        let plan = scene::going_back(scene::plan(new));
        self.server.vsn.write_plan(&if hopeless { never_healthy(plan) } else { plan });
        self.server.vsn.start_process(COMMAND)
    }

    /// One disturbance, and what follows it.
    fn chapter(&mut self, number: u64) -> String {
        if self.server.version.is_none() {
            self.server.deploy_undisturbed("v1");
        }
        let (old, new) = (self.server.version, self.server.other_version());
        let hopeless = self.random.u8(0..3) > 0;
        let disturbance = Disturbance::any(&mut self.random);
        let after = moment(&mut self.random, self.lasts[usize::from(hopeless)]);
        println!("story {}, {number}: to {new}, hopeless {hopeless}: {disturbance:?}, {after:?}", self.seed);
        let ended = self.disturbed((new, hopeless), disturbance, after);
        println!("  {:?}: {}", ended.status, ended.stdout.split_whitespace().collect::<Vec<_>>().join(" "));
        self.bring_to_an_end(disturbance, &ended);
        let state = self.server.settle_after(Work::Deploy, new, &ended, !disturbance.is_sudden());
        let deployed = self.server.version;
        assert!(!hopeless || deployed != Some(new), "it can't have become healthy");
        if state != "deployed" {
            assert!(may_be_containerless(disturbance, &ended), "neither version runs: {disturbance:?}, {ended:?}");
        }
        let what = match deployed {
            None => "containerless",
            Some(_) if deployed == old => "before",
            Some(_) => "new",
        };
        format!("{} {what}", disturbance.word())
    }

    /// What it left when it ended.
    fn disturbed(&self, (new, hopeless): (&str, bool), disturbance: Disturbance, after: Duration) -> Output {
        let vsn = &self.server.vsn;
        match disturbance {
            Disturbance::Call(call, trouble) => {
                vsn.put_in_front_of(engine(), At::Call(call), trouble);
                let ended = self.begin(new, hopeless).wait();
                let calls = vsn.calls_of(engine());
                println!("  call {call} of {}: {:?}", calls.len(), calls.get(call as usize - 1));
                vsn.put_in_front_of(engine(), At::Call(u32::MAX), Trouble::None);
                ended
            }
            Disturbance::Ended(fault) => {
                let run = self.begin(new, hopeless);
                // No synchronisation: the moment is the fault.
                sleep(after);
                match fault {
                    Fault::Kill => run.signal_if_running("KILL"),
                    Fault::Terminate => run.signal_if_running("TERM"),
                    Fault::Interrupt => run.signal_group_if_running("INT"),
                    Fault::HangUp => run.signal_group_if_running("HUP"),
                    Fault::PowerCut => vsn.reboot(),
                }
                run.wait()
            }
        }
    }

    /// Whatever is needed so that the run is over: a boot, or a recovery, now and then with a fault on its way.
    fn bring_to_an_end(&mut self, disturbance: Disturbance, ended: &Output) {
        if disturbance == Disturbance::Ended(Fault::PowerCut) {
            let finished = self.server.boot();
            self.server.assert_untouched();
            if finished {
                return;
            }
        } else {
            self.server.assert_untouched();
        }
        while disturbance.is_sudden() && self.random.u8(0..3) == 0 {
            let after = moment(&mut self.random, self.lasts[1]);
            println!("  recover, KILL after {after:?}");
            let run = self.server.begin(Work::Recover, "", &["setsid"]);
            // No synchronisation: the moment is the fault.
            sleep(after);
            run.signal_if_running("KILL");
            drop(run.wait());
            self.server.assert_untouched();
        }
        self.server.recover();
        // What could not be removed after the commit was told, and goes with the next deployment.
        if ended.status == Some(0) && !Ended::of(ended).left.is_empty() {
            assert_eq!(self.server.vsn.deploy(), Ended::deployed(), "again");
        }
    }
}

/// Where the engine went wrong, the way back may have failed as well; and that is told.
fn may_be_containerless(disturbance: Disturbance, ended: &Output) -> bool {
    let Disturbance::Call(..) = disturbance else { return false };
    let cause = Ended::of(ended).cause.unwrap_or_default();
    ended.status == Some(5) || cause.contains("; and the previous plan could not be deployed again: ")
}
