//! One server, and some faults that come over it one after another, at random moments.

use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::FAULTS_OF_A_STORY;
use crate::fault::{Fault, Work, moment};
use crate::figures::{Figures, Outcome};
use crate::server::Server;
use crate::support::Process;

/// Its own process group, as a shell gives it one.
const STARTER: [&str; 1] = ["setsid"];

/// What is under way on one server.
struct Story {
    server: Server,
    random: Rng,
    /// How long each lasts that nothing disturbs, as far as was seen.
    deployment: Duration,
    teardown: Duration,
    recovery: Duration,
    figures: Figures,
}

/// Tells the story that this seed begins.
pub fn tell(seed: u64) -> Figures {
    let unseen = Duration::from_millis(500);
    let mut story = Story {
        server: Server::start(),
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
    story.deploy_undisturbed("v1");
    story.figures
}

impl Story {
    /// One fault, and what follows it.
    fn chapter(&mut self) {
        if self.server.version.is_none() && self.random.bool() {
            self.deploy_undisturbed("v1");
        }
        let deployed = self.server.version.is_some();
        let work = if deployed && self.random.u8(0..4) == 0 { Work::Teardown } else { Work::Deploy };
        let fault = Fault::any(&mut self.random);
        let new = self.server.other_version();
        let status = self.disturbed(work, fault, new);
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
            Fault::Terminate | Fault::Interrupt => {}
        }
        let state = self.server.settle(work, new, status, !fault.is_sudden());
        self.figures.count(Outcome { work, fault, state });
    }

    /// The exit status, if the program got so far.
    fn disturbed(&mut self, work: Work, fault: Fault, new: &str) -> Option<i32> {
        let lasts = match work {
            Work::Deploy => self.deployment,
            Work::Teardown => self.teardown,
            Work::Recover => self.recovery,
        };
        let after = moment(&mut self.random, lasts);
        println!("  {work}, {fault} after {after:?}");
        let began = Instant::now();
        let run = self.server.begin(work, new, &STARTER);
        // No synchronisation: the moment is the fault.
        sleep(after);
        let status = self.inflict(fault, run);
        if work == Work::Teardown && status == Some(0) {
            self.teardown = self.teardown.max(began.elapsed());
        }
        status
    }

    fn inflict(&self, fault: Fault, run: Process) -> Option<i32> {
        match fault {
            Fault::Kill => run.signal_if_running("KILL"),
            Fault::Terminate => run.signal_if_running("TERM"),
            Fault::Interrupt => run.signal_group_if_running("INT"),
            Fault::PowerCut => self.server.vsn.reboot(),
        }
        run.wait().status
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
        self.recovery = self.recovery.max(began.elapsed());
    }

    fn deploy_undisturbed(&mut self, version: &'static str) {
        let began = Instant::now();
        self.server.deploy_undisturbed(version);
        self.deployment = self.deployment.max(began.elapsed());
    }
}
