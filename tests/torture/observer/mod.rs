//! Looks at the engine, the processes, the firewall, the files and the crontab, and doesn't trust Landfall. What is promised is said here,
//! as lists of what breaks it: none, or the test fails.

mod asked;
mod crontab;
mod differences;
mod disk;
mod engine;
mod left;
mod look;
mod network;
mod processes;
mod records;
mod secrets;
mod told;
mod twin;
mod volatile;

use std::collections::BTreeSet;
use std::path::Path;

use pretty_assertions::assert_eq;
use serde_json::Value;

use differences::{added, differences, missing};
pub use engine::Container;
pub use look::Look;
pub use secrets::Found;
pub use told::untrue;

use crate::canaries::{WAYS, Way};
use crate::fault::Work;
use crate::scene::{KNOWN_HOST, Scene};
use crate::support::{Crontab, Entry, Output, SECRETS, Vsn};

/// Knows what a server looked like with nothing of ours.
pub struct Observer {
    scene: Scene,
    before: Look,
    /// Whether somebody has killed the monitor of a container since the last boot.
    monitors_were_killed: bool,
}

impl Observer {
    pub fn of(vsn: &Vsn, scene: Scene) -> Self {
        let before = Look::at(vsn, &scene.canaries);
        let observer = Self { scene, before, monitors_were_killed: false };
        observer.assert_containerless(&observer.before);
        observer
    }

    pub fn look(&self, vsn: &Vsn) -> Look {
        let mut look = Look::at(vsn, &self.scene.canaries);
        if self.monitors_were_killed {
            volatile::without_lost_records(&mut look.volatile, &look.containers);
        }
        look
    }

    /// What is wrong about what a run that ended with status 5 says is left, where nothing of ours may be.
    pub fn wrong_about_what_is_left(&self, look: &Look, work: Work, ended: &Output) -> Vec<String> {
        left::wrong(work, ended, look, &self.before)
    }

    /// Where pieces of the secrets are in the files of this folder, each named as the file is.
    pub fn secrets_in(&self, folder: &Path) -> Vec<Found> {
        let found = secrets::pieces_in(&[folder.to_owned()], &folder.with_file_name("pieces"), &self.scene.canaries);
        let place = |place: &str| Path::new(place).strip_prefix(folder).unwrap().display().to_string();
        found.into_iter().map(|Found { place: path, way }| Found { place: place(&path), way }).collect()
    }

    /// From now on, until a boot, the runtime may have a record of a container that is gone: without its monitor nobody tells it.
    pub fn a_monitor_was_killed(&mut self) {
        self.monitors_were_killed = true;
    }

    /// After the strangers' files were moved to another disk, with nothing of ours there.
    pub fn moved(&mut self, vsn: &Vsn) {
        let look = self.look(vsn);
        self.assert_containerless(&look);
        self.before = look;
    }

