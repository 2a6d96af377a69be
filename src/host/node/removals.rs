//! Removes containers, in one call those that go at the same time, where nobody waits longer for it.

use super::Node;
use crate::operation::{DroppedContainer, EngineChange, Known};
use crate::run::Failure;
use std::collections::BTreeSet;
use std::sync::PoisonError;

/// What Podman says of a name that a container has.
const NAME_IN_USE: &str = "is already in use";

impl Node {
    /// Stops and removes a container. In a call with others it waits for the slowest of them to stop: so those alone go together that
    /// no removal of another one waits for. Where such a call fails, each is removed on its own, and told of on its own.
    pub(super) fn drop_container(
        &self,
        dropped: &DroppedContainer,
        change: &EngineChange,
        known: &Known,
    ) -> Result<(), Failure> {
        let alone = || {
            self.engine.perform(change, known, Vec::new())?;
            self.seen_to_go.lock().unwrap_or_else(PoisonError::into_inner).insert(dropped.container.clone());
            Ok(())
        };
        if !self.last_removed().contains(&dropped.container) {
            return alone();
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
            Err(Failure { message, lingering: false }) if message.contains(NAME_IN_USE) => {
                self.removals.until_idle();
                create()
            }
            ended => ended,
        }
    }

    fn last_removed(&self) -> &BTreeSet<String> {
        self.last_removed.get_or_init(|| {
            let program = self.deployment.as_ref().map(|deployment| &deployment.program);
            program.map(|program| program.last_removed().into_iter().map(str::to_owned).collect()).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Node;
    use crate::host::engine::{Engine, Podman};
    use crate::operation::{EngineChange, Known, Layout};
    use crate::plan::values::{PlanName, RunId};
    use crate::run::Failure;
    use pretty_assertions::assert_eq;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::sync::mpsc::channel;

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

    const IN_USE: &str = "Error: creating container storage: the container name \"shop-web\" is already in use by abc. You have to \
                          remove that container to be able to reuse that name: that name is already in use";

    #[test]
    fn a_name_that_a_removal_is_about_to_give_up_is_waited_for_until_the_removal_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path(), IN_USE);
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
            assert_eq!((calls(folder), creation.is_finished()), (1, false));
            go_on.send(()).unwrap();
            assert_eq!((removal.join().unwrap(), creation.join().unwrap(), calls(folder)), (Ok(true), Ok(()), 2));
        });
    }

    #[test]
    fn whatever_else_keeps_a_container_from_being_created_is_a_failure_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path(), "Error: no such image");
        let failed = node.create_container(&change(), &known());
        assert_eq!(failed, Err(Failure::new("`engine rename` failed: no such image")));
        assert_eq!(calls(folder.path()), 1);
    }
}
