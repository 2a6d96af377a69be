//! Somebody works on the engine while Landfall does: removes what is ours, tidies up, resets everything.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::canaries::{Canaries, Way};
use crate::fault::Work;
use crate::scene;
use crate::support::{Crontab, Ended, Entry, Output, PLAN, Process, SECRETS, Vsn};

/// What somebody does, as a person would type it. The last ones hit everybody's things.
const ACTS: [&str; 7] = [
    "podman rm --all --force --time 0",
    "podman network prune --force",
    "podman volume prune --force",
    "podman secret rm --all",
    "podman rmi --all --force",
    "podman system prune --all --force --volumes",
    "podman system reset --force",
];

/// Calls of the engine before which it is done, by words of their command lines; each with the work that makes them.
const MOMENTS: [(Work, &str); 12] = [
    (Work::Deploy, "load --quiet"),
    (Work::Deploy, "rm --force shop-web"),
    (Work::Deploy, "network create"),
    (Work::Deploy, "secret create"),
    (Work::Deploy, "create --name shop-db"),
    (Work::Deploy, "start shop-db"),
    (Work::Deploy, "create --name shop-web"),
    (Work::Deploy, "start shop-web"),
    (Work::Deploy, "exec --env"),
    (Work::Teardown, "rm --force shop-web"),
    (Work::Teardown, "network rm"),
    (Work::Recover, "rm --force shop-web"),
];

/// A server of the plan alone: whose things are removed by somebody's own hand is nobody's business here.
struct Alone {
    vsn: Vsn,
    data: Vec<Entry>,
    floor: BTreeMap<&'static str, String>,
}

/// What a server looks like that has no containers: by what is looked at, sorted.
const LOOKS: [(&str, &str); 4] = [
    ("rules", "iptables-save | grep -- '-A NETAVARK.*dnat name\\|-j NETAVARK-DN' | sort"),
    ("interfaces", "ls /sys/class/net"),
    ("listeners", "ss -Hltn | awk '{ print $4 }' | sort"),
    ("processes", "ps -eo comm= | grep -v '^\\(ps\\|grep\\|sort\\|bash\\|sleep\\|awk\\|nsenter\\)$' | sort"),
];

/// The plan without mail: there is no server for it.
fn plan(version: &str) -> Value {
    let mut plan = scene::plan(version);
    plan["maintenance"].as_object_mut().unwrap().remove("mail");
    plan
}

impl Alone {
    /// With the first version deployed, and data in it.
    fn start() -> Self {
        let vsn = Vsn::start();
        vsn.must([
            "bash",
            "-c",
            "umask 022; mkdir -p /srv/shop/db /srv/shop/migrations; touch /srv/shop/migrations/rows",
        ]);
        vsn.must(["bash", "-c", "chown 999:999 /srv/shop/db; chmod 700 /srv/shop/db; seq 1000 > /srv/shop/db/table"]);
        assert_eq!(vsn.run_with_input(["crontab", "-"], scene::CRONTAB).status, Some(0));
        let mut secrets = Canaries::new().secrets_file();
        secrets.as_object_mut().unwrap().remove(Way::Mail.name());
        vsn.write_secrets(&secrets);
        let floor = floor(&vsn);
        let data = vsn.manifest("/srv/shop");
        let alone = Self { vsn, data, floor };
        alone.deploys("v1");
        alone
    }

    /// Deploys with nobody in the way, which must succeed.
    fn deploys(&self, version: &str) {
        self.vsn.write_plan(&plan(version));
        assert_eq!(self.vsn.deploy(), Ended::deployed());
        assert_eq!(self.vsn.must(["curl", "--silent", "http://127.0.0.1:8080/version"]), format!("{version}\n"));
        self.assert_kept();
    }

    fn begin(&self, work: Work) -> Process {
        match work {
            Work::Deploy => {
                self.vsn.write_plan(&plan("v2"));
                self.vsn.start_landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"])
            }
            Work::Teardown => self.vsn.start_landfall(["teardown", "shop"]),
            Work::Recover => self.vsn.start_landfall(["recover"]),
        }
    }

    /// Data, and the lines of others in the crontab.
    fn assert_kept(&self) {
        assert_eq!(self.vsn.manifest("/srv/shop"), self.data);
        let Crontab::Present(crontab) = self.vsn.crontab() else { panic!("the crontab is gone") };
        assert!(crontab.starts_with(scene::CRONTAB), "{crontab}");
    }

