//! A disk that takes nothing any more in the middle of a run: full, out of inodes, read-only, or with a file that nobody can change;
//! until somebody has cured it, and Landfall recovers.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use pretty_assertions::assert_eq;

use crate::disk::{IMAGES, SPOOL, STATE, deployed, own_disk, with_images_on_own_disk};
use crate::fault::Work;
use crate::scene::Scene;
use crate::server::Server;
use crate::support::{Ended, Vsn};
use crate::{number, side_by_side};

/// What of the server takes nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    State,
    Spool,
    Images,
    Run,
    Temporary,
    Keys,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Full,
    OutOfInodes,
    ReadOnly,
    Immutable,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    place: Place,
    trouble: Trouble,
    /// The words of the call of the engine before which it begins.
    before: &'static str,
}

/// What is tried of each place. That state, spool and images get full is tried byte by byte elsewhere.
const TROUBLES: [(Place, Trouble); 14] = [
    (Place::State, Trouble::OutOfInodes),
    (Place::State, Trouble::ReadOnly),
    (Place::State, Trouble::Immutable),
    (Place::Spool, Trouble::OutOfInodes),
    (Place::Spool, Trouble::ReadOnly),
    (Place::Spool, Trouble::Immutable),
    (Place::Images, Trouble::OutOfInodes),
    (Place::Images, Trouble::ReadOnly),
    (Place::Run, Trouble::Full),
    (Place::Run, Trouble::OutOfInodes),
    (Place::Temporary, Trouble::Full),
    (Place::Temporary, Trouble::ReadOnly),
    (Place::Keys, Trouble::Full),
    (Place::Keys, Trouble::ReadOnly),
];

/// Before the point of no return, just after it, and when much has come to exist.
const MOMENTS: [&str; 3] = ["load --quiet", "rm --force shop-web", "create --name shop-web"];

/// Is there once it has begun.
const BEGAN: &str = "/srv/began";

fn cases(place: Option<Place>) -> impl Iterator<Item = Case> {
    let troubles = TROUBLES.into_iter().filter(move |(of, _)| place.is_none_or(|place| place == *of));
    let all = troubles.flat_map(|(place, trouble)| MOMENTS.map(|before| Case { place, trouble, before }));
    // Keys are installed before anything else is, once.
    all.filter(|case| case.place.has_been_deployed_to() || case.before == MOMENTS[0])
}

impl Place {
    const ALL: [Self; 6] = [Self::State, Self::Spool, Self::Images, Self::Run, Self::Temporary, Self::Keys];

    fn folder(self) -> &'static str {
        match self {
            Self::State => STATE,
            Self::Spool => SPOOL,
            Self::Images => IMAGES,
            Self::Run => "/run",
            Self::Temporary => "/var/tmp",
            Self::Keys => "/root/.ssh",
        }
    }

    /// Whether it is tried over an earlier version. Keys are installed where they are not yet.
    fn has_been_deployed_to(self) -> bool {
        self != Self::Keys
    }

    /// What somebody makes immutable in it.
    fn in_it(self) -> String {
        match self {
            Self::State => format!("{STATE}/shop"),
            Self::Spool => format!("{SPOOL}/root"),
            Self::Images | Self::Run | Self::Temporary | Self::Keys => self.folder().to_owned(),
        }
    }

    /// A server with the first version deployed, whose place is a file system of its own if that is to take nothing.
    fn server(self, immutable: bool) -> Server {
        let own = |options: &str| {
            let mut server = Server::start_prepared(Scene::new(), |vsn| own_disk(vsn, self.folder(), options));
            server.deploy_undisturbed("v1");
            server
        };
        match self {
            Self::State | Self::Spool if immutable => deployed(),
            Self::State => own("size=64m,mode=700"),
            Self::Spool => own("size=1m"),
            Self::Images => with_images_on_own_disk(),
            Self::Run => deployed(),
            Self::Temporary => own("size=4m,mode=1777"),
            Self::Keys => own("size=1m,mode=700"),
        }
    }
}

impl Case {
    fn is_immutable(self) -> bool {
        self.trouble == Trouble::Immutable
    }

