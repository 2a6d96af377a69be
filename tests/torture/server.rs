//! A server over which faults come: what is done to it, and the end that is promised for how it went.

use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;

use crate::fault::Work;
use crate::observer::{Look, Observer, acts_at_boot, lives_of_ours, state, untrue, what_changed};
use crate::scene::{self, Scene};
use crate::support::{Ended, Output, PLAN, Process, SECRETS, Vsn, eventually_or};

/// A throw-away VSN, and what it must look like.
pub struct Server {
    pub vsn: Vsn,
    pub observer: Observer,
    /// What runs, if something of ours does.
    pub version: Option<&'static str>,
    /// The saved plan and the lives of our containers since a run last ended: they go on as long as that plan is saved. None after a boot.
    settled: Option<(Vec<u8>, Vec<String>)>,
}

impl Server {
    /// With the strangers and the data, and nothing of ours.
    pub fn start() -> Self {
        Self::start_as(Scene::new())
    }

    pub fn start_as(scene: Scene) -> Self {
        Self::start_prepared(scene, |_| {})
    }

    /// As [`Server::start_as`], where this is done to the VSN before anybody looks at it.
    pub fn start_prepared(scene: Scene, prepare: impl FnOnce(&Vsn)) -> Self {
        let vsn = scene::server(&scene);
        prepare(&vsn);
        let observer = Observer::of(&vsn, scene);
        Self { vsn, observer, version: None, settled: None }
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

    /// Deploys with nothing in the way, which must succeed. How long it took.
    pub fn deploy_undisturbed(&mut self, version: &'static str) -> Duration {
        self.vsn.write_plan(&scene::plan(version));
        let began = Instant::now();
        assert_eq!(self.vsn.deploy(), Ended::deployed());
        let took = began.elapsed();
        let look = self.observer.look(&self.vsn);
        assert_eq!(self.observer.assert_settled(&self.vsn, &look, &[version]), "deployed");
        self.remember(&look, Some(version));
        took
    }

    /// Tears down with nothing in the way, which must succeed. How long it took.
    pub fn tear_down_undisturbed(&mut self) -> Duration {
        let began = Instant::now();
        let ended = self.begin(Work::Teardown, "", &[]).wait();
        let took = began.elapsed();
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let look = self.observer.look(&self.vsn);
        assert_eq!(self.observer.assert_settled(&self.vsn, &look, &[]), "containerless");
        self.remember(&look, None);
        took
    }

    fn remember(&mut self, look: &Look, version: Option<&'static str>) {
        self.version = version;
        self.settled = look.saved.clone().map(|saved| (saved, lives_of_ours(look)));
    }

    /// What of the promises is broken, whatever the state is that Landfall says it to be in.
    pub fn broken(&self) -> Vec<String> {
        let versions: Vec<_> = self.version.into_iter().collect();
        self.observer.broken(&self.vsn, &self.observer.look(&self.vsn), &versions).1
    }

    /// What is wrong about what work that ended with status 5 says is left, where nothing of ours may be.
    pub fn wrong_about_what_is_left(&self, work: Work, ended: &Output) -> Vec<String> {
        let look = self.observer.look(&self.vsn);
        // What was deployed before, and was not given up, is nothing that is left.
        if self.settled.as_ref().is_some_and(|(saved, _)| look.saved.as_ref() == Some(saved)) {
            return Vec::new();
        }
        self.observer.wrong_about_what_is_left(&look, work, ended)
    }

    /// What is promised of every moment.
    pub fn assert_untouched(&self) {
        let look = self.observer.look(&self.vsn);
        self.observer.assert_untouched(&look);
        self.assert_old_runs(&look);
    }

    /// As long as a plan is saved its containers run on: the very ones, never restarted.
    fn assert_old_runs(&self, look: &Look) {
        if let Some((saved, lives)) = &self.settled
            && look.saved.as_ref() == Some(saved)
        {
            assert_eq!(&lives_of_ours(look), lives, "what was deployed before, which was not given up");
        }
    }

    /// Recovers, with nothing in the way.
    pub fn recover(&self) {
        let recovered = self.vsn.landfall(["recover"]);
        assert_eq!(recovered.status, Some(0), "{recovered:?}");
    }

    /// What follows a power cut: cron runs what is to be run at a boot, and the strangers' things are started by their owners. Whether
    /// there was something to be run.
    pub fn boot(&mut self) -> bool {
        scene::strangers_begin(&self.vsn);
        // They were started anew, and nothing of ours was yet.
        self.observer.booted(&self.vsn);
        self.settled = None;
        if !acts_at_boot(&self.vsn) {
            return false;
        }
        // Where `/run` was kept, the numbers in it may be those of other processes by now; a boot removes them.
        self.vsn.must(["rm", "--force", "/run/rsyslogd.pid", "/run/crond.pid"]);
        let _syslog = self.vsn.syslog();
        let _cron = self.vsn.cron();
        let vsn = &self.vsn;
        let is_over = || {
            // Whoever has finished may have a mail to send.
            if vsn.run(["pgrep", "--full", "/var/lib/landfall/shop/recover"]).status == Some(0) {
                return false;
            }
            let lock_is_free = || vsn.run(["flock", "--nonblock", "/run/landfall.lock", "true"]).status == Some(0);
            match state(vsn).as_deref() {
                Some("deployed") => vsn.landfall(["status"]).status == Some(0) && lock_is_free(),
                Some("interrupted") => false,
                Some(_) | None => lock_is_free(),
            }
        };
        eventually_or(|| told(vsn), "the boot has finished what the power cut left", is_over);
        true
    }

    /// Compares everything with what was promised for how it went, once it is recovered: the program ended with `status`, or, where
    /// that is `None`, was ended; `listened` says whether it can have done so by itself. The state that it came to.
    pub fn settle(&mut self, work: Work, new: &'static str, status: Option<i32>, listened: bool) -> String {
        let old = self.version;
        let versions: Vec<&'static str> = old.into_iter().chain([new]).collect();
        let look = self.observer.look(&self.vsn);
        let state = self.observer.assert_settled(&self.vsn, &look, &versions);
        self.assert_old_runs(&look);
        self.assert_nothing_to_recover(&look);
        println!("  status {status:?}: {state} {:?}", look.answers.0);
        let version = versions.iter().find(|version| state == "deployed" && **version == look.answers.0).copied();
        self.remember(&look, version);
        match (work, status) {
            (Work::Deploy, Some(0)) => assert_eq!((state.as_str(), version), ("deployed", Some(new))),
            (Work::Deploy, Some(7)) => {
                assert_eq!((state.as_str(), version, version.is_some()), ("deployed", old, true), "what was before");
            }
            (Work::Teardown, Some(0)) => assert_eq!((state.as_str(), version), ("containerless", None)),
            (Work::Recover, Some(0 | 5)) | (Work::Deploy | Work::Teardown, Some(5)) => {}
            (_, Some(4)) => assert_eq!((state.as_str(), version), ("failed", None)),
            (_, None) if !listened => {}
            // It was refused, or failed or was ended before it began.
            (_, None | Some(1 | 3)) => assert_eq!(version, old, "nothing was changed"),
            (_, Some(other)) => panic!("it ended with exit status {other}"),
        }
        state
    }

    /// As [`Server::settle`], and holds what the program said against what was seen.
    pub fn settle_after(&mut self, work: Work, new: &'static str, ended: &Output, listened: bool) -> String {
        let state = self.settle(work, new, ended.status, listened);
        assert_eq!(untrue(work, ended, &state), [] as [String; 0]);
        state
    }

    /// A recovery has nothing to do, says nothing and changes nothing; and what runs of ours was not restarted meanwhile.
    fn assert_nothing_to_recover(&self, look: &Look) {
        let recovered = self.vsn.landfall(["recover"]);
        assert_eq!(recovered, Output { status: Some(0), stdout: String::new(), stderr: String::new() });
        assert_eq!(what_changed(look, &self.observer.look(&self.vsn)), [] as [String; 0], "by a second recovery");
    }
}

/// What the server says of itself.
fn told(vsn: &Vsn) -> String {
    let (status, log) = (vsn.landfall(["status"]).stdout, vsn.log_lines("syslog", ""));
    format!("{status}\n{}\n{:?}\n{:?}", log.join("\n"), vsn.crontab(), vsn.described_containers())
}
