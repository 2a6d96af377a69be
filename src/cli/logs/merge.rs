//! Merges lines by their time, and tells those that were seen already. Reads nothing, changes nothing.

use crate::host::engine::LogLine;
use jiff::Timestamp;

/// How far a service's output was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The time of the last line.
    last: Option<Timestamp>,
    /// How many lines had that very time.
    of_that_time: usize,
}

impl Place {
    /// Counts a line.
    pub(super) fn note(&mut self, at: Timestamp) {
        if self.last == Some(at) {
            self.of_that_time += 1;
        } else {
            *self = Self { last: Some(at), of_that_time: 1 };
        }
    }

    /// From when on to ask for more.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.last
    }

    /// Tells lines that come again, when more is asked for, from new ones.
    pub(super) fn again(&self) -> impl FnMut(Timestamp) -> bool + Send + 'static {
        let Self { last, of_that_time } = self.clone();
        let mut seen = 0;
        move |at| match last {
            Some(last) if at == last => {
                seen += 1;
                seen <= of_that_time
            }
            Some(last) => at < last,
            None => false,
        }
    }
}

/// Hands on the lines of several services, each in its own order, the earliest first, until `take` returns false. At the same time,
/// the service that stands first comes first.
pub(super) fn in_order<I: Iterator<Item = LogLine>>(mut streams: Vec<I>, mut take: impl FnMut(usize, LogLine) -> bool) {
    let mut heads: Vec<Option<LogLine>> = streams.iter_mut().map(Iterator::next).collect();
    loop {
        let waiting = heads.iter().enumerate().filter_map(|(number, head)| Some((head.as_ref()?.at, number)));
        let Some((_, number)) = waiting.min() else { return };
        let next = streams.get_mut(number).and_then(Iterator::next);
        let line = heads.get_mut(number).and_then(|head| std::mem::replace(head, next));
        if !line.is_some_and(|line| take(number, line)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, in_order};
    use crate::host::engine::LogLine;
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn lines_come_by_time_and_those_of_one_service_in_their_own_order() {
        let stream = |seconds: &[i64]| {
            let lines: Vec<_> =
                seconds.iter().map(|second| LogLine { at: at(*second), text: Vec::new(), cut: 0 }).collect();
            lines.into_iter()
        };
        let mut told = Vec::new();
        // The clock of the second one was set back.
        in_order(vec![stream(&[1, 3, 3]), stream(&[2, 4, 1]), stream(&[])], |number, line| {
            told.push((number, line.at.as_second()));
            true
        });
        assert_eq!(told, [(0, 1), (1, 2), (0, 3), (0, 3), (1, 4), (1, 1)]);
    }

    #[test]
    fn of_lines_that_come_again_only_the_new_ones_count() {
        let mut place = Place::default();
        assert_eq!(place.since(), None);
        [1, 2, 3, 3].into_iter().for_each(|second| place.note(at(second)));
        assert_eq!(place.since(), Some(at(3)));
        let mut again = place.again();
        let seen: Vec<bool> = [2, 3, 3, 3, 4].into_iter().map(|second| again(at(second))).collect();
        assert_eq!(seen, [true, true, true, false, false]);
    }
}
