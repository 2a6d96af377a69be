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

    /// The longest that was seen of these, once as well; `None` where one of them was not seen.
    pub fn take_longest(&self, containers: &[String]) -> Option<Duration> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = containers.iter().all(|container| seen.contains_key(container));
        if all { containers.iter().filter_map(|container| seen.remove(container)).max() } else { None }
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

    #[test]
    fn the_longest_of_several_is_told_where_all_were_seen_and_none_is_used_up_where_not() {
        let graces = Graces::default();
        let seconds = [("web", 3), ("db", 4), ("cache", 2)];
        graces.note(seconds.map(|(name, seconds)| (name.to_owned(), Duration::from_secs(seconds))).into_iter());
        let longest = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            graces.take_longest(&names).map(|grace| grace.as_secs())
        };
        assert_eq!(longest(&["web", "other", "db"]), None);
        assert_eq!(longest(&["web", "db"]), Some(4));
        assert_eq!((longest(&["web", "cache"]), longest(&["cache"]), longest(&["cache"])), (None, Some(2), None));
    }
}
