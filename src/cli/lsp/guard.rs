//! Keeps a defect from ending the session: a panic becomes its place. Its words are dropped, since they may quote a document.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on a panic notes where it was instead of printing what it says.
pub fn install() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        PLACE.with(|noted| *noted.borrow_mut() = place);
    }));
}

/// What the function returns, or where it panicked.
pub fn guarded<T>(function: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(function))
        .map_err(|_| PLACE.with(|noted| noted.borrow_mut().take()).unwrap_or_else(|| "an unknown place".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{guarded, install};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_panic_becomes_its_place_and_its_words_are_dropped() {
        install();
        let outcomes = [guarded(|| 1), guarded(|| panic!("hunter2")), guarded(|| "ä".as_bytes()[2].into())];
        drop(std::panic::take_hook());
        let file = |outcome: Result<i32, String>| outcome.map_err(|place| place.split(':').next().map(str::to_owned));
        let here = Err(Some(file!().to_owned()));
        assert_eq!(outcomes.map(file), [Ok(1), here.clone(), here]);
    }
}
