//! Looks at the engine, the processes, the firewall, the files and the crontab, and doesn't trust Landfall. What is promised is said here,
//! as lists of what breaks it: none, or the test fails.

mod crontab;
mod disk;
mod engine;
mod look;
mod network;
mod processes;
mod records;
mod secrets;
mod told;
mod twin;

use std::collections::BTreeSet;
use std::fmt::Debug;

use pretty_assertions::assert_eq;
use serde_json::Value;

pub use engine::Container;
pub use look::Look;
pub use secrets::Found;
pub use told::untrue;

use crate::canaries::{WAYS, Way};
use crate::scene::Scene;
use crate::support::{Crontab, Entry, SECRETS, Vsn};

/// Knows what a server looked like with nothing of ours.
pub struct Observer {
    scene: Scene,
    before: Look,
}

impl Observer {
    pub fn of(vsn: &Vsn, scene: Scene) -> Self {
        let before = Look::at(vsn, &scene.canaries);
        let observer = Self { scene, before };
        observer.assert_containerless(&observer.before);
        observer
    }

    pub fn look(&self, vsn: &Vsn) -> Look {
        Look::at(vsn, &self.scene.canaries)
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
        let Look { rules, interfaces, listeners, processes, mut volatile, .. } = look;
        // The engine makes them at once for every container that it has.
        volatile.retain(|path| !ours.iter().any(|container| path.contains(&container.id)));
        (self.before.rules, self.before.interfaces, self.before.listeners) = (rules, interfaces, listeners);
        (self.before.processes, self.before.volatile) = (processes, volatile);
        // What the engine keeps for the strangers was written anew; what else there was stays what it was.
        let kept = |entry: &Entry| !entry.path.starts_with("var/lib/containers/");
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
        let not_ours = |line: &&String| !line.contains("localhost/landfall/") && !line.starts_with("<none>");
        let images = |look: &Look| look.images.iter().filter(not_ours).cloned().collect::<Vec<_>>();
        broken.extend(differences("image of others", &images(before), &images(look)));
        broken.extend(missing("network of others", &before.networks, &look.networks));
        broken.extend(differences("volume", &before.volumes, &look.volumes));
        broken.extend(missing("secret of others", &before.secrets, &look.secrets));
        broken.extend(missing("rule of others", &before.rules, &look.rules));
        broken.extend(missing("interface of others", &before.interfaces, &look.interfaces));
        broken.extend(missing("listener of others", &before.listeners, &look.listeners));
        broken.extend(missing("process of others", &before.processes, &look.processes));
        let files = disk::strangers(&look.disk, &before.disk, true);
        broken.extend(differences("file of others", &self.strangers_files(true), &files));
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
        let known_hosts = |look: &Look| look.entry("/root/.ssh/known_hosts").map(|entry| entry.kind.clone());
        if known_hosts(look) != known_hosts(before) {
            broken.push("known_hosts has other lines".to_owned());
        }
        broken.extend(self.leaks(look, false));
        broken
    }

    /// What is promised of the deployed state: each service exactly once, running, as a deployment of this version that nothing disturbed
    /// makes it, answering; and no more of ours than that.
    pub fn broken_where_deployed(&self, look: &Look, versions: &[&str]) -> Vec<String> {
        let version = look.answers.0.as_str();
        if !versions.contains(&version) {
            return vec![format!("{version:?} answers, expected is one of {versions:?}")];
        }
        let mut broken = twin::differences(look, &self.before, version);
        // Each has reached its goal; and who finds none would not find a leak either.
        let arrived = |way: &Way| look.found.iter().any(|found| found.way == *way && found.place != SECRETS);
        broken.extend(WAYS.iter().filter(|way| !arrived(way)).map(|way| format!("the secret {way:?} is nowhere")));
        if !crontab::is_complete(&look.crontab) {
            broken.push(format!("jobs are missing: {:?}", look.crontab));
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
        assert_eq!(broken, [] as [String; 0], "in the state {state:?}");
        state.unwrap_or_else(|| "containerless".to_owned())
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

/// What is there now and was not, and what was there and is not.
pub fn differences<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    let mut differences = missing(what, before, now);
    differences.extend(added(what, before, now));
    if differences.is_empty() && before.len() != now.len() {
        differences.push(format!("{what}: {} of them instead of {}", now.len(), before.len()));
    }
    differences
}

fn added<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    now.iter().filter(|thing| !before.contains(thing)).map(|thing| format!("new {what}: {thing:?}")).collect()
}

fn missing<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    before.iter().filter(|thing| !now.contains(thing)).map(|thing| format!("no longer {what}: {thing:?}")).collect()
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
