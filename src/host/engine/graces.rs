//! The grace periods of containers, as they were seen when these were last looked at. Changes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Grace periods by name and by ID; what has a clone sees the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Graces(Arc<Mutex<BTreeMap<String, Duration>>>);

impl Graces {
    /// Notes what was seen.
    pub fn note(&self, seen: impl Iterator<Item = (String, Duration)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
    }

    /// What was seen of a container, once: who removes it again, because that went wrong, has to look again.
    pub fn take(&self, container: &str) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(container)
    }
}

#[cfg(test)]
mod tests {
    use super::Graces;
    use pretty_assertions::assert_eq;
    use std::time::Duration;

    #[test]
    fn what_was_seen_of_a_container_is_told_once_to_whoever_asks_first() {
        let graces = Graces::default();
        let shared = graces.clone();
        graces
            .note([("web".to_owned(), Duration::from_secs(3)), ("db".to_owned(), Duration::from_secs(4))].into_iter());
        assert_eq!(
            ["web", "web", "db", "cache"].map(|name| shared.take(name).map(|grace| grace.as_secs())),
            [Some(3), None, Some(4), None]
        );
        assert_eq!(graces.take("db"), None);
    }
}
