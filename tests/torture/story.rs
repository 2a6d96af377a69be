//! One server, and some faults that come over it one after another, at random moments.

use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::FAULTS_OF_A_STORY;
use crate::fault::{Fault, Work, moment};
use crate::figures::{Figures, Outcome};
use crate::scene::Scene;
use crate::server::Server;
use crate::support::{Output, Process};

/// Its own process group, as a shell gives it one.
const STARTER: [&str; 1] = ["setsid"];

/// What is under way on one server.
struct Story {
    server: Server,
    random: Rng,
    /// How long each lasted that nothing disturbed, the last time.
    deployment: Duration,
    teardown: Duration,
    recovery: Duration,
    figures: Figures,
}

/// Tells the story that this seed begins.
pub fn tell(seed: u64) -> Figures {
    let unseen = Duration::from_millis(500);
    let mut story = Story {
        server: Server::start_as(if seed % 3 == 2 { Scene::without_crontab() } else { Scene::new() }),
        random: Rng::with_seed(seed),
        deployment: unseen,
        teardown: unseen,
        recovery: unseen,
        figures: Figures::default(),
    };
    story.deploy_undisturbed("v1");
    story.deploy_undisturbed("v2");
    for number in 1..=FAULTS_OF_A_STORY {
        println!("story {seed}, fault {number}");
        story.chapter();
    }
    story.figures
}

impl Story {
    /// One fault, and what follows it: whatever it came to, a deployment that nothing disturbs succeeds afterwards.
    fn chapter(&mut self) {
        // Now and then there is nothing to begin with.
        if self.random.u8(0..4) == 0 {
            self.teardown = self.server.tear_down_undisturbed();
        }
        let deployed = self.server.version.is_some();
        let work = if deployed && self.random.u8(0..4) == 0 { Work::Teardown } else { Work::Deploy };
        let fault = Fault::any(&mut self.random);
        let new = self.server.other_version();
        let ended = self.disturbed(work, fault, new);
        match fault {
            Fault::PowerCut => {
                // Before anything can be lost, a boot does nothing, and what was staged stays until the next command.
                let finished = self.server.boot();
                self.server.assert_untouched();
                if !finished {
                    self.recover();
                }
            }
            Fault::Kill => {
                self.server.assert_untouched();
                self.recover();
            }
            Fault::Terminate | Fault::Interrupt | Fault::HangUp => {}
        }
        let state = self.server.settle_after(work, new, &ended, !fault.is_sudden());
        self.figures.count(Outcome { work, fault, state });
        self.deploy_undisturbed(self.server.other_version());
    }

    /// What it left when it ended.
    fn disturbed(&mut self, work: Work, fault: Fault, new: &str) -> Output {
        let lasts = match work {
            Work::Deploy => self.deployment,
            Work::Teardown => self.teardown,
            Work::Recover => self.recovery,
        };
        let after = moment(&mut self.random, lasts);
        println!("  {work}, {fault} after {after:?}");
        let run = self.server.begin(work, new, &STARTER);
        // No synchronisation: the moment is the fault.
        sleep(after);
        self.inflict(fault, run)
    }

    fn inflict(&self, fault: Fault, run: Process) -> Output {
        match fault {
            Fault::Kill => run.signal_if_running("KILL"),
            Fault::Terminate => run.signal_if_running("TERM"),
            Fault::Interrupt => run.signal_group_if_running("INT"),
            Fault::HangUp => run.signal_group_if_running("HUP"),
            Fault::PowerCut => self.server.vsn.reboot(),
        }
        run.wait()
    }

    /// Recovers, now and then with faults on the way.
    fn recover(&mut self) {
        while self.random.u8(0..3) == 0 {
            self.disturbed(Work::Recover, Fault::Kill, "");
            self.server.assert_untouched();
            self.figures.count_fault_of_a_recovery();
        }
        let began = Instant::now();
        self.server.recover();
        self.recovery = began.elapsed();
    }

    fn deploy_undisturbed(&mut self, version: &'static str) {
        self.deployment = self.server.deploy_undisturbed(version);
    }
}
