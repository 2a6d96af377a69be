//! Power cuts at every moment that matters to the disk: before and after each wait for it. What was not waited for is lost.

mod damage;
mod disk;
mod moments;

use std::collections::BTreeMap;
use std::fmt;

use disk::Disk;
use fastrand::Rng;
use moments::{Moments, Traced};
use pretty_assertions::assert_eq;

use crate::fault::Work;
use crate::server::Server;
use crate::support::{Process, Trouble};
use crate::{number, side_by_side};

/// What is under way when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// A deployment in the place of another version.
    Over,
    /// A deployment where nothing is deployed.
    First,
    /// A deployment that fails late, and rolls back.
    RolledBack,
    Teardown,
    /// The recovery of a deployment that was killed on its way.
    Recover,
}

pub const CASES: [Case; 5] = [Case::Over, Case::First, Case::RolledBack, Case::Teardown, Case::Recover];

/// Waits to be told to begin, so that nothing is missed.
const STARTER: [&str; 4] = ["sh", "-c", "read -r begin < /srv/begin && exec \"$@\"", "sh"];

/// The moment at which the deployment is killed that is to be recovered.
const LATE: usize = 40;

/// What is lost when a server goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    /// What nobody has waited for until it was on the disk, and what lies in `/run`.
    Unwritten,
    /// What lies in `/run`.
    Run,
    /// Nothing that is a file.
    Nothing,
}

/// How a server goes down, and what it comes up with.
enum Down {
    Unwritten(Disk),
    Run,
    Nothing,
}

/// A server that goes down while something is under way.
struct Powered {
    server: Server,
    down: Down,
}

/// What was begun, and stands still or has ended.
struct Followed {
    work: Work,
    new: &'static str,
    run: Process,
    traced: Traced,
    /// Where it stands still, unless it has ended.
    moment: Option<String>,
}

impl Powered {
    fn start(loss: Loss) -> Self {
        let mut server = Server::start();
        server.vsn.must(["mkfifo", "/srv/begin"]);
        let down = match loss {
            Loss::Unwritten => Down::Unwritten(Disk::below(&server.vsn)),
            Loss::Run => Down::Run,
            Loss::Nothing => Down::Nothing,
        };
        server.observer.moved(&server.vsn);
        Self { server, down }
    }

    fn go_down(&mut self) {
        match &mut self.down {
            Down::Unwritten(disk) => disk.cut(&self.server.vsn),
            Down::Run => self.server.vsn.reboot(),
            Down::Nothing => self.server.vsn.reboot_keeping_run(),
        }
    }

    /// The moments at which more can have happened than at the one before.
    fn moments(&self) -> Moments {
        match &self.down {
            Down::Unwritten(_) => Moments::Changes,
            Down::Run | Down::Nothing => Moments::Records,
        }
    }

    /// Does what the case says up to this moment, has the server go down there, and compares everything once the server has booted. Whether
    /// there was such a moment.
    fn at(&mut self, case: Case, number: usize) -> bool {
        self.prepare(case);
        println!("{case}, moment {number}");
        let Followed { work, new, run, traced, moment } = self.run_to(case, number);
        println!("  {}", moment.as_deref().unwrap_or("after its end"));
        let before = self.server.vsn.containers();
        self.go_down();
        traced.gone();
        let status = run.wait().status;
        if moment.is_none() {
            assert_eq!(status, Some(case.ends_with()), "undisturbed, it ends as it should");
        }
        let finished = self.server.boot();
        self.server.assert_untouched();
        if !finished {
            assert_eq!(before, self.server.vsn.containers(), "what no boot finishes has done nothing");
            self.server.recover();
        }
        match work {
            // What it came to is up to the deployment.
            Work::Recover => self.server.settle(Work::Deploy, new, None, false),
            Work::Deploy | Work::Teardown => self.server.settle(work, new, status, false),
        };
        moment.is_some()
    }

    fn prepare(&mut self, case: Case) {
        match case {
            Case::Over | Case::RolledBack | Case::Teardown | Case::Recover if self.server.version.is_none() => {
                self.server.deploy_undisturbed("v1");
            }
            Case::First if self.server.version.is_some() => {
                let status = self.server.begin(Work::Teardown, "", &[]).wait().status;
                self.server.settle(Work::Teardown, "v1", status, true);
            }
            Case::Over | Case::First | Case::RolledBack | Case::Teardown | Case::Recover => {}
        }
        if case == Case::RolledBack {
            self.server.vsn.trouble_at("start shop-web", Trouble::Fails);
        }
    }

    /// Begins what the case says, and follows it to this moment, or to its end.
    fn run_to(&self, case: Case, number: usize) -> Followed {
        let (new, moments) = (self.server.other_version(), self.moments());
        match case {
            Case::Over | Case::First | Case::RolledBack => self.followed(Work::Deploy, new, moments, number),
            Case::Teardown => self.followed(Work::Teardown, new, moments, number),
            Case::Recover => {
                self.killed(new);
                self.followed(Work::Recover, new, moments, number)
            }
        }
    }

