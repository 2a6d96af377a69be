//! Damage to what is on record: cut off, zeros in its place, a flipped bit. Landfall makes do without it, or says what is damaged and
//! what the cure is; it claims nothing and removes nothing because of what it can't know.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;
use pretty_assertions::assert_eq;

use super::Powered;
use crate::fault::Work;
use crate::server::Server;
use crate::support::Output;
use crate::{number, side_by_side};

/// What there is when the damage is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scene {
    /// A plan that was deployed in the place of an earlier version.
    Deployed,
    /// A deployment that was killed on its way.
    Interrupted,
}

/// What is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Record {
    Saved,
    Previous,
    Last,
    /// That of the newest run.
    Journal,
}

/// How, and from which thousandth of its length on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    CutOff(usize),
    Zeros(usize),
    FlippedBit(usize),
}

#[derive(Debug, Clone, Copy)]
struct Case {
    scene: Scene,
    record: Record,
    damage: Damage,
}

/// Every case: what is in its place only while a deployment is under way has nothing to be damaged.
fn cases() -> Vec<Case> {
    let deployed = [Record::Saved, Record::Previous, Record::Last, Record::Journal].map(|it| (Scene::Deployed, it));
    let interrupted = [Record::Previous, Record::Last, Record::Journal].map(|it| (Scene::Interrupted, it));
    let torn = [0, 300, 600, 900, 999];
    let flipped = (0..10).map(|tenth| Damage::FlippedBit(37 + tenth * 100));
    let damages: Vec<Damage> =
        torn.map(Damage::CutOff).into_iter().chain(torn.map(Damage::Zeros)).chain(flipped).collect();
    let records = deployed.into_iter().chain(interrupted);
    records
        .flat_map(|(scene, record)| damages.iter().map(move |damage| Case { scene, record, damage: *damage }))
        .collect()
}

impl Damage {
    fn to(self, whole: &[u8]) -> Vec<u8> {
        let at = |thousandth: usize| whole.len() * thousandth / 1000;
        let mut bytes = whole.to_vec();
        match self {
            Self::CutOff(from) => bytes.truncate(at(from)),
            Self::Zeros(from) => bytes[at(from)..].fill(0),
            Self::FlippedBit(of) => bytes[at(of)] ^= 1 << (of % 7),
        }
        bytes
    }
}

/// The file of a record, and the bytes in it that tell something.
fn file(server: &Server, record: Record) -> (String, Vec<u8>) {
    let folder = "/var/lib/landfall/shop";
    let path = match record {
        Record::Saved => format!("{folder}/saved.json"),
        Record::Previous => format!("{folder}/previous.json"),
        Record::Last => format!("{folder}/last.json"),
        Record::Journal => format!("{}/journal", server.vsn.runs("shop").last().unwrap()),
    };
    let bytes = server.vsn.read(&path).unwrap_or_else(|| panic!("{path} is there"));
    let told = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (path, bytes[..told].to_vec())
}

/// Damages a record, and compares what follows with what is promised.
fn happens(powered: &mut Powered, case: Case) {
    let Case { scene, record, damage } = case;
    println!("{case}");
    while powered.server.vsn.read("/var/lib/landfall/shop/previous.json").is_none() || powered.server.version.is_none()
    {
        powered.server.deploy_undisturbed(powered.server.other_version());
    }
    let new = powered.server.other_version();
    if scene == Scene::Interrupted {
        powered.killed(new);
    }
    let server = &mut powered.server;
    let (path, whole) = file(server, record);
    server.vsn.write(&path, damage.to(&whole), 0o600);
    let before = server.vsn.described_containers();

    let status = server.vsn.landfall(["status"]);
    let recovered = server.vsn.landfall(["recover"]);

    server.assert_untouched();
    if scene == Scene::Deployed {
        assert_eq!(server.vsn.described_containers(), before, "what is deployed runs on");
    }
    if (scene, record) == (Scene::Deployed, Record::Saved) {
        return unreadable(server, (&path, &whole), &status);
    }
    assert_eq!(recovered.status, Some(0), "{recovered:?}");
    match scene {
        Scene::Deployed => {
            assert!(status.stdout.starts_with("shop: deployed") || status.status == Some(8), "{status:?}");
            let version = server.version;
            server.settle(Work::Recover, new, Some(0), true);
            assert_eq!(server.version, version);
        }
        Scene::Interrupted => {
            assert_eq!(status.status, Some(8), "{status:?}");
            server.settle(Work::Deploy, new, None, false);
        }
    }
}

/// What is deployed can't be known: nothing is done but on purpose.
fn unreadable(server: &mut Server, (path, whole): (&str, &[u8]), status: &Output) {
    let before = server.vsn.described_containers();
    let new = server.other_version();
    let deployment = server.begin(Work::Deploy, new, &[]).wait();
    assert_eq!(deployment.status, Some(1), "{deployment:?}");
    assert_eq!((status.status, status.stdout.as_str()), (Some(1), ""));
    assert_eq!(server.vsn.described_containers(), before, "what is deployed runs on");
    server.assert_untouched();
    for told in [&status.stderr, &deployment.stdout] {
        assert!(told.contains(path) && told.contains("landfall teardown shop"), "{told}");
    }
    if whole.len() % 2 == 0 {
        server.vsn.write(path, whole, 0o600);
        let version = server.version;
        server.settle(Work::Recover, new, Some(0), true);
        assert_eq!(server.version, version);
    } else {
        let teardown = server.begin(Work::Teardown, new, &[]).wait();
        server.settle(Work::Teardown, new, teardown.status, true);
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scene, record, damage } = self;
        write!(formatter, "{scene:?}, {record:?}: {damage:?}")
    }
}

#[test]
fn some_damage_to_what_is_on_record_is_made_do_with_or_told_with_its_cure() {
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let done: u64 = side_by_side(2, |number| {
        let mut random = Rng::with_seed(seed + number);
        let mut powered = Powered::start(super::Loss::Run);
        let some = random.choose_multiple(cases(), 3);
        some.into_iter().map(|case| happens(&mut powered, case)).count() as u64
    })
    .sum();
    println!("damaged: {done}");
}

#[test]
#[ignore = "all damage takes long: scripts/torture.sh --damage"]
fn all_damage_to_what_is_on_record_is_made_do_with_or_told_with_its_cure() {
    const PARTS: usize = 8;
    let done = side_by_side(PARTS as u64, |part| {
        let mut powered = Powered::start(super::Loss::Run);
        let mut times = BTreeMap::new();
        for case in cases().into_iter().skip(usize::try_from(part).unwrap()).step_by(PARTS) {
            happens(&mut powered, case);
            *times.entry((case.scene, case.record)).or_insert(0_u64) += 1;
        }
        times
    });
    let mut times = BTreeMap::new();
    for ((scene, record), count) in done.flatten() {
        *times.entry((scene, record)).or_insert(0_u64) += count;
    }
    for ((scene, record), count) in &times {
        println!("{scene:?}, {record:?}: damaged {count} times");
    }
    println!("damaged: {}", times.values().sum::<u64>());
}
