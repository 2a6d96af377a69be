//! The schemas: complete for whoever writes a plan in an editor, and one with the program, with editors and with other
//! validators.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "plans are files, editors and validators are programs, and a test may fail"
)]

mod agreement;
mod defaults;
mod editor;
mod fields;
mod neovim;
mod random;
mod snippets;
mod tools;
mod validators;
mod walk;
