//! Passwords that somebody wrote into a plan: an excerpt shows stars in their place. Reads nothing, changes nothing.

use std::ops::Range;

/// What stands for each character of a password.
const HIDDEN: char = '*';

/// The line with stars where a password stands: behind the user of an address, and as the value of a field `password`.
/// It has as many characters as before.
pub(super) fn without_passwords(line: &str) -> String {
    let passwords: Vec<Range<usize>> = in_addresses(line).chain(in_fields(line)).collect();
    let shown = |(at, character)| if passwords.iter().any(|range| range.contains(&at)) { HIDDEN } else { character };
    line.char_indices().map(shown).collect()
}

/// The `secret` of each `scheme://user:secret@host`. A template's `{{name}}` is none.
fn in_addresses(line: &str) -> impl Iterator<Item = Range<usize>> {
    line.match_indices("://").filter_map(move |(scheme, _)| {
        let start = scheme + "://".len();
        let rest = line.get(start..)?;
        let authority = rest.split(['/', '"', '?', '#', '\\']).next()?;
        let user = authority.get(..authority.rfind('@')?)?;
        let colon = user.find(':')?;
        let range = start + colon + 1..start + user.len();
        (!line.get(range.clone())?.contains("{{")).then_some(range)
    })
}

/// What stands in quotes behind each `"password":`.
fn in_fields(line: &str) -> impl Iterator<Item = Range<usize>> {
    line.match_indices("\"password\"").filter_map(move |(key, name)| {
        let behind = line.get(key + name.len()..)?.trim_start().strip_prefix(':')?.trim_start();
        let value = behind.strip_prefix('"')?;
        let start = line.len() - value.len();
        Some(start..start + end_of_text(value))
    })
}

/// Where the closing quote stands, or the end.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    let ends = |(_, character): &(usize, char)| {
        let ends = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::without_passwords;
    use pretty_assertions::assert_eq;

    #[test]
    fn passwords_are_hidden_and_nothing_else_is() {
        for (line, shown) in [
            (r#""http": "http://ann:secret@web:80/a@b""#, r#""http": "http://ann:******@web:80/a@b""#),
            (r#""A": "redis://:pä@ss@cache", "B": 1"#, r#""A": "redis://:*****@cache", "B": 1"#),
            (r#""password" : "a \"horse\"" }"#, r#""password" : "***********" }"#),
            (r#""password": "not closed"#, r#""password": "**********"#),
            (r#""password": { "secret": "smtp" }"#, r#""password": { "secret": "smtp" }"#),
            (r#""template": "postgres://a:{{url db}}@db/x""#, r#""template": "postgres://a:{{url db}}@db/x""#),
            (r#""image": "registry.example:5000/a@sha256:1""#, r#""image": "registry.example:5000/a@sha256:1""#),
            (r#""http": "http://web:80/", "to": "a@b""#, r#""http": "http://web:80/", "to": "a@b""#),
        ] {
            assert_eq!(without_passwords(line), shown);
        }
    }
}
