//! Which containers are being removed, by whichever call. Whoever keeps netavark waiting keeps it from all of them, and so takes back the
//! ports of all that end meanwhile.

use super::WithPorts;
use crate::host::engine::look::FirstProcess;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Containers of all calls that remove some at the time, but those whose ports somebody has set out to take back.
#[derive(Debug, Clone, Default)]
pub(in crate::host::engine) struct Leaving(Arc<Mutex<WithPorts>>);

/// Containers of one call, which leave until this is dropped.
pub(super) struct Joined {
    leaving: Leaving,
    containers: WithPorts,
}

impl Leaving {
    /// Adds the containers of a call.
    pub(super) fn with(&self, containers: &WithPorts) -> Joined {
        self.lock().extend(containers.iter().cloned());
        Joined { leaving: self.clone(), containers: containers.clone() }
    }

    /// Takes those out that have ended, of all calls.
    pub(super) fn ended(&self) -> Vec<FirstProcess> {
        self.lock().extract_if(.., |(_, process)| !process.lives()).map(|(first, _)| first).collect()
    }

    fn lock(&self) -> MutexGuard<'_, WithPorts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.leaving.lock().retain(|one| !self.containers.contains(one));
    }
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::super::tests::process;
    use super::Leaving;
    use pretty_assertions::assert_eq;

    #[test]
    fn those_that_ended_are_told_of_all_calls_and_each_to_one_alone() {
        let ((mut one, first), (mut other, second)) = (process(6), process(7));
        let leaving = Leaving::default();
        let (ours, theirs) = (known(vec![first]), known(vec![second.clone()]));
        let joined = [&ours, &theirs].map(|call| leaving.with(call));
        drop(other.stdin.take());
        assert_eq!(other.wait().unwrap().success(), true);
        assert_eq!((leaving.ended(), leaving.ended()), (vec![second], vec![]));
        assert_eq!(*leaving.lock(), ours);
        let [ours, theirs] = joined;
        drop(theirs);
        assert_eq!(leaving.lock().len(), 1);
        drop(ours);
        assert_eq!(*leaving.lock(), []);
        drop(one.stdin.take());
        assert_eq!(one.wait().unwrap().success(), true);
    }
}