    /// After a boot, when the strangers' things were started anew, and nothing of ours was yet.
    pub fn booted(&mut self, vsn: &Vsn) {
        let look = self.look(vsn);
        let (now, before) = (disk::strangers(&look.disk, &self.before.disk, false), self.strangers_files(false));
        assert_eq!(differences("file of others after the boot", &before, &now), [] as [String; 0]);
        let (ours, theirs): (Vec<_>, Vec<_>) = look.containers.into_iter().partition(Container::is_ours);
        self.before.containers = theirs;
        let Look {
            mut rules,
            mut interfaces,
            listeners,
            processes,
            mut volatile,
            volatile_of_others,
            shared_memory,
            mut mounts,
            ..
        } = look;
        // The engine makes them at once for every container that it has.
        volatile.retain(|path| !ours.iter().any(|container| path.contains(&container.id)));
        // Where `/run` was kept, what we had in it is there, and no part of how a server is without us.
        volatile.retain(|path| !path.starts_with("landfall/"));
        mounts.retain(|path| !ours.iter().any(|container| path.contains(&container.id)));
        (self.before.volatile_of_others, self.before.shared_memory) = (volatile_of_others, shared_memory);
        self.before.mounts = mounts;
        self.monitors_were_killed = false;
        // Docker's daemon makes every bridge when it starts, that of our network too.
        let bridges = engine::bridges_beside(&look.networks, &self.before.networks);
        let is_ours = |line: &String| bridges.iter().any(|bridge| line.contains(bridge.as_str()));
        rules.retain(|rule| !is_ours(rule));
        interfaces.retain(|interface| !is_ours(interface));
        (self.before.rules, self.before.interfaces, self.before.listeners) = (rules, interfaces, listeners);
        (self.before.processes, self.before.volatile) = (processes, volatile);
        // What the engine keeps for the strangers was written anew; what else there was stays what it was.
        let kept = |entry: &Entry| !disk::is_the_engines(&entry.path);
        let known: BTreeSet<String> = self.before.disk.iter().map(|entry| entry.path.clone()).collect();
        self.before.disk.retain(kept);
        let engines = look.disk.into_iter().filter(|entry| !kept(entry) && known.contains(&entry.path));
        self.before.disk.extend(engines);
    }

    fn strangers_files(&self, engine: bool) -> Vec<String> {
        disk::strangers(&self.before.disk, &self.before.disk, engine)
    }

    /// What is promised of every moment: what is not ours is as it was, and no secret is where it must not be.
    pub fn broken_at_any_moment(&self, look: &Look) -> Vec<String> {
        let before = &self.before;
        let mut broken = differences("container of others", &lives_of_others(before), &lives_of_others(look));
        for container in before.containers.iter().filter(|container| !container.is_ours()) {
            let now = look.containers.iter().find(|now| now.id == container.id).map(Container::whole);
            let what = format!("in what the engine says of {}", container.name);
            broken.extend(now.iter().flat_map(|now| differences(&what, &container.whole(), now)));
        }
        let not_ours = |line: &&String| !line.contains("localhost/landfall/") && !line.starts_with("<none>");
        let images = |look: &Look| look.images.iter().filter(not_ours).cloned().collect::<Vec<_>>();
        broken.extend(differences("image of others", &images(before), &images(look)));
        broken.extend(missing("image of others", &before.images, &look.images));
        broken.extend(missing("network of others", &before.networks, &look.networks));
        broken.extend(differences("volume", &before.volumes, &look.volumes));
        broken.extend(missing("secret of others", &before.secrets, &look.secrets));
        broken.extend(missing("value of a secret of others", &before.secret_values, &look.secret_values));
        broken.extend(missing("rule of others", &before.rules, &look.rules));
        broken.extend(missing("interface of others", &before.interfaces, &look.interfaces));
        broken.extend(missing("listener of others", &before.listeners, &look.listeners));
        broken.extend(missing("process of others", &before.processes, &look.processes));
        let files = disk::strangers(&look.disk, &before.disk, true);
        broken.extend(differences("file of others", &self.strangers_files(true), &files));
        let volatile = (&before.volatile_of_others, &look.volatile_of_others);
        broken.extend(differences("path of others in /run", volatile.0, volatile.1));
        broken.extend(missing("shared memory of others", &before.shared_memory, &look.shared_memory));
        broken.extend(missing("mount of others", &before.mounts, &look.mounts));
        if look.answers.1 != "v1" {
            broken.push(format!("the strangers' server answers {:?}", look.answers.1));
        }
        match crontab::of_others(&look.crontab) {
            Err(problem) => broken.push(problem),
            Ok(of_others) if of_others != self.scene.crontab => {
                broken.push(format!("the crontab of others is {of_others:?}"));
            }
            Ok(_) => {}
        }
        if let Some(entry) = look.entry("/var/spool/cron/crontabs/root")
            && (entry.mode, entry.owner.0) != (0o600, 0)
        {
            broken.push(format!("the crontab is not root's alone: {entry:?}"));
        }
        let known_hosts =
            |look: &Look| look.known_hosts.as_deref().map(|lines| lines.replace(&format!("{KNOWN_HOST}\n"), ""));
        if known_hosts(look) != known_hosts(before) {
            broken.push(format!("of others, known_hosts has {:?}", known_hosts(look)));
        }
        broken.extend(self.leaks(look, true));
        broken
    }

