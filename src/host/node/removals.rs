//! Removes containers, in one call those that go at the same time, where nobody waits longer for it.

use super::Node;
use crate::operation::{DroppedContainer, EngineChange, Known};
use crate::run::Failure;
use std::collections::BTreeSet;

impl Node {
    /// Stops and removes a container. In a call with others it waits for the slowest of them to stop: so those alone go together that
    /// no removal of another one waits for. Where such a call fails, each is removed on its own, and told of on its own.
    pub(super) fn drop_container(
        &self,
        dropped: &DroppedContainer,
        change: &EngineChange,
        known: &Known,
    ) -> Result<(), Failure> {
        let alone = || self.engine.perform(change, known, Vec::new());
        if !self.last_removed().contains(&dropped.container) {
            return alone();
        }
        let gone = self.removals.done(dropped.container.clone(), |containers| {
            let ended = match containers.as_slice() {
                [_] => Ok(false),
                several => match self.engine.drop_containers(several) {
                    Ok(()) => Ok(true),
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

    fn last_removed(&self) -> &BTreeSet<String> {
        self.last_removed.get_or_init(|| {
            let program = self.deployment.as_ref().map(|deployment| &deployment.program);
            program.map(|program| program.last_removed().into_iter().map(str::to_owned).collect()).unwrap_or_default()
        })
    }
}
