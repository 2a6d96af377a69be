//! Why a script was not made. Reads nothing, changes nothing.

use std::path::PathBuf;

/// Why a script was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ScriptProblem {
    /// Cron and Bash would both need such a path quoted, each in its own way.
    #[error(
        "the path {} can't stand in a crontab: use a state folder whose path has letters, digits and `/._+-` only",
        path.display()
    )]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// No argument of a command can hold the character NUL.
    #[error("the script `{script}` would have to hold a NUL character: take it out of the plan's {text:?}")]
    Nul {
        /// The script's name.
        script: String,
        /// The text that has it.
        text: String,
    },
    /// A defect of ours: a template is not what the code that fills it takes it for.
    #[error("the script `{script}` can't be made from its template: {said}")]
    Template {
        /// The script's name.
        script: String,
        /// What the template library said.
        said: String,
    },
    /// The account at the mail server can't be written down for curl.
    #[error(
        "the {what} of the mail server can't stand in curl's netrc file: use 1 to 1000 characters, no control characters"
    )]
    MailAccount {
        /// `user name` or `password`.
        what: &'static str,
    },
}
