//! What a run means to do and has done: records, the law that they obey, the file that they live in.
//!
//! Before an operation is performed its intent is on disk, with the name of everything that may come to exist. After a
//! crash the story that the records tell says how far the run had come; what there is to clean up is found by looking.

mod law;
mod record;
mod store;

pub use law::{Breach, Phase, Story};
pub use record::{Line, Record};
pub use store::{Journal, JournalProblem};
