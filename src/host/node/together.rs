//! Work that several ask for at the same time, done for all of them in one go. Changes nothing by itself.

use crate::host::engine::GATHERING;
use crate::run::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What became of one's part of the work.
type Done<R> = Result<R, Failure>;

/// How often a lot waits for more, as long as more come.
const WAITS: usize = 10;

/// Work of one kind. So many lots are done at a time; who comes while that many are is in the next.
pub(super) struct Together<T, R> {
    at_a_time: usize,
    state: Mutex<State<T, R>>,
    changed: Condvar,
}

struct State<T, R> {
    /// Numbered from 1 in the order in which they came.
    came: u64,
    waiting: Vec<(u64, T)>,
    /// Somebody waits for others to join.
    gathering: bool,
    /// How many lots are being done.
    running: usize,
    done: BTreeMap<u64, Done<R>>,
    /// Those of a lot that is being done whose part is done already.
    told: BTreeSet<u64>,
    /// How many wait until all are done.
    for_the_end: usize,
}

/// One lot at a time.
impl<T: Send, R: Send> Default for Together<T, R> {
    fn default() -> Self {
        Self::so_many(1)
    }
}

impl<T: Send, R: Send> Together<T, R> {
    /// So many lots at a time.
    pub fn so_many(at_a_time: usize) -> Self {
        let state = State {
            came: 0,
            waiting: Vec::new(),
            gathering: false,
            running: 0,
            done: BTreeMap::new(),
            told: BTreeSet::new(),
            for_the_end: 0,
        };
        Self { at_a_time, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Has one's part done by `work`, which gets a whole lot and says of each part what became of it, in their order. Everybody
    /// brings the same work: that of one of them is called.
    ///
    /// # Errors
    /// What became of one's own part.
    pub fn done(&self, part: T, work: impl FnOnce(Vec<T>) -> Vec<Done<R>>) -> Done<R> {
        self.done_in_turn(part, |lot, _| work(lot))
    }

    /// The same, where the work can tell of a part, by its place in the lot, that it is done already: whose it is goes on then. Who does
    /// the work can't, and hears how all of it ended: somebody must, should it fail after every part was told of.
    ///
    /// # Errors
    /// What became of one's own part.
    pub fn done_in_turn(
        &self,
        part: T,
        work: impl FnOnce(Vec<T>, &(dyn Fn(usize, R) + Sync)) -> Vec<Done<R>>,
    ) -> Done<R> {
        let mut state = self.lock();
        state.came += 1;
        let number = state.came;
        state.waiting.push((number, part));
        loop {
            if let Some(done) = state.done.remove(&number) {
                return done;
            }
            let taken = !state.waiting.iter().any(|(waits, _)| *waits == number);
            if !taken && !state.gathering && state.running < self.at_a_time {
                break;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.gathering = true;
        drop(state);
        let (numbers, lot): (Vec<_>, Vec<_>) = self.gathered().into_iter().unzip();
        let mut ended = Ended { together: self, numbers: numbers.clone(), done: Vec::new() };
        let tell = |place: usize, result: R| {
            let mut state = self.lock();
            if let Some(told) = numbers.get(place).filter(|told| **told != number)
                && state.told.insert(*told)
            {
                state.done.insert(*told, Ok(result));
                self.changed.notify_all();
            }
        };
        ended.done = work(lot, &tell);
        drop(ended);
        self.lock().done.remove(&number).unwrap_or_else(|| Err(Failure::lingering(UNTOLD)))
    }

    /// All who came, once nobody has come for a while; from here on their lot is being done.
    fn gathered(&self) -> Vec<(u64, T)> {
        let mut came = self.lock().came;
        for _ in 0..WAITS {
            std::thread::sleep(GATHERING);
            let now = self.lock().came;
            if std::mem::replace(&mut came, now) == now {
                break;
            }
        }
        let mut state = self.lock();
        state.gathering = false;
        state.running += 1;
        self.changed.notify_all();
        std::mem::take(&mut state.waiting)
    }

    /// Waits until no lot is being done, and nobody waits for one.
    pub fn until_idle(&self) {
        let mut state = self.lock();
        while state.running > 0 || !state.waiting.is_empty() {
            state.for_the_end += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.for_the_end -= 1;
        }
    }

    /// How many lots are being done, and how many wait until none is.
    #[cfg(test)]
    pub fn under_way(&self) -> (usize, usize) {
        let state = self.lock();
        (state.running, state.for_the_end)
    }

    fn lock(&self) -> MutexGuard<'_, State<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work that did not say what became of a part has panicked.
const UNTOLD: &str = "a panic in what was done together, which is a defect of Landfall";

/// Lets the others go on even where the work panics.
struct Ended<'a, T: Send, R: Send> {
    together: &'a Together<T, R>,
    numbers: Vec<u64>,
    done: Vec<Done<R>>,
}

impl<T: Send, R: Send> Drop for Ended<'_, T, R> {
    fn drop(&mut self) {
        let untold = || Err(Failure::lingering(UNTOLD));
        let done = std::mem::take(&mut self.done).into_iter().chain(std::iter::repeat_with(untold));
        let mut state = self.together.lock();
        for (number, done) in self.numbers.iter().copied().zip(done) {
            // Who was told has gone on.
            if !state.told.remove(&number) {
                state.done.insert(number, done);
            }
        }
        state.running = state.running.saturating_sub(1);
        self.together.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{Together, UNTOLD};
    use crate::run::Failure;
    use pretty_assertions::assert_eq;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    /// How many wait, and whether one of them gathers a lot.
    fn waiting<R: Send>(together: &Together<u32, R>) -> (usize, bool) {
        let state = together.lock();
        (state.waiting.len(), state.gathering)
    }

    #[test]
    fn who_comes_while_a_lot_is_done_is_in_the_next_one_and_each_is_told_of_its_own_part() {
        let together = Together::<u32, ()>::default();
        let lots = Mutex::new(Vec::new());
        let odd_fail = |mut lot: Vec<u32>| {
            let told = lot.iter().map(|part| if part % 2 == 0 { Ok(()) } else { Err(Failure::new(part.to_string())) });
            let told = told.collect();
            lot.sort_unstable();
            lots.lock().unwrap().push(lot);
            told
        };
        let (go_on, may_go_on) = channel::<()>();
        let (together, odd_fail) = (&together, &odd_fail);
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                together.done(0, |lot| {
                    may_go_on.recv().unwrap();
                    odd_fail(lot)
                })
            });
            // The first lot is taken: who comes now is in the second.
            while together.lock().running == 0 {
                thread::yield_now();
            }
            let others = [1, 2, 3].map(|part| scope.spawn(move || together.done(part, odd_fail)));
            while matches!(waiting(together), (0..3, false)) {
                thread::yield_now();
            }
            let meanwhile = waiting(together);
            go_on.send(()).unwrap();
            assert_eq!(meanwhile, (3, false), "one lot at a time");
            assert_eq!(first.join().unwrap(), Ok(()));
            let told = others.map(|other| other.join().unwrap());
            assert_eq!(told, [Err(Failure::new("1")), Ok(()), Err(Failure::new("3"))]);
        });
        assert_eq!(lots.into_inner().unwrap(), [vec![0], vec![1, 2, 3]]);
    }

