//! Reads env files: lines `NAME=value`, as Compose does. Reads nothing, changes nothing.

use super::variables::{self, MAXIMUM_FILLED};
use std::collections::BTreeMap;

/// One variable of an env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; `None` where only the name stands, which takes the value from the surroundings.
    pub value: Option<String>,
}

/// What an env file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvFile {
    /// The variables, in order.
    pub variables: Vec<Variable>,
    /// The numbers of the lines, from 1, that are none.
    pub odd: Vec<usize>,
}

/// Reads an env file.
///
/// It ends where the values get too large. Values without quotes or in double quotes have their variables filled in, from `value_of` and from the lines before.
pub fn parse(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> EnvFile {
    let (mut file, mut own) = (EnvFile::default(), BTreeMap::new());
    let mut rest = text.trim_start_matches('\u{feff}');
    let (mut number, mut bytes) = (1, 0);
    while !rest.is_empty() {
        let known = |name: &str| value_of(name).or_else(|| own.get(name).cloned());
        let (line, mut after) = rest.split_once('\n').unwrap_or((rest, ""));
        match variable(line, rest, &known) {
            Read::Nothing => {}
            Read::Odd => file.odd.push(number),
            // Each line may repeat the one before many times.
            Read::Variable(_, _) if bytes > MAXIMUM_FILLED => {
                file.odd.push(number);
                break;
            }
            Read::Variable(variable, further) => {
                bytes += variable.value.as_ref().map_or(0, String::len);
                if let Some(further) = further {
                    after = further.split_once('\n').map_or("", |(_, after)| after);
                }
                if let Some(value) = &variable.value {
                    own.insert(variable.name.clone(), value.clone());
                }
                file.variables.push(variable);
            }
        }
        let consumed = rest.get(..rest.len() - after.len()).unwrap_or_default();
        number += consumed.matches('\n').count();
        rest = after;
    }
    file
}

enum Read<'a> {
    Nothing,
    Odd,
    /// With what follows the closing quote, if there is one: it may be on a later line.
    Variable(Variable, Option<&'a str>),
}

/// `rest` begins with the line.
fn variable<'a>(line: &str, rest: &'a str, value_of: &dyn Fn(&str) -> Option<String>) -> Read<'a> {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Read::Nothing;
    }
    let (name, equals) = match line.split_once('=') {
        Some((name, _)) => (name.trim(), Some(name.len() + 1)),
        None => (trimmed, None),
    };
    let name = name.strip_prefix("export ").map_or(name, str::trim_start).to_owned();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
        return Read::Odd;
    }
    let Some(equals) = equals else { return Read::Variable(Variable { name, value: None }, None) };
    let value = rest.get(equals..).unwrap_or_default().trim_start_matches([' ', '\t']);
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => match quoted(value, quote) {
            Some((_, further)) if !ends(further) => Read::Odd,
            Some((inside, further)) => {
                let value =
                    if quote == '"' { variables::fill(&unescaped(inside), value_of).text } else { inside.to_owned() };
                Read::Variable(Variable { name, value: Some(value) }, Some(further))
            }
            None => Read::Odd,
        },
        Some(_) | None => {
            let value = value.split('\n').next().unwrap_or_default();
            let bare = if value.starts_with('#') { "" } else { value.split(" #").next().unwrap_or_default() };
            Read::Variable(Variable { name, value: Some(variables::fill(bare.trim_end(), value_of).text) }, None)
        }
    }
}

/// What stands in the quotes, and what follows them.
fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(quote)?;
    let mut escaped = false;
    for (index, character) in inside.char_indices() {
        if character == quote && !escaped {
            let (inside, rest) = inside.split_at_checked(index)?;
            return Some((inside, rest.strip_prefix(quote)?));
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// Whether nothing but a comment follows a closing quote on its line.
fn ends(further: &str) -> bool {
    let rest = further.lines().next().unwrap_or_default().trim();
    rest.is_empty() || rest.starts_with('#')
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            // `$$` is how a dollar is written where variables are filled in.
            Some('$') => out.push_str("$$"),
            Some(other @ ('"' | '\\')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{EnvFile, Variable, parse};
    use pretty_assertions::assert_eq;

    #[test]
    fn an_env_file_is_read_as_compose_reads_it() {
        let text = "# a comment\n\nPLAIN=a b  # said\nexport EXPORTED=x\nHASH=a#b\nEMPTY=\n SPACED = y \r\nALONE\n\
            SINGLE='$PLAIN \"x\"'\nDOUBLE=\"${PLAIN}\\n\\\"q\\\"\" # said\nLINES=\"one\ntwo\"\nNESTED=${HOME:-none}/$EXPORTED\n\
            what is this\nOPEN=\"x\nLAST=1";
        let variable =
            |name: &str, value: Option<&str>| Variable { name: name.to_owned(), value: value.map(str::to_owned) };
        let expected = EnvFile {
            variables: vec![
                variable("PLAIN", Some("a b")),
                variable("EXPORTED", Some("x")),
                variable("HASH", Some("a#b")),
                variable("EMPTY", Some("")),
                variable("SPACED", Some("y")),
                variable("ALONE", None),
                variable("SINGLE", Some("$PLAIN \"x\"")),
                variable("DOUBLE", Some("a b\n\"q\"")),
                variable("LINES", Some("one\ntwo")),
                variable("NESTED", Some("/root/x")),
                variable("LAST", Some("1")),
            ],
            odd: vec![14, 15],
        };
        assert_eq!(parse(text, &|name| (name == "HOME").then(|| "/root".to_owned())), expected);
    }

    /// Ten lines of ten times the line before would be a gigabyte.
    #[test]
    fn lines_that_repeat_one_another_come_to_an_end() {
        let line = |n: usize| format!("A{n}={}\n", format!("${{A{}}}", n - 1).repeat(10));
        let text = format!("A0={}\n", "x".repeat(100)) + &(1..=10).map(line).collect::<String>();
        let file = parse(&text, &|_| None);
        assert_eq!((file.variables.len(), file.odd), (6, vec![7]));
    }

    #[test]
    fn what_follows_a_closing_quote_is_not_dropped_in_silence() {
        let file = parse("A=\"x\"y\nB='it\\'s'\nC='x' # said\n", &|_| None);
        let values: Vec<_> = file.variables.into_iter().map(|variable| variable.value.unwrap()).collect();
        assert_eq!((values, file.odd), (vec!["it\\'s".to_owned(), "x".to_owned()], vec![1]));
    }
}