    fn leaks(&self, look: &Look, deployed: bool) -> Vec<String> {
        let leaks = look.found.iter().filter(|found| !found.is_allowed(deployed));
        leaks.map(|Found { place, way }| format!("a piece of the secret {way:?} is in {place}")).collect()
    }

    /// What is promised of every end, whatever it is. `state` is what `status` says.
    pub fn broken_at_an_end(&self, vsn: &Vsn, look: &Look, state: Option<&str>) -> Vec<String> {
        let mut broken = self.broken_at_any_moment(look);
        if !look.lock_is_free {
            broken.push("the lock is not free".to_owned());
        }
        let left = disk::unfinished(&look.disk, &self.before.disk);
        broken.extend(left.into_iter().map(|path| format!("{path} was left")));
        broken.extend(records::breaches(vsn, look, state));
        broken
    }

    /// What is promised of the containerless state: nothing of ours anywhere.
    pub fn broken_where_containerless(&self, look: &Look) -> Vec<String> {
        let before = &self.before;
        let names = |look: &Look| look.containers.iter().map(|container| container.name.clone()).collect::<Vec<_>>();
        let mut broken = differences("container", &names(before), &names(look));
        broken.extend(differences_beside_containers(before, look));
        broken.extend(added("path in /run", &before.volatile, &look.volatile));
        broken.extend(differences("entry", &disk::emptied(&before.disk), &disk::emptied(&look.disk)));
        if look.crontab != self.scene.crontab {
            broken.push(format!("the crontab is {:?}", look.crontab));
        }
        if look.known_hosts != before.known_hosts {
            broken.push(format!("known_hosts has {:?}", look.known_hosts));
        }
        let records = records::beside_runs(look);
        broken.extend(records.iter().map(|path| format!("{path} is left in the state folder")));
        broken.extend(self.leaks(look, false));
        broken
    }

    /// What is promised of the deployed state: each service exactly once, running, as a deployment of this version that nothing disturbed
    /// makes it, answering; and no more of ours than that.
    pub fn broken_where_deployed(&self, look: &Look, versions: &[&str]) -> Vec<String> {
        let answers = look.answers.0.as_str();
        // Where nothing answers, all the rest must be what is saved.
        let version = records::saved_version(look).unwrap_or_else(|| versions.first().copied().unwrap_or("v1"));
        let mut broken = twin::differences(look, &self.before, version);
        if !versions.contains(&answers) {
            broken.push(format!("{answers:?} answers, expected is one of {versions:?}"));
        }
        // Each has reached its goal; and who finds none would not find a leak either.
        let arrived = |way: &Way| look.found.iter().any(|found| found.way == *way && found.place != SECRETS);
        broken.extend(WAYS.iter().filter(|way| !arrived(way)).map(|way| format!("the secret {way:?} is nowhere")));
        if look.known_hosts.as_deref().is_none_or(|lines| lines.matches(KNOWN_HOST).count() != 1) {
            broken.push(format!("known_hosts has {:?}", look.known_hosts));
        }
        for path in ["/root/.ssh/id_images", "/var/lib/landfall/shop/jobs/smtp.netrc"] {
            if look.entry(path).is_none_or(|entry| (entry.mode, entry.owner) != (0o600, (0, 0))) {
                broken.push(format!("{path} is not there, or not root's alone: {:?}", look.entry(path)));
            }
        }
        broken
    }

    #[track_caller]
    pub fn assert_untouched(&self, look: &Look) {
        assert_eq!(self.broken_at_any_moment(look), [] as [String; 0], "at this moment");
    }

