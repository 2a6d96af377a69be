//! What running containers use, and what lies in data directories: read from the kernel. Reads only.

mod directories;
mod processes;
mod writers;

pub use directories::{Directory, Size, directory, size};
pub use processes::{Sample, sample};
pub use writers::{FileId, Writer, writers};
