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