    #[test]
    fn where_several_lots_are_done_at_a_time_nobody_waits_for_one_that_takes_long() {
        let together = Together::<u32, ()>::so_many(2);
        let done = |lot: Vec<u32>| lot.iter().map(|_| Ok(())).collect();
        let (go_on, may_go_on) = channel::<()>();
        let together = &together;
        thread::scope(|scope| {
            let slow = scope.spawn(move || {
                together.done(0, |lot| {
                    may_go_on.recv().unwrap();
                    done(lot)
                })
            });
            while together.lock().running == 0 {
                thread::yield_now();
            }
            assert_eq!(together.done(1, done), Ok(()));
            assert_eq!(together.lock().running, 1);
            go_on.send(()).unwrap();
            assert_eq!(slow.join().unwrap(), Ok(()));
        });
        assert_eq!(together.lock().running, 0);
    }

    #[test]
    fn who_is_told_that_its_part_is_done_does_not_wait_for_the_rest_of_the_lot() {
        let together = Together::<u32, &str>::default();
        let ((begin, may_begin), (go_on, may_go_on)) = (channel::<()>(), channel::<()>());
        // It tells of all, whoever leads among them, and fails then.
        let work = |lot: Vec<u32>, tell: &(dyn Fn(usize, &'static str) + Sync), may_go_on: &Receiver<()>| {
            (0..lot.len()).for_each(|place| tell(place, "early"));
            may_go_on.recv().unwrap();
            tell(lot.len(), "nobody");
            lot.iter().map(|_| Err(Failure::new("late"))).collect()
        };
        let (together, work) = (&together, &work);
        let may_go_on = &Mutex::new(may_go_on);
        thread::scope(move |scope| {
            // While one lot is done, all of the next one come.
            let before = scope.spawn(move || {
                together.done(9, |lot| {
                    may_begin.recv().unwrap();
                    lot.iter().map(|_| Ok("before")).collect()
                })
            });
            while together.lock().running == 0 {
                thread::yield_now();
            }
            let all: Vec<_> = (0..3)
                .map(|part| {
                    scope.spawn(move || {
                        let lead = |lot: Vec<u32>, tell: &(dyn Fn(usize, &'static str) + Sync)| {
                            work(lot, tell, &may_go_on.lock().unwrap())
                        };
                        together.done_in_turn(part, lead)
                    })
                })
                .collect();
            while waiting(together) != (3, false) {
                thread::yield_now();
            }
            begin.send(()).unwrap();
            assert_eq!(before.join().unwrap(), Ok("before"));
            while all.iter().filter(|one| one.is_finished()).count() < 2 {
                thread::yield_now();
            }
            assert_eq!(together.lock().running, 1);
            go_on.send(()).unwrap();
            let mut told: Vec<_> = all.into_iter().map(|one| one.join().unwrap()).collect();
            told.sort_by_key(Result::is_err);
            assert_eq!(told, [Ok("early"), Ok("early"), Err(Failure::new("late"))]);
        });
        together.until_idle();
        let state = together.lock();
        assert_eq!((state.running, state.told.len(), state.done.len()), (0, 0, 0));
    }

    #[test]
    fn a_panic_is_a_failure_of_all_who_waited_for_it_and_the_next_lot_is_done() {
        let together = Together::<u32, ()>::default();
        let panics = || together.done(1, |_| panic!("on purpose"));
        let panic = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
        assert_eq!(together.done(2, |lot| lot.iter().map(|_| Ok(())).collect()), Ok(()));
        assert_eq!(together.done(3, |_| Vec::new()), Err(Failure::lingering(UNTOLD)));
    }
}
