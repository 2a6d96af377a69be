//! Reads a list that Podman printed, one element after the other: as one text and as values, all of it would be there twice. Reads nothing
//! else, changes nothing.

use crate::few::Few;
use crate::host::command::Pieces;
use serde::de::DeserializeOwned;

/// What was read last.
#[derive(Clone, Copy)]
enum After {
    Nothing,
    Bracket,
    /// Something within an element, within so many braces.
    Within(usize),
    Element,
    Comma,
    TheList,
}

/// What Podman printed as a list of objects. Where there is nothing it prints an empty list: who prints nothing has not looked.
pub(super) fn read<T: DeserializeOwned, C: Default + Extend<T>>(printed: Pieces) -> Result<C, serde_json::Error> {
    // What is wrong with anything else is told by who reads all of it.
    if let Some(elements) = elements(&printed) {
        return Ok(elements);
    }
    serde_json::from_slice(&printed.whole()).map(|all: Vec<T>| all.gathered())
}

fn elements<T: DeserializeOwned, C: Default + Extend<T>>(printed: &Pieces) -> Option<C> {
    let (mut elements, mut text) = (C::default(), Vec::new());
    let (mut after, mut quoted, mut escaped) = (After::Nothing, false, false);
    for byte in printed.bytes() {
        after = match (after, byte) {
            (After::Within(braces), _) => {
                text.push(byte);
                let braces = match byte {
                    _ if std::mem::take(&mut escaped) => braces,
                    b'\\' => {
                        escaped = quoted;
                        braces
                    }
                    b'"' => {
                        quoted = !quoted;
                        braces
                    }
                    b'{' if !quoted => braces + 1,
                    b'}' if !quoted => braces - 1,
                    _ => braces,
                };
                if braces == 0 {
                    elements.extend(Some(serde_json::from_slice(&text).ok()?));
                    text.clear();
                    After::Element
                } else {
                    After::Within(braces)
                }
            }
            (_, b' ' | b'\t' | b'\r' | b'\n') => after,
            (After::Nothing, b'[') => After::Bracket,
            (After::Bracket | After::Comma, b'{') => {
                text.push(byte);
                After::Within(1)
            }
            (After::Element, b',') => After::Comma,
            (After::Bracket | After::Element, b']') => After::TheList,
            _ => return None,
        };
    }
    matches!(after, After::TheList).then_some(elements)
}

#[cfg(test)]
mod tests {
    use super::{elements, read};
    use crate::host::command::Pieces;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    fn printed(text: &str) -> Pieces {
        Pieces::from(text.as_bytes())
    }

    #[test]
    fn a_list_of_objects_is_read_element_by_element() {
        let list = json!([{ "a": "}\\\"{", "b": [{}, { "c": 1 }] }, {}, { "d\\": "\\" }]);
        for text in [list.to_string(), format!("\n{list:#}\n")] {
            assert_eq!(elements::<Value, Vec<_>>(&printed(&text)), list.as_array().cloned());
        }
        assert_eq!(elements::<Value, Vec<_>>(&printed(" [ ]\n")), Some(Vec::new()));
    }

    #[test]
    fn everything_else_is_told_as_who_reads_all_of_it_tells() {
        for text in
            ["", "[", "[{}", "[{},]", "[,{}]", "[{}{}]", "[{}]]", "{}", "[{[}]]", "null", "[7]", r#"[{"a": "}]"#]
        {
            assert_eq!(elements::<Value, Vec<_>>(&printed(text)), None, "{text}");
            let told = |read: Result<Vec<Value>, serde_json::Error>| read.map_err(|problem| problem.to_string());
            assert_eq!(told(read(printed(text))), told(serde_json::from_slice(text.as_bytes())), "{text}");
        }
    }
}
