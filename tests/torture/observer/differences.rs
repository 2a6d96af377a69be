//! What differs between two lists, in words.

use std::fmt::Debug;

/// What is there now and was not, and what was there and is not.
pub fn differences<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    let mut differences = missing(what, before, now);
    differences.extend(added(what, before, now));
    if differences.is_empty() && before.len() != now.len() {
        differences.push(format!("{what}: {} of them instead of {}", now.len(), before.len()));
    }
    differences
}

/// What is there now and was not.
pub fn added<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    now.iter().filter(|thing| !before.contains(thing)).map(|thing| format!("new {what}: {thing:?}")).collect()
}

/// What was there and is not.
pub fn missing<T: Debug + PartialEq>(what: &str, before: &[T], now: &[T]) -> Vec<String> {
    before.iter().filter(|thing| !now.contains(thing)).map(|thing| format!("no longer {what}: {thing:?}")).collect()
}
