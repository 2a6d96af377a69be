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
