//! Removes containers, in one call those that go at the same time, where nobody waits longer for it.

use super::Node;
use crate::few::Few;
use crate::host::engine::Process;
use crate::operation::{DroppedContainer, EngineChange, Known};
use crate::run::{Failure, Tell};
use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::Duration;

/// What Podman says of a name that a container has: in its storage, or, where it is gone from there, in its own list.
const NAME_IN_USE: [&str; 2] = ["is already in use", "container already exists"];

/// How long lies between two looks at whether a process has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

impl Node {
    /// Stops and removes a container. In a call with others it waits for the slowest of them to stop: so those alone go together that
    /// no removal of another one waits for. Where such a call fails, each is removed on its own, and told of on its own. Of one that
    /// others wait for, its end is told as soon as its process has ended: the engine then takes back what it had, which takes longer.
    pub(super) fn drop_container(
        &self,
        dropped: &DroppedContainer,
        change: &EngineChange,
        known: &Known,
        stopped: Tell<'_>,
    ) -> Result<(), Failure> {
        self.held.get_or_init(|| {
            if let Some(network) = self.kept_network() {
                self.engine.hold_network(network);
            }
        });
        let alone = || {
            self.engine.perform(change, known, Vec::new())?;
            self.seen_to_go.lock().unwrap_or_else(PoisonError::into_inner).insert(dropped.container.clone());
            Ok(())
        };
        if !self.last_removed().contains(&dropped.container) {
            let first = self.engine.last_process(&dropped.container);
            let process = first.and_then(|first| Process::of(&first.id, first.pid));
            return told_once_ended(process, stopped, alone);
        }
        let gone = self.removals.done_in_turn(dropped.container.clone(), |containers, tell| {
            let note = |place: usize| {
                self.seen_to_go.lock().unwrap_or_else(PoisonError::into_inner).extend(containers.get(place).cloned());
            };
            let gone = |place| {
                note(place);
                tell(place, true);
            };
            let ended = match containers.as_slice() {
                [_] => Ok(false),
                several => match self.engine.drop_containers(several, &gone) {
                    Ok(()) => {
                        (0..several.len()).for_each(note);
                        Ok(true)
                    }
                    // What was killed may still be at work on any of them.
                    Err(failure) if failure.lingering => Err(failure),
                    Err(failure) => {
                        tracing::warn!(cause = failure.message, "not all at once: each on its own");
                        Ok(false)
                    }
                },
            };
            containers.iter().map(|_| ended.clone()).collect()
        })?;
        if gone { Ok(()) } else { alone() }
    }

    /// Whether nothing is left of a container. One that was removed is gone where the engine said so, or the storage while the engine was
    /// at it, and the storage has it no more; else the engine is asked.
    ///
    /// # Errors
    /// The look failed.
    pub(super) fn is_gone(&self, container: &str) -> Result<bool, Failure> {
        let seen = self.seen_to_go.lock().unwrap_or_else(PoisonError::into_inner).remove(container);
        if seen && self.engine.does_not_store(container) {
            return Ok(true);
        }
        Ok(!self.looks.is_left(container)?)
    }

    /// Creates a container, whose name may be that of one which is being removed: the storage had none of that name any more, and the
    /// engine forgets it last.
    pub(super) fn create_container(&self, change: &EngineChange, known: &Known) -> Result<(), Failure> {
        let create = || self.engine.perform(change, known, Vec::new());
        match create() {
            Err(Failure { message, lingering: false }) if NAME_IN_USE.iter().any(|said| message.contains(said)) => {
                self.removals.until_idle();
                create()
            }
            ended => ended,
        }
    }

    /// The network that stays while its containers are replaced, if one does.
    fn kept_network(&self) -> Option<&str> {
        self.deployment.as_ref()?.program.engine_changes().find_map(|change| match change {
            EngineChange::KeepNetwork { network, ranges: _ } => Some(network.as_str()),
            _ => None,
        })
    }

    fn last_removed(&self) -> &BTreeSet<String> {
        self.last_removed.get_or_init(|| {
            let program = self.deployment.as_ref().map(|deployment| &deployment.program);
            program.map(|program| program.last_removed().into_iter().map(str::to_owned).gathered()).unwrap_or_default()
        })
    }
}

