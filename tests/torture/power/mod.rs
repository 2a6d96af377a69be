//! Power cuts at every moment that matters to the disk: before and after each wait for it. What was not waited for is lost.

mod disk;
mod tracer;

use std::collections::BTreeMap;
use std::fmt;

use disk::Disk;
use fastrand::Rng;
use pretty_assertions::assert_eq;
use tracer::{Moments, Traced};

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

/// How many cuts come over one server.
const CUTS_OF_A_STORY: u64 = 2;

/// No program has many more moments.
const MOST: usize = 150;

/// The moment at which the deployment is killed that is to be recovered.
const LATE: usize = 40;

/// A server whose state is on a disk of its own.
struct Powered {
    server: Server,
    disk: Disk,
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
    fn start() -> Self {
        let server = Server::start();
        server.vsn.must(["mkfifo", "/srv/begin"]);
        let disk = Disk::below(&server.vsn);
        Self { server, disk }
    }

    /// Does what the case says up to this moment, cuts the power there, and compares everything once the server has booted. Whether
    /// there was such a moment.
    fn at(&mut self, case: Case, moments: Moments, number: usize) -> bool {
        self.prepare(case);
        println!("{case}, moment {number}");
        let Followed { work, new, run, traced, moment } = self.run_to(case, moments, number);
        println!("  {}", moment.as_deref().unwrap_or("after its end"));
        let before = self.server.vsn.containers();
        self.disk.cut(&self.server.vsn);
        traced.gone();
        let status = run.wait().status;
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
    fn run_to(&self, case: Case, moments: Moments, number: usize) -> Followed {
        let new = self.server.other_version();
        match case {
            Case::Over | Case::First | Case::RolledBack => self.followed(Work::Deploy, new, moments, number),
            Case::Teardown => self.followed(Work::Teardown, new, moments, number),
            Case::Recover => {
                // Much has come to exist by then.
                let Followed { work: _, new, run, traced, moment } =
                    self.followed(Work::Deploy, new, Moments::Waits, LATE);
                assert!(moment.is_some(), "there is such a moment");
                run.signal("KILL");
                traced.gone();
                assert_eq!(run.wait().status, None);
                self.followed(Work::Recover, new, moments, number)
            }
        }
    }

    fn followed(&self, work: Work, new: &'static str, moments: Moments, number: usize) -> Followed {
        let run = self.server.begin(work, new, &STARTER);
        let traced = Traced::follow(run.id(), moments, number);
        self.server.vsn.must(["bash", "-c", "echo begin > /srv/begin"]);
        let moment = traced.reached();
        Followed { work, new, run, traced, moment }
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

/// Cuts the power at the moment number `first`, then at every `step`-th, until there is none; how often it was cut.
fn at_every_moment(case: Case, moments: Moments, (first, step): (usize, usize)) -> u64 {
    let mut powered = Powered::start();
    for (count, number) in (first..).step_by(step).enumerate() {
        if !powered.at(case, moments, number) {
            return count as u64 + 1;
        }
    }
    unreachable!("every program ends")
}

/// Cuts the power so many times, at moments of which most are on the way.
fn at_some_moments(seed: u64, times: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let mut powered = Powered::start();
    for _ in 0..times {
        let case = random.choice(CASES).unwrap();
        powered.at(case, Moments::Changes, random.usize(1..MOST));
    }
    powered.server.deploy_undisturbed(powered.server.other_version());
    times
}

#[test]
fn at_some_moments_that_matter_to_the_disk_the_power_goes_and_the_boot_finishes_what_was_begun() {
    let stories = number("LANDFALL_TORTURE_POWER", 8).div_ceil(CUTS_OF_A_STORY);
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let cut: u64 = side_by_side(stories, |number| at_some_moments(seed + number, CUTS_OF_A_STORY)).sum();
    println!("power cuts: {cut}");
}

#[test]
#[ignore = "every moment takes half an hour: scripts/torture.sh --power"]
fn at_every_moment_that_matters_to_the_disk_the_power_goes_and_the_boot_finishes_what_was_begun() {
    let step = usize::try_from(number("LANDFALL_TORTURE_STEP", 1)).unwrap();
    let first = 1 + usize::try_from(number("LANDFALL_TORTURE_SEED", 0)).unwrap() % step;
    // Each case in three parts, for the longest one would be waited for alone.
    let parts: Vec<(Case, usize)> = CASES.into_iter().flat_map(|case| [0, 1, 2].map(|part| (case, part))).collect();
    let cut = side_by_side(parts.len() as u64, |number| {
        let (case, part) = parts[usize::try_from(number).unwrap()];
        (case, at_every_moment(case, Moments::Changes, (first + part * step, 3 * step)))
    });
    let mut times = BTreeMap::new();
    for (case, cut) in cut {
        *times.entry(case).or_insert(0) += cut;
    }
    for (case, times) in &times {
        println!("{case}: the power was cut {times} times");
    }
    println!("power cuts: {}", times.values().sum::<u64>());
}
