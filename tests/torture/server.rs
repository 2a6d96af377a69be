//! A server over which faults come: what is done to it, and the end that is promised for how it went.

use pretty_assertions::assert_eq;

use crate::fault::Work;
use crate::observer::{
    Floor, Others, acts_at_boot, assert_nothing_to_recover, assert_settled, assert_strangers_answer, assert_untouched,
    state,
};
use crate::scene;
use crate::support::{Ended, PLAN, Process, SECRETS, Vsn, eventually};

/// A throw-away VSN, and what it must look like.
pub struct Server {
    pub vsn: Vsn,
    others: Others,
    floor: Floor,
    /// What runs, if something of ours does.
    pub version: Option<&'static str>,
}

impl Server {
    /// With the strangers and the data, and nothing of ours.
    pub fn start() -> Self {
        let vsn = scene::server();
        let (others, floor) = (Others::of(&vsn), Floor::of(&vsn));
        Self { vsn, others, floor, version: None }
    }

    /// The version that does not run.
    pub fn other_version(&self) -> &'static str {
        if self.version == Some("v2") { "v1" } else { "v2" }
    }

    /// Begins the work; a deployment is of `new`. The program is started by `starter`, a command and its first arguments.
    pub fn begin(&self, work: Work, new: &str, starter: &[&str]) -> Process {
        let arguments: &[&str] = match work {
            Work::Deploy => {
                self.vsn.write_plan(&scene::plan(new));
                &["deploy", PLAN, "--secrets", SECRETS, "--format", "json"]
            }
            Work::Teardown => &["teardown", "shop"],
            Work::Recover => &["recover"],
        };
        let program = [env!("CARGO_BIN_EXE_landfall")];
        self.vsn.start_process(starter.iter().chain(&program).chain(arguments).copied())
    }

    /// Deploys with nothing in the way, which must succeed.
    pub fn deploy_undisturbed(&mut self, version: &'static str) {
        self.vsn.write_plan(&scene::plan(version));
        assert_eq!(self.vsn.deploy(), Ended::deployed());
        self.version = Some(version);
        assert_settled(&self.vsn, &self.others, &self.floor, &[version]);
    }

    /// What is promised of every moment.
    pub fn assert_untouched(&self) {
        assert_untouched(&self.vsn, &self.others);
    }

    /// Recovers, with nothing in the way.
    pub fn recover(&self) {
        let recovered = self.vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{recovered:?}");
    }

    /// What follows a power cut: cron runs what is to be run at a boot, and the strangers' container is started by its owner. Whether
    /// there was something to be run.
    pub fn boot(&mut self) -> bool {
        self.vsn.must(["podman", "start", "other"]);
        // It was started anew, and nothing of ours was yet.
        self.others = Others::of(&self.vsn);
        self.floor = Floor::of(&self.vsn);
        if !acts_at_boot(&self.vsn) {
            return false;
        }
        let _syslog = self.vsn.syslog();
        let _cron = self.vsn.cron();
        let vsn = &self.vsn;
        let is_over = || {
            let lock_is_free = || vsn.run(["flock", "--nonblock", "/run/landfall.lock", "true"]).status == Some(0);
            match state(vsn).as_deref() {
                Some("deployed") => vsn.landfall(["status"]).status == Some(0) && lock_is_free(),
                Some("interrupted") => false,
                Some(_) | None => lock_is_free(),
            }
        };
        let log = Unless { over: false, vsn };
        eventually("the boot has finished what the power cut left", is_over);
        log.over();
        true
    }

    /// Compares everything with what was promised for how it went, once it is recovered: the program ended with `status`, or, where
    /// that is `None`, was ended; `listened` says whether it can have done so by itself. The state that it came to.
    pub fn settle(&mut self, work: Work, new: &'static str, status: Option<i32>, listened: bool) -> String {
        let old = self.version;
        let versions: Vec<&'static str> = old.into_iter().chain([new]).collect();
        let state = assert_settled(&self.vsn, &self.others, &self.floor, &versions);
        assert_nothing_to_recover(&self.vsn);
        assert_strangers_answer(&self.vsn);
        let running =
            (state == "deployed").then(|| self.vsn.must(["curl", "--silent", "http://127.0.0.1:8080/version"]));
        let running = running.as_deref().map(str::trim);
        println!("  status {status:?}: {state} {running:?}");
        self.version = versions.iter().find(|version| Some(**version) == running).copied();
        match (work, status) {
            (Work::Deploy, Some(0)) => assert_eq!((state.as_str(), self.version), ("deployed", Some(new))),
            (Work::Teardown, Some(0)) => assert_eq!((state.as_str(), self.version), ("containerless", None)),
            (Work::Recover, Some(0 | 5)) | (Work::Deploy | Work::Teardown, Some(5)) => {}
            (_, Some(4)) => assert_eq!((state.as_str(), self.version), ("failed", None)),
            (_, None) if !listened => {}
            // It was refused, or failed or was ended before it began.
            (_, None | Some(1 | 3)) => assert_eq!(self.version, old, "nothing was changed"),
            (_, Some(other)) => panic!("it ended with exit status {other}"),
        }
        state
    }
}

/// Tells what the server logged, unless what was waited for came about.
struct Unless<'a> {
    over: bool,
    vsn: &'a Vsn,
}

impl Unless<'_> {
    fn over(mut self) {
        self.over = true;
    }
}

impl Drop for Unless<'_> {
    fn drop(&mut self) {
        if !self.over {
            println!("{}\n{}", self.vsn.landfall(["status"]).stdout, self.vsn.log_lines("syslog", "").join("\n"));
            println!("{:?}\n{:?}", self.vsn.crontab(), self.vsn.described_containers());
        }
    }
}
