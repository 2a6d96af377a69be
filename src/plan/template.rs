//! Texts with secrets in them: `{{name}}`, `{{url name}}`, `{{json name}}`. Reads nothing, changes nothing.
//!
//! A small part of Handlebars, strict and without escaping: what is accepted means the same as it does there, and the tests
//! hold it against the `handlebars` crate. Everything else of Handlebars is refused, because a template here fills in secrets
//! and decides nothing.

mod filled;

use super::secrets::Secrets;
use super::values::{Problem, SecretName};
use crate::diagnostics::Code;
use crate::few::Few;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;

/// What RFC 3986 lets stand in every part of a URL stays; every other byte is percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Words that mean something else to Handlebars than a secret's name.
const KEYWORDS: [&str; 6] = ["this", "true", "false", "null", "else", "as"];

/// A text with secrets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Secret(SecretName, Encoding),
}

/// How a secret's value is written into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    AsItStands,
    Url,
    Json,
}

/// A template names a secret that there is no value for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template names the secret `{0}`, which has no value")]
pub struct NoSuchSecret(pub SecretName);

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Anything in double braces that is not a secret's name, alone or after `url` or `json`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if let Some(before) = before.strip_suffix('\\') {
                if before.ends_with('\\') {
                    return Err(several_backslashes());
                }
                let (braces, after) = after.strip_prefix("{{").map_or(("{{", after), |after| ("{{{{", after));
                parts.push(Part::Text(format!("{before}{braces}")));
                rest = after;
                continue;
            }
            parts.push(Part::Text(before.to_owned()));
            let (part, after) = expression(after)?;
            parts.push(part);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The secrets that it names.
    pub fn secrets(&self) -> BTreeSet<SecretName> {
        let name = |part: &Part| match part {
            Part::Text(_) => None,
            Part::Secret(name, _) => Some(name.clone()),
        };
        self.0.iter().filter_map(name).gathered()
    }

    /// The text with the secrets' values in it.
    ///
    /// # Errors
    /// A secret that has no value.
    pub fn render(&self, secrets: &Secrets) -> Result<SecretString, NoSuchSecret> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(words) => text.push_str(words),
                Part::Secret(name, encoding) => {
                    let value = secrets.get(name).ok_or_else(|| NoSuchSecret(name.clone()))?.expose_secret();
                    match encoding {
                        Encoding::AsItStands => text.push_str(value),
                        Encoding::Url => text.extend(utf8_percent_encode(value, RESERVED)),
                        Encoding::Json => text.push_str(&serde_json::Value::from(value).to_string()),
                    }
                }
            }
        }
        Ok(text.into())
    }
}

/// What stands between `{{` and `}}`, and the text after it.
fn expression(after: &str) -> Result<(Part, &str), Problem> {
    if after.starts_with('{') {
        return Err(problem("has three braces in a row")
            .label("nothing is escaped, so `{{{` has no use")
            .help("write `{{name}}`; where a brace stands before it, put a space between: `{ {{name}}`"));
    }
    let Some((inside, rest)) = after.split_once("}}") else {
        return Err(problem("has `{{` without `}}`")
            .label("never closed")
            .help("close it with `}}`, or write `\\{{` (in JSON: `\"\\\\{{\"`) where two braces are meant"));
    };
    let words: Vec<_> = inside.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    let part = match words.as_slice() {
        [] => return Err(problem("has nothing between `{{` and `}}`").help("write a secret's name between them")),
        ["url" | "json"] => {
            return Err(problem(&format!("has `{{{{{inside}}}}}` without a name"))
                .label("a helper needs a secret's name")
                .help("write `{{url name}}` or `{{json name}}`"));
        }
        [name] => Part::Secret(secret(name)?, Encoding::AsItStands),
        ["url", name] => Part::Secret(secret(name)?, Encoding::Url),
        ["json", name] => Part::Secret(secret(name)?, Encoding::Json),
        [first, ..] if first.starts_with(['#', '/', '>', '!', '&', '*', '^', '~', '@']) => return Err(refused(first)),
        [helper, ..] => {
            return Err(problem(&format!("has the unknown helper `{helper}`"))
                .label("the helpers are `url` and `json`, each with one secret's name"));
        }
    };
    Ok((part, rest))
}

fn secret(word: &str) -> Result<SecretName, Problem> {
    if word.starts_with(['#', '/', '>', '!', '&', '*', '^', '~', '@']) || word.ends_with('~') {
        return Err(refused(word));
    }
    if KEYWORDS.contains(&word) || word.contains('.') {
        return Err(problem(&format!("has `{{{{{word}}}}}`, which Handlebars does not read as a name"))
            .label("a path or a word of its own")
            .help("give the secret another name: letters, digits, `_` and `-`"));
    }
    SecretName::parse(word).map_err(|_| {
        problem(&format!("has `{{{{{word}}}}}`, which is not a secret's name"))
            .label("a letter or `_`, then up to 62 letters, digits, `_` and `-`")
    })
}

fn refused(word: &str) -> Problem {
    let what = match word.chars().next() {
        Some('#' | '/' | '^') => "a block",
        Some('>') => "a partial",
        Some('!') => "a comment",
        Some('&') => "`&`, and nothing is escaped",
        Some('*') => "a decorator",
        Some('@') => "a variable of Handlebars",
        Some(_) | None => "`~`, which would remove white space",
    };
    problem(&format!("has {what}"))
        .label("only `{{name}}`, `{{url name}}` and `{{json name}}` mean something here")
        .help("a template fills in secrets, and nothing else; write the rest as plain text")
}

fn several_backslashes() -> Problem {
    problem("has more than one `\\` in front of `{{`")
        .label("is the brace meant, or the secret?")
        .help("write one `\\` (in JSON: two) where two braces are meant, and none in front of a secret")
}

fn problem(what: &str) -> Problem {
    Problem::new(Code::BadTemplate, format!("the template {what}"))
}

#[cfg(test)]
mod tests;
