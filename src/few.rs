//! Collects a few elements with little code. Reads nothing, changes nothing.
//!
//! `collect` sorts a list before it makes a map or a set of it: five kilobytes of code, compiled anew for every type of
//! element, which pay where there are thousands of them. Plans have tens.

/// Whatever can be collected.
pub(crate) trait Few: IntoIterator + Sized {
    /// A map or a set of all elements, put in one after the other; of equal keys the last value stays, as with `collect`.
    fn gathered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }

    /// A map or a set of all elements, or the first error.
    fn all_gathered<C: Default + Extend<T>, T, E>(self) -> Result<C, E>
    where
        Self: IntoIterator<Item = Result<T, E>>,
    {
        let mut all = C::default();
        for element in self {
            all.extend(Some(element?));
        }
        Ok(all)
    }
}

impl<I: IntoIterator> Few for I {}

#[cfg(test)]
mod tests {
    use super::Few;
    use pretty_assertions::assert_eq;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn of_equal_keys_the_last_value_stays_as_with_collect() {
        let pairs = [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)];
        let collected: BTreeMap<_, _> = pairs.into_iter().collect();
        assert_eq!(pairs.gathered::<BTreeMap<_, _>>(), collected);
    }

    #[test]
    fn the_first_error_comes_instead_of_the_rest() {
        let all = |elements: [Result<u8, &'static str>; 4]| elements.all_gathered::<BTreeSet<_>, _, _>();
        assert_eq!(all([Ok(2), Ok(1), Ok(2), Ok(3)]), Ok(BTreeSet::from([1, 2, 3])));
        assert_eq!(all([Ok(2), Err("first"), Ok(1), Err("second")]), Err("first"));
    }
}
