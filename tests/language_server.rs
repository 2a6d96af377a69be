//! `landfall lsp` as an editor sees it: the real program over its standard input and output, whole messages compared.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the editor is a test, which starts programs and may fail"
)]

#[path = "language_server/agreement.rs"]
mod agreement;
#[path = "language_server/answers.rs"]
mod answers;
#[path = "language_server/completion.rs"]
mod completion;
#[path = "language_server/diagnostics.rs"]
mod diagnostics;
#[path = "language_server/editor.rs"]
mod editor;
#[path = "language_server/editors.rs"]
mod editors;
#[path = "language_server/lifecycle.rs"]
mod lifecycle;
#[path = "language_server/names.rs"]
mod names;