    #[track_caller]
    fn assert_containerless(&self, look: &Look) {
        assert_eq!(self.broken_where_containerless(look), [] as [String; 0], "with nothing of ours");
    }

    /// What is promised of the end: that it is the state which Landfall says, and that everything looks so. The version is what answers.
    #[track_caller]
    pub fn assert_settled(&self, vsn: &Vsn, look: &Look, versions: &[&str]) -> String {
        let (state, broken) = self.broken(vsn, look, versions);
        assert_eq!(broken, [] as [String; 0], "in the state {state:?}");
        state.unwrap_or_else(|| "containerless".to_owned())
    }

    /// The state that Landfall says the plan is in, and what of the promises is broken there; `versions` may be deployed.
    pub fn broken(&self, vsn: &Vsn, look: &Look, versions: &[&str]) -> (Option<String>, Vec<String>) {
        let status = vsn.status().1;
        let state = state_in(&status);
        let mut broken = self.broken_at_an_end(vsn, look, state.as_deref());
        match state.as_deref() {
            Some("deployed") => {
                broken.extend(self.broken_where_deployed(look, versions));
                broken.extend(told::wrong_in_status(&status, look));
            }
            Some("failed" | "containerless") | None => broken.extend(self.broken_where_containerless(look)),
            Some(other) => broken.push(format!("{other} is no end")),
        }
        // Some things are broken promises of every moment and of this end.
        broken.sort();
        broken.dedup();
        (state, broken)
    }
}

fn lives_of_others(look: &Look) -> Vec<String> {
    look.containers.iter().filter(|container| !container.is_ours()).map(Container::life).collect()
}

/// Which containers of ours there are, in what state, and since when.
pub fn lives_of_ours(look: &Look) -> Vec<String> {
    look.containers.iter().filter(|container| container.is_ours()).map(Container::life).collect()
}

/// What differs between two looks of what the engine, the network and the processes have beside containers.
fn differences_beside_containers(before: &Look, now: &Look) -> Vec<String> {
    let lists = [
        differences("image", &before.images, &now.images),
        differences("network", &before.networks, &now.networks),
        differences("volume", &before.volumes, &now.volumes),
        differences("secret", &before.secrets, &now.secrets),
        differences("rule", &before.rules, &now.rules),
        differences("interface", &before.interfaces, &now.interfaces),
        differences("listener", &before.listeners, &now.listeners),
        differences("process", &before.processes, &now.processes),
        differences("mount", &before.mounts, &now.mounts),
        differences("shared memory", &before.shared_memory, &now.shared_memory),
    ];
    lists.concat()
}

/// What differs between two looks of what nobody but Landfall would change.
pub fn what_changed(before: &Look, now: &Look) -> Vec<String> {
    let lives = |look: &Look| look.containers.iter().map(Container::life).collect::<Vec<_>>();
    let mut changed = differences("container", &lives(before), &lives(now));
    changed.extend(differences_beside_containers(before, now));
    let files = |look: &Look| look.disk.iter().filter(|entry| disk::is_kept(entry)).cloned().collect::<Vec<_>>();
    changed.extend(differences("file", &files(before), &files(now)));
    if before.crontab != now.crontab {
        changed.push(format!("the crontab is {:?}", now.crontab));
    }
    changed
}

/// The state that `landfall status` says the plan is in; `None` when there is no plan.
pub fn state(vsn: &Vsn) -> Option<String> {
    state_in(&vsn.status().1)
}

fn state_in(plans: &Value) -> Option<String> {
    let plans = plans.as_array().unwrap();
    assert!(plans.len() <= 1, "{plans:?}");
    plans.first().map(|plan| plan["state"].as_str().unwrap().to_owned())
}

/// Whether a boot would do something for the plan.
pub fn acts_at_boot(vsn: &Vsn) -> bool {
    matches!(vsn.crontab(), Crontab::Present(text) if text.contains("@reboot /var/lib/landfall/shop/recover"))
}