    /// Has a deployment killed where much has come to exist.
    fn killed(&self, new: &'static str) {
        let Followed { work: _, new: _, run, traced, moment } = self.followed(Work::Deploy, new, Moments::Waits, LATE);
        assert!(moment.is_some(), "there is such a moment");
        run.signal("KILL");
        traced.gone();
        assert_eq!(run.wait().status, None);
    }

    fn followed(&self, work: Work, new: &'static str, moments: Moments, number: usize) -> Followed {
        let run = self.server.begin(work, new, &STARTER);
        let traced = Traced::follow(run.leader(), moments, number);
        self.server.vsn.must(["bash", "-c", "echo begin > /srv/begin"]);
        let moment = traced.reached();
        Followed { work, new, run, traced, moment }
    }
}

impl Case {
    /// The exit status where nothing disturbs it.
    fn ends_with(self) -> i32 {
        match self {
            Self::Over | Self::First | Self::Teardown | Self::Recover => 0,
            Self::RolledBack => 4,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unwritten => "and lost what was not waited for",
            Self::Run => "and lost what was in /run",
            Self::Nothing => "and lost nothing, not even what was in /run",
        })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Over => "deploy over another version",
            Self::First => "first deploy",
            Self::RolledBack => "deploy that rolls back",
            Self::Teardown => "teardown",
            Self::Recover => "recover",
        })
    }
}

/// Has the server go down at the moment number `first`, then at every `step`-th, until there is none; how often it went.
fn at_every_moment(loss: Loss, case: Case, (first, step): (usize, usize)) -> u64 {
    let mut powered = Powered::start(loss);
    for (count, number) in (first..).step_by(step).enumerate() {
        if !powered.at(case, number) {
            return count as u64 + 1;
        }
    }
    unreachable!("every program ends")
}

/// Has the server go down so many times, at moments of which most are on the way.
fn at_some_moments(loss: Loss, seed: u64, times: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let mut powered = Powered::start(loss);
    let most = match loss {
        Loss::Unwritten => 150,
        Loss::Run | Loss::Nothing => 60,
    };
    for _ in 0..times {
        let case = random.choice(CASES).unwrap();
        powered.at(case, random.usize(1..most));
    }
    powered.server.deploy_undisturbed(powered.server.other_version());
    times
}

fn at_every_moment_of_every_case(losses: &[Loss]) {
    let step = usize::try_from(number("LANDFALL_TORTURE_STEP", 1)).unwrap();
    let first = usize::try_from(number("LANDFALL_TORTURE_FIRST", 1)).unwrap();
    // Each case in three parts, for the longest one would be waited for alone.
    let cases = losses.iter().flat_map(|loss| CASES.map(|case| (*loss, case)));
    let parts: Vec<(Loss, Case, usize)> =
        cases.flat_map(|(loss, case)| [0, 1, 2].map(|part| (loss, case, part))).collect();
    let went = side_by_side(parts.len() as u64, |number| {
        let (loss, case, part) = parts[usize::try_from(number).unwrap()];
        (loss, case, at_every_moment(loss, case, (first + part * step, 3 * step)))
    });
    let mut times = BTreeMap::new();
    for (loss, case, went) in went {
        *times.entry((loss, case)).or_insert(0) += went;
    }
    for ((loss, case), times) in &times {
        println!("{case}: the server went down {times} times, {loss}");
    }
    println!("times that a server went down: {}", times.values().sum::<u64>());
}

#[test]
fn at_some_moments_that_matter_to_the_disk_the_power_goes_and_the_boot_finishes_what_was_begun() {
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let went: u64 = side_by_side(4, |number| at_some_moments(Loss::Unwritten, seed + number, 2)).sum();
    println!("power cuts: {went}");
}

#[test]
fn at_some_records_the_server_reboots_with_run_emptied_or_kept_and_finishes_what_was_begun() {
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let losses = [Loss::Run, Loss::Nothing];
    let went: u64 = side_by_side(2, |number| {
        let loss = losses[usize::try_from(number).unwrap()];
        at_some_moments(loss, seed + number, 3)
    })
    .sum();
    println!("reboots: {went}");
}

#[test]
#[ignore = "every moment takes half an hour: scripts/torture.sh --power"]
fn at_every_moment_that_matters_to_the_disk_the_power_goes_and_the_boot_finishes_what_was_begun() {
    at_every_moment_of_every_case(&[Loss::Unwritten]);
}

#[test]
#[ignore = "every record takes half an hour: scripts/torture.sh --reboot"]
fn at_every_record_the_server_reboots_with_run_emptied_and_kept_and_finishes_what_was_begun() {
    at_every_moment_of_every_case(&[Loss::Run, Loss::Nothing]);
}
