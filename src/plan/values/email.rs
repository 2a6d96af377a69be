//! Mail addresses. Reads nothing, changes nothing.

use super::form::{Problem, is_word, right, shown};
use super::host::Host;
use crate::diagnostics::Code;

/// A mail address that needs no quoting anywhere: in headers, in SMTP, in an argument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

text!(Email);

impl Email {
    /// Reads a mail address.
    ///
    /// # Errors
    /// A text that is not one user, one `@` and one host name, or that some mail program would have to quote.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = Problem::new(Code::BadEmail, format!("mail address {} is not a mail address", shown(text)));
        let Some((user, host)) = text.split_once('@') else {
            let meant = is_user(text).then(|| format!("{text}@localhost"));
            return Err(problem
                .label("a user, `@` and a host name")
                .write(meant.and_then(|meant| right::<Self>(text, meant))));
        };
        let named = matches!(Host::parse(host), Ok(Host::Name(_)));
        if is_user(user) && named && text.len() <= 254 {
            return Ok(Self(text.to_owned()));
        }
        let in_brackets = text.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
        let bare = in_brackets.filter(|bare| Self::parse(bare).is_ok());
        Err(problem.write(bare).label("a user of letters, digits and `._+=-`, `@` and a host name"))
    }
}

fn is_user(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '=' | '-');
    let word = is_word(text, 64, |c| c.is_ascii_alphanumeric() || c == '_', rest);
    word && !text.ends_with('.') && !text.contains("..")
}

value!(Email {
    format: "landfall-email",
    pattern: concat!(r"^[A-Za-z0-9_](\.?[A-Za-z0-9_+=-])*@", host_name!(), "$"),
    longest: 254,
    beyond: ["a user of more than 64 characters, or a last part of the host's name of more than 63"],
    wrong: "a user, @ and a host name",
    description: "A mail address.",
    examples: ["ops@example.org"],
});