    /// In Bash: how it begins, and how it is cured.
    fn scripts(self) -> (String, String) {
        let Self { place, trouble, before: _ } = self;
        let (folder, file) = (place.folder(), place.in_it());
        let limited = |what: &str, column: &str, unit: &str, cure: &str| {
            let used = format!("$(df --block-size=1K --output={column} {folder} | tail -n 1 | tr -d ' ')");
            (
                format!("mount -o remount,{what}={used}{unit} {folder}"),
                format!("mount -o remount,{what}={cure} {folder}"),
            )
        };
        match (trouble, place) {
            // Podman leaves an empty file there whenever it finds no room for one; who makes room removes them.
            (Trouble::Full, Place::Temporary) => {
                let (begins, cure) = limited("size", "used", "k", "4m");
                (begins, format!("{cure}; find {folder} -maxdepth 1 -type f -empty -name '[0-9]*' -delete"))
            }
            (Trouble::Full, _) => limited("size", "used", "k", "64m"),
            (Trouble::OutOfInodes, _) => limited("nr_inodes", "iused", "", "100k"),
            // What is open stays so, as the journal: no system makes that read-only, unless its disk fails.
            (Trouble::ReadOnly, _) => (
                // It is refused while a program that has opened a file since the first mount is still writing to it.
                format!(
                    "mount --rbind {folder} {folder} && until mount -o remount,bind,ro {folder}; do sleep 0.01; done"
                ),
                format!("umount --recursive --lazy {folder}"),
            ),
            (Trouble::Immutable, _) => (format!("chattr +i {file}"), format!("chattr -i {file}")),
        }
    }
}

/// Cures it, whatever becomes of the test: nobody could remove the VSN otherwise.
struct Cured<'a>(&'a Vsn, String);

impl Drop for Cured<'_> {
    fn drop(&mut self) {
        drop(self.0.run(["bash", "-c", &self.1]));
    }
}

/// Deploys the other version while it happens, and compares what follows with what is promised.
fn happens(server: &mut Server, case: Case) {
    match (server.version.is_some(), case.place.has_been_deployed_to()) {
        (false, true) => drop(server.deploy_undisturbed("v1")),
        (true, false) => drop(server.tear_down_undisturbed()),
        (true, true) | (false, false) => {}
    }
    let new = server.other_version();
    let (begins, ends) = case.scripts();
    server.vsn.just_before(case.before, &format!("{{ {begins}; }} && touch {BEGAN}"));
    let cure = Cured(&server.vsn, ends);
    // Where its disk takes nothing any more, Podman hangs in any call, now and then, and in several of them one after another.
    let ended = server.begin(Work::Deploy, new, &["env", "LANDFALL_PATIENCE=0.3"]).wait_for(Duration::from_secs(1200));
    drop(cure);
    assert_eq!(server.vsn.run(["rm", BEGAN]).status, Some(0), "{case}: {ended:?}");
    server.vsn.nobody_meanwhile();
    let Ended { status, outcome, cause, left } = Ended::of(&ended);
    println!("{case}: {status:?} {outcome}, {cause:?}, left: {left:?}");
    server.assert_untouched();
    server.recover();
    // What could not be removed after the commit was told, and goes with the next deployment.
    if status == Some(0) && !left.is_empty() {
        assert_eq!(server.vsn.deploy(), Ended::deployed(), "again");
    }
    server.settle_after(Work::Deploy, new, &ended, true);
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, trouble, before } = self;
        write!(formatter, "{} {trouble:?} before `{before}`", place.folder())
    }
}

#[test]
fn some_disk_that_takes_nothing_any_more_in_a_run_leaves_the_server_deployed_or_containerless() {
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    side_by_side(4, |number| {
        let mut random = Rng::with_seed(seed + number);
        let case = random.choice(cases(None).collect::<Vec<_>>()).unwrap();
        happens(&mut case.place.server(case.is_immutable()), case);
    })
    .for_each(drop);
}

#[test]
#[ignore = "every disk at every moment takes long: scripts/torture.sh --disk"]
fn every_disk_that_takes_nothing_any_more_in_a_run_leaves_the_server_deployed_or_containerless() {
    let only = std::env::var("LANDFALL_TORTURE_CASES").unwrap_or_default();
    let done: usize = side_by_side(Place::ALL.len() as u64 * 2, |part| {
        let (place, immutable) = (Place::ALL[usize::try_from(part / 2).unwrap()], part % 2 == 1);
        let some =
            cases(Some(place)).filter(|case| case.is_immutable() == immutable && case.to_string().contains(&only));
        let some: Vec<Case> = some.collect();
        if some.is_empty() {
            return 0;
        }
        let mut server = place.server(immutable);
        some.iter().for_each(|case| happens(&mut server, *case));
        some.len()
    })
    .sum();
    println!("disks that took nothing: {done}");
}