/// Does work that ends a process, and tells once that has ended, if it does so before the work.
fn told_once_ended<R>(process: Option<Process>, ended: Tell<'_>, work: impl FnOnce() -> R) -> R {
    let Some(process) = process else { return work() };
    let over = AtomicBool::new(false);
    let watch = || {
        while process.lives() {
            if over.load(Ordering::Acquire) {
                return;
            }
            std::thread::park_timeout(BETWEEN_LOOKS);
        }
        ended();
    };
    std::thread::scope(|scope| {
        // Where there is no thread for it, who waits does so for the work.
        let watching = Builder::new().spawn_scoped(scope, watch).ok();
        let done = work();
        over.store(true, Ordering::Release);
        if let Some(watching) = watching {
            watching.thread().unpark();
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::{Node, Process, told_once_ended};
    use crate::host::engine::{Engine, Podman};
    use crate::operation::{EngineChange, Known, Layout};
    use crate::plan::values::{PlanName, RunId};
    use crate::run::Failure;
    use pretty_assertions::assert_eq;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    /// A server whose engine says this the first time, ends with 125 then, and does what it is asked the second time.
    fn node(folder: &Path, says: &str) -> Node {
        let (program, calls) = (folder.join("engine"), folder.join("calls"));
        let script = format!(
            "#!/bin/sh\necho \"$*\" >> {calls}\n[ $(wc -l < {calls}) -gt 1 ] && exit 0\necho '{says}' >&2\nexit 125\n",
            calls = calls.display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let layout = Layout::new(folder, &PlanName::parse("shop").unwrap());
        Node::new(layout, Engine::Podman(Podman::at(&program)), folder.to_owned(), None)
    }

    fn calls(folder: &Path) -> usize {
        std::fs::read_to_string(folder.join("calls")).unwrap_or_default().lines().count()
    }

    /// What takes a name that is somebody's, as creating a container does.
    fn change() -> EngineChange {
        EngineChange::RenameContainer { container: "shop-web.new".to_owned(), to: "shop-web".to_owned() }
    }

    fn known() -> Known {
        Known::at_start(RunId::parse("20261121t101112").unwrap())
    }

    const IN_STORAGE: &str = "Error: creating container storage: the container name \"shop-web\" is already in use by abc. You have to \
         remove that container to be able to reuse that name: that name is already in use";

    const IN_LIST: &str = "Error: name \"shop-web\" is in use: container already exists";

    /// Creates a container while the old one of its name is being removed, where the engine says this of the name: how often the engine was
    /// asked by then and whether that was all, and how often in the end.
    fn told_where_it_says(message: &str) -> ((usize, bool), [Result<(), Failure>; 2], usize) {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path(), message);
        let (go_on, may_go_on) = channel::<()>();
        let (node, folder) = (&node, folder.path());
        // Where an assertion fails, nobody holds the removal up any more.
        std::thread::scope(move |scope| {
            let go_on = go_on;
            let removal = scope.spawn(move || {
                node.removals.done("shop-web".to_owned(), |lot| {
                    may_go_on.recv().unwrap();
                    lot.iter().map(|_| Ok(true)).collect()
                })
            });
            while node.removals.under_way() != (1, 0) {
                std::thread::yield_now();
            }
            let creation = scope.spawn(move || node.create_container(&change(), &known()));
            while node.removals.under_way() != (1, 1) && !creation.is_finished() {
                std::thread::yield_now();
            }
            let meanwhile = (calls(folder), creation.is_finished());
            go_on.send(()).unwrap();
            let ended = [removal.join().unwrap().map(drop), creation.join().unwrap()];
            (meanwhile, ended, calls(folder))
        })
    }

    #[test]
    fn a_name_that_a_removal_is_about_to_give_up_is_waited_for_until_the_removal_is_over() {
        assert_eq!(told_where_it_says(IN_STORAGE), ((1, false), [Ok(()), Ok(())], 2));
    }

    #[test]
    fn regression_124_a_name_that_is_in_podmans_own_list_alone_is_waited_for_as_well() {
        assert_eq!(told_where_it_says(IN_LIST), ((1, false), [Ok(()), Ok(())], 2));
    }

    #[test]
    fn whatever_else_keeps_a_container_from_being_created_is_a_failure_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path(), "Error: no such image");
        let failed = node.create_container(&change(), &known());
        assert_eq!(failed, Err(Failure::new("`engine rename` failed: no such image")));
        assert_eq!(calls(folder.path()), 1);
    }

    /// It is only a defect that makes this wait to its end.
    const WHILE: Duration = Duration::from_secs(20);

    /// A process that runs until its input ends, and how it is known.
    fn process() -> (Child, Option<Process>) {
        let child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap();
        let known = Process::of(&groups, child.id());
        assert_eq!(known.is_some(), true);
        (child, known)
    }

    #[test]
    fn that_a_process_has_ended_is_told_while_what_ended_it_goes_on() {
        let (mut child, known) = process();
        let (tell, told) = channel();
        let done = told_once_ended(known, &|| tell.send(()).unwrap(), || {
            let before = told.try_recv().is_ok();
            drop(child.stdin.take());
            (before, told.recv_timeout(WHILE).is_ok(), child.wait().unwrap().success())
        });
        assert_eq!((done, told.try_recv().is_ok()), ((false, true, true), false));
    }

    #[test]
    fn of_a_process_that_goes_on_after_the_work_and_of_none_nothing_is_told() {
        let (mut child, known) = process();
        let never = || panic!("it has not ended");
        assert_eq!([known, None].map(|known| told_once_ended(known, &never, || 7)), [7, 7]);
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().success(), true);
    }
}
