//! Files and folders, as root must touch them: by descriptor, following no stranger's link, durable when it returns.

mod atomic;
mod content;
mod context;
mod descriptor;
mod directories;
mod folder;
mod groups;
mod listing;
mod look;
mod nameless;
mod new_files;
mod plans;
mod problem;
#[cfg(test)]
mod tests;
mod tree;
mod trusted;
mod untrusted;
mod within_reach;

pub use atomic::{
    create_private_directory, read_if_there, remove_if_empty, remove_if_there, remove_unfinished_in, reserve,
    sync_directory, unfinished, write_atomically, write_atomically_by, write_reserved,
};
pub use context::{CopiedContext, context_sha256, copy_context, trusted_context};
pub use directories::{Owner, create_directories, remove_unfinished_directories};
pub use folder::{OpenedFolder, open_folder};
pub use listing::list_folder;
pub use look::{DirectoryLook, observe_directory};
pub use nameless::Nameless;
pub use new_files::{NewFile, write_new_files};
pub use plans::{Argument, plans_of};
pub use problem::{FileProblem, Stranger};
pub use tree::remove_tree;
pub use trusted::{
    TrustedFile, check_trusted_directory, open_secret, open_trusted, open_untrusted, trusted_owners, where_it_leads,
};
pub use untrusted::{read_standard_input, read_untrusted};
pub use within_reach::who_could_exchange;