    /// Whatever somebody did while `work` was done: what the program said is true, and what it left can be finished.
    fn settles(&self, work: Work, ended: &Output, context: &str) {
        self.assert_kept();
        let recovered = self.vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{context}: {recovered:?}");
        let (status, states) = self.vsn.states();
        let state = states.get("shop").map(String::as_str);
        println!("{context}: {:?}, {state:?} with status {status:?}", ended.status);
        match (work, ended.status, state) {
            // Somebody took the containers of a deployed plan: that is told as long as they are gone.
            (Work::Deploy, Some(0 | 1 | 3), Some("deployed")) | (Work::Recover, Some(_), Some("deployed")) => {}
            (Work::Deploy | Work::Recover, Some(4 | 5) | None, Some("failed"))
            | (Work::Recover, Some(0), Some("failed"))
            | (Work::Teardown, Some(0 | 5), Some("containerless")) => self.assert_containerless(context),
            other => panic!("{context}: {other:?}: {ended:?}"),
        }
        if state == Some("deployed") {
            // That the one-shot has completed is on record, whether its container is there or not.
            let running = self.vsn.running_containers();
            let whole = running == ["shop-db", "shop-web"];
            assert_eq!(status, Some(if whole { 0 } else { 8 }), "{context}: {running:?}");
        }
        self.assert_kept();
        self.deploys("v1");
    }

    fn assert_containerless(&self, context: &str) {
        let left = [self.vsn.containers(), self.vsn.networks(), self.vsn.secrets()].concat();
        assert_eq!(left, [] as [&str; 0], "{context}");
        let ours: Vec<_> = self.vsn.images().into_iter().filter(|image| image.contains("landfall")).collect();
        assert_eq!(ours, [] as [&str; 0], "{context}");
        assert_eq!(self.vsn.crontab(), Crontab::Present(scene::CRONTAB.to_owned()), "{context}");
        assert_eq!(floor(&self.vsn), self.floor, "{context}");
    }
}

fn floor(vsn: &Vsn) -> BTreeMap<&'static str, String> {
    LOOKS.iter().map(|(name, look)| (*name, vsn.run(["bash", "-c", look]).stdout)).collect()
}

/// What comes of an act at a moment, on a server with the plan deployed.
fn at(alone: &Alone, (work, words): (Work, &str), act: &str) {
    let context = format!("`{act}` before `{words}` of {work}");
    if work == Work::Recover {
        // A run that is killed leaves work for a recovery.
        alone.vsn.just_before("start shop-web", "kill -KILL $(pgrep -x landfall)");
        alone.begin(Work::Deploy).wait();
    }
    alone.vsn.just_before(words, act);
    let ended = alone.begin(work).wait();
    assert!(alone.vsn.it_happened(), "{context}: {ended:?}");
    alone.vsn.nobody_meanwhile();
    alone.settles(work, &ended, &context);
}

#[test]
fn whatever_somebody_removes_by_hand_on_the_way_it_ends_deployed_or_containerless_and_data_is_untouched() {
    // Each act, at moments far apart.
    let cases: Vec<_> =
        (0..ACTS.len()).map(|number| (MOMENTS[number * MOMENTS.len() / ACTS.len()], ACTS[number])).collect();
    std::thread::scope(|scope| {
        for half in cases.chunks(ACTS.len().div_ceil(2)) {
            scope.spawn(move || {
                let alone = Alone::start();
                half.iter().for_each(|(moment, act)| at(&alone, *moment, act));
            });
        }
    });
}

#[test]
#[ignore = "every act at every moment takes long: scripts/torture.sh --engine"]
fn every_act_of_somebody_at_every_moment_ends_deployed_or_containerless_and_data_is_untouched() {
    let tried: usize = crate::side_by_side(ACTS.len() as u64, |act| {
        let alone = Alone::start();
        for moment in MOMENTS {
            at(&alone, moment, ACTS[usize::try_from(act).unwrap()]);
        }
        MOMENTS.len()
    })
    .sum();
    println!("acts of somebody else: {tried}");
}

/// Over and over, as a script would that somebody left running.
#[test]
fn somebody_who_never_stops_removing_keeps_nothing_from_being_cleaned_up() {
    let alone = Alone::start();
    for (work, act) in [(Work::Deploy, ACTS[5]), (Work::Teardown, ACTS[0])] {
        let forever = format!("while :; do {act}; done > /dev/null 2>&1");
        let somebody = alone.vsn.start_process(["bash", "-c", &forever]);
        let ended = alone.begin(work).wait();
        drop(somebody);
        alone.settles(work, &ended, &format!("`{act}` all the time during {work}"));
    }
}
