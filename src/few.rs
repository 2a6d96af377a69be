//! Collects and sorts a few elements with little code. Reads nothing, changes nothing.
//!
//! `sort` is five kilobytes of code, compiled anew for every type of element and every key, and `collect` sorts a list
//! before it makes a map or a set of it. That pays where there are very many of them. Plans have tens, and a server has hundreds.

use std::cmp::Ordering;
use std::mem;

/// Whatever can be collected.
pub(crate) trait Few: IntoIterator + Sized {
    /// A map or a set of all elements, put in one after the other; of equal keys the last value stays, as with `collect`.
    fn gathered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }

    /// A map or a set of all elements, or the first error, after which nothing is asked for.
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

/// A list that can be put in order. Equal elements stay in theirs.
pub(crate) trait InOrder<T> {
    /// As `sort_by`.
    fn put_in_order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// As `sort_by_key`.
    fn put_in_order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.put_in_order_by(|one, other| key(one).cmp(&key(other)));
    }

    /// As `sort`.
    fn put_in_order(&mut self)
    where
        T: Ord,
    {
        self.put_in_order_by(T::cmp);
    }
}

impl<T> InOrder<T> for [T] {
    fn put_in_order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let at = |one, other| match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            (None, Some(_) | None) | (Some(_), None) => Ordering::Equal,
        };
        for (one, other) in exchanges(self.len(), &at) {
            self.swap(one, other);
        }
    }
}

/// Which places exchange what stands there, one after the other, until as many elements are in order. All that sorts
/// is here, for any type.
fn exchanges(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    let mut exchanges = Vec::new();
    for first in 0..count {
        // Each place takes what belongs there, and what stood there goes to where that was, until the circle closes.
        let mut place = first;
        while let Some(from) = order.get_mut(place).map(|from| mem::replace(from, place))
            && from != first
        {
            exchanges.push((place, from));
            place = from;
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use super::{Few, InOrder};
    use pretty_assertions::assert_eq;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn of_equal_keys_the_last_value_stays_as_with_collect() {
        let pairs = [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)];
        let collected: BTreeMap<_, _> = pairs.into_iter().collect();
        assert_eq!(pairs.gathered::<BTreeMap<_, _>>(), collected);
    }

    #[test]
    fn lists_come_in_the_order_that_sort_gives_them() {
        let mut random = fastrand::Rng::with_seed(7);
        for count in 0..200 {
            let mut sorted: Vec<(u8, usize)> = (0..count).map(|at| (random.u8(..20), at)).collect();
            let mut ours = sorted.clone();
            sorted.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
            ours.put_in_order_by_key(|(key, _)| std::cmp::Reverse(*key));
            assert_eq!(ours, sorted);
            sorted.sort();
            ours.put_in_order();
            assert_eq!(ours, sorted);
        }
    }

    #[test]
    fn the_first_error_comes_instead_of_the_rest() {
        let all = |elements: [Result<u8, &'static str>; 4]| elements.all_gathered::<BTreeSet<_>, _, _>();
        assert_eq!(all([Ok(2), Ok(1), Ok(2), Ok(3)]), Ok(BTreeSet::from([1, 2, 3])));
        assert_eq!(all([Ok(2), Err("first"), Ok(1), Err("second")]), Err("first"));
    }
}
