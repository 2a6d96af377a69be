//! Fills variables in as Compose does: `$NAME`, `${NAME}`, `${NAME:-default}` and the others. Reads nothing, changes nothing.

/// Defaults inside defaults.
const MAXIMUM_DEPTH: usize = 16;

/// The most that variables make of one text or file, in bytes: each may stand for one of many more.
pub const MAXIMUM_FILLED: usize = 8 << 20;

/// A text with its variables filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// The variables that have no value and no default: nothing stands in their place.
    pub unset: Vec<String>,
    /// Whether there is a `$` that begins no variable; it stays as it is.
    pub odd: bool,
}

/// Fills the variables of a text in; `value_of` knows their values. It ends soon after [`MAXIMUM_FILLED`] bytes.
pub fn fill(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Filled {
    let mut filled = Filled::default();
    fill_into(text, value_of, 0, &mut filled);
    filled
}

fn fill_into(text: &str, value_of: &dyn Fn(&str) -> Option<String>, depth: usize, filled: &mut Filled) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.text.push_str(before);
        if filled.text.len() > MAXIMUM_FILLED {
            return;
        }
        rest = if let Some(after) = after.strip_prefix('$') {
            filled.text.push('$');
            after
        } else if let Some((name, after)) = bare(after) {
            put(name, value_of, filled);
            after
        } else if let Some((inside, after)) = braced(after).filter(|_| depth < MAXIMUM_DEPTH) {
            if !substitute(inside, value_of, depth, filled) {
                filled.odd = true;
                filled.text.push_str("${");
                filled.text.push_str(inside);
                filled.text.push('}');
            }
            after
        } else {
            filled.odd = true;
            filled.text.push('$');
            after
        };
    }
    filled.text.push_str(rest);
}

fn put(name: &str, value_of: &dyn Fn(&str) -> Option<String>, filled: &mut Filled) {
    match value_of(name) {
        Some(value) => filled.text.push_str(&value),
        None => filled.unset.push(name.to_owned()),
    }
}

fn bare(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if !(first.is_ascii_alphabetic() || first == '_') {
        return None;
    }
    text.split_at_checked(text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len()))
}

/// What stands in braces, and what follows.
fn braced(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{')?;
    let mut depth = 1usize;
    let mut previous = ' ';
    for (index, character) in inside.char_indices() {
        match character {
            '{' if previous == '$' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, rest) = inside.split_at_checked(index)?;
            return Some((inside, rest.strip_prefix('}')?));
        }
        previous = character;
    }
    None
}

/// Whether what stands in the braces is a variable, perhaps with a default.
fn substitute(inside: &str, value_of: &dyn Fn(&str) -> Option<String>, depth: usize, filled: &mut Filled) -> bool {
    let Some((name, operation)) = bare(inside) else { return false };
    let (empty_counts, operation) = match operation.strip_prefix(':') {
        Some(operation) => (false, operation),
        None => (true, operation),
    };
    let value = value_of(name).filter(|value| empty_counts || !value.is_empty());
    let mut characters = operation.chars();
    match (characters.next(), value) {
        (None, _) if !empty_counts => return false,
        (None, _) => put(name, value_of, filled),
        (Some('-' | '?'), Some(value)) => filled.text.push_str(&value),
        (Some('-'), None) | (Some('+'), Some(_)) => {
            fill_into(characters.as_str(), value_of, depth + 1, filled);
        }
        (Some('?'), None) => filled.unset.push(name.to_owned()),
        (Some('+'), None) => {}
        (Some(_), _) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Filled, fill};
    use pretty_assertions::assert_eq;

    fn filled(text: &str) -> Filled {
        fill(text, &|name| match name {
            "SET" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_filled_in_as_compose_does() {
        let cases = [
            ("no variable", "no variable"),
            ("a $SET b", "a value b"),
            ("${SET}${SET}", "valuevalue"),
            ("$SET-x", "value-x"),
            ("$$SET and $${SET}", "$SET and ${SET}"),
            ("${NONE:-default}", "default"),
            ("${EMPTY:-default}", "default"),
            ("${EMPTY-default}", ""),
            ("${SET:-default}", "value"),
            ("${NONE:-${SET}/b}", "value/b"),
            ("${NONE:-${OTHER:-{x\\}}}", "{x\\}"),
            ("${SET:+there}", "there"),
            ("${EMPTY:+there}", ""),
            ("${EMPTY+there}", "there"),
            ("${NONE+there}", ""),
            ("${SET:?needed}", "value"),
            ("${NONE:-http://host:80}", "http://host:80"),
        ];
        for (text, expected) in cases {
            assert_eq!(filled(text), Filled { text: expected.to_owned(), ..Filled::default() }, "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_named_and_leaves_nothing() {
        let unset = |text: &str| (filled(text).text, filled(text).unset);
        assert_eq!(unset("a${NONE}b"), ("ab".to_owned(), vec!["NONE".to_owned()]));
        assert_eq!(unset("${NONE:?needed}$OTHER"), (String::new(), vec!["NONE".to_owned(), "OTHER".to_owned()]));
    }

    #[test]
    fn variables_that_stand_for_more_and_more_come_to_an_end() {
        let long = "x".repeat(1 << 20);
        let filled = fill(&"$LONG".repeat(1_000), &|_| Some(long.clone()));
        assert_eq!(filled.text.len(), super::MAXIMUM_FILLED + (1 << 20));
    }

    #[test]
    fn a_dollar_that_begins_no_variable_stays() {
        for text in ["costs 5$", "$5", "${", "${}", "${NONE:}", "${a b}", "${SET!x}"] {
            assert_eq!(filled(text), Filled { text: text.to_owned(), unset: Vec::new(), odd: true }, "{text}");
        }
    }
}
