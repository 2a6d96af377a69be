//! What a process is started with: programs, variables, users. Reads nothing, changes nothing.

use super::form::{Problem, is_word, shown};
use super::owner::number;
use crate::diagnostics::Code;

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentName(String);

/// The name of a program, to be found on the fixed `PATH`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandName(String);

/// Who a container's process runs as: `name|uid[:group|gid]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User(String);

text!(EnvironmentName);
text!(CommandName);
text!(User);

impl EnvironmentName {
    /// Reads the name of a variable.
    ///
    /// # Errors
    /// Anything but letters, digits and `_`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if is_word(text, 255, |c| c.is_ascii_alphabetic() || c == '_', rest) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(Code::BadName, format!("environment variable {} is not a name", shown(text)))
            .label("a letter or `_`, then letters, digits and `_`")
            .write(Some(text.replace(['-', ' '], "_")).filter(|near| near != text && Self::parse(near).is_ok())))
    }
}

impl CommandName {
    /// Reads the name of a program.
    ///
    /// # Errors
    /// A path, a command line, or characters that no program's name needs.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = |what: &str| Problem::new(Code::BadName, format!("command {} {what}", shown(text)));
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
        if is_word(text, 64, |c| c.is_ascii_alphanumeric() || c == '_', rest) {
            return Ok(Self(text.to_owned()));
        }
        let name = text.rsplit('/').next().filter(|name| text.contains('/') && Self::parse(name).is_ok());
        Err(problem("is not a program's name").label("a bare name: no folder, no arguments").write(name))
    }
}

impl User {
    /// Reads a user, and perhaps a group.
    ///
    /// # Errors
    /// A part that is neither a name nor a number.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        if is_account(user) && group.is_none_or(is_account) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(Code::BadOwner, format!("user {} is neither a name nor a number", shown(text)))
            .label("`user` or `user:group`, each a name or a number"))
    }

    /// The user's name or number.
    pub fn user(&self) -> &str {
        self.0.split_once(':').map_or(self.as_str(), |(user, _)| user)
    }

    /// The group's name or number, if one is written.
    pub fn group(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, group)| group)
    }
}

fn is_account(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    number(text).is_some() || is_word(text, 32, |c| c.is_ascii_alphabetic() || c == '_', rest)
}

value!(EnvironmentName {
    format: "landfall-environment-name",
    pattern: r"^[A-Za-z_][A-Za-z0-9_]{0,254}$",
    wrong: "a letter or _, then letters, digits and _",
    description: "The name of an environment variable.",
    examples: ["POSTGRES_USER"],
});

value!(CommandName {
    format: "landfall-command-name",
    pattern: r"^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$",
    wrong: "the bare name of a program",
    description: "The bare name of a program, found on the fixed PATH.",
    examples: ["curl"],
});

value!(User {
    format: "landfall-user",
    pattern: concat!("^", account!(), "(:", account!(), ")?$"),
    wrong: "user or user:group, each a name or a number",
    description: "Who the process runs as: a user and perhaps a group, each a name of the image or a number.",
    examples: ["postgres", "999:999"],
});
