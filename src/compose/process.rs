//! What runs in the container, and with which rights. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, quantities};
use crate::plan::values::{Capability, ContainerPath, Device, Duration, LabelKey, Signal, SysctlName, User};
use crate::plan::written::Written;

/// Takes over what says which process runs, as whom, and what it may do.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    let value = match name {
        "command" | "entrypoint" => words(conversion, node),
        "user" => conversion.one::<User>(node),
        "working_dir" => conversion.one::<ContainerPath>(node),
        "stop_signal" => conversion.text(node).and_then(|text| {
            let upper = text.to_ascii_uppercase();
            let long = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
            conversion.value::<Signal>(node, &long)
        }),
        "stop_grace_period" => grace(conversion, node),
        "init" | "read_only" => conversion.switch(node).filter(|on| *on).map(|on| Written::from(on).out_of(node.id)),
        "cap_add" | "cap_drop" => capabilities(conversion, node),
        "devices" => conversion.several::<Device>(node),
        "sysctls" => by_name::<SysctlName>(conversion, node),
        "labels" => by_name::<LabelKey>(conversion, node),
        "security_opt" => security(conversion, node, service),
        _ => return false,
    };
    put(service, name, value);
    true
}

/// A command line, in one text or in several.
fn words<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    if node.is_null() {
        conversion.ledger.needless(node, "nothing is written here, so the image's own counts");
        return None;
    }
    if let Kind::List(elements) = &node.kind {
        let texts: Vec<_> =
            elements.iter().filter_map(|element| conversion.text(element).map(|text| (element, text))).collect();
        texts.iter().for_each(|(element, _)| conversion.ledger.carried(element));
        if elements.is_empty() {
            conversion.ledger.lost(node, "an empty list would take the image's own away", "write what is to run");
        }
        return (!texts.is_empty()).then(|| Written::texts(texts.into_iter().map(|(_, text)| text)).out_of(node.id));
    }
    let text = conversion.text(node)?;
    match split(text) {
        Ok(words) if !words.is_empty() => {
            conversion.ledger.carried(node);
            Some(Written::texts(words).out_of(node.id))
        }
        Ok(_) => {
            conversion.ledger.lost(node, "an empty command would take the image's own away", "write what is to run");
            None
        }
        Err(problem) => {
            let message = match problem {
                NoCommand::Open => "a quote is not closed".to_owned(),
                NoCommand::OfAShell(sign) => format!("`{sign}` means something to a shell, and no shell reads this"),
            };
            let help = "write the command as a list, such as `[\"sh\", \"-c\", \"one && other\"]`";
            conversion.ledger.lost(node, message, help);
            None
        }
    }
}

/// Why a text is no command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoCommand {
    /// A quote is not closed, or nothing follows a backslash.
    Open,
    /// It has a sign without quotes that Compose refuses, or behind which it drops everything.
    OfAShell(char),
}

/// The words of a command line as Compose splits them: no `#` begins a comment, and `\n` is a line break wherever a
/// backslash counts.
fn split(text: &str) -> Result<Vec<String>, NoCommand> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => {
                let escaped = match characters.next().ok_or(NoCommand::Open)? {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                };
                word.get_or_insert_default().push(escaped);
            }
            (character, Some(open)) if character == open => quote = None,
            ('"' | '\'', None) => {
                word.get_or_insert_default();
                quote = Some(character);
            }
            (' ' | '\t' | '\r' | '\n', None) => words.extend(word.take()),
            (';' | '&' | '|' | '<' | '>' | '(' | ')' | '`', None) => return Err(NoCommand::OfAShell(character)),
            (character, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    if quote.is_some() { Err(NoCommand::Open) } else { Ok(words) }
}

fn grace<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let text = conversion.text(node)?;
    let Some(length) = quantities::milliseconds(text) else { return conversion.duration(node) };
    let whole = length.div_ceil(1_000) * 1_000;
    if whole != length {
        conversion.ledger.changed(node, "the time is rounded up: engines count in whole seconds", "");
    }
    conversion.value::<Duration>(node, &quantities::written_duration(whole))
}

fn capabilities<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut values = Vec::new();
    for element in conversion.elements(node) {
        let Some(text) = conversion.text(element) else { continue };
        values.extend(conversion.value::<Capability>(element, &text.to_ascii_uppercase()));
    }
    conversion.list(node, values).filter(|_| !node.is_leaf())
}

fn by_name<'a, T: crate::plan::values::Value>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let mut values = Written::object();
    for pair in conversion.pairs(node) {
        if conversion.value::<T>(pair.node, &pair.name).is_some() {
            values.put(&pair.name, Written::text(pair.value.unwrap_or_default()).out_of(pair.node.id));
        }
    }
    (!values.is_empty()).then_some(values)
}

fn security<'a>(conversion: &mut Conversion<'a>, node: &'a Node, service: &mut Written) -> Option<Written> {
    for element in conversion.elements(node) {
        let Some(text) = conversion.text(element) else { continue };
        match text.replace('=', ":").as_str() {
            "no-new-privileges" | "no-new-privileges:true" => conversion.ledger.carried(element),
            "no-new-privileges:false" => {
                conversion.ledger.carried(element);
                service.put("no_new_privileges", Written::from(false).out_of(element.id));
            }
            _ => {
                let message = "a plan has no security options but `no_new_privileges`";
                conversion.ledger.lost(element, message, "the engine's own profiles count on the VSN");
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{NoCommand, split};
    use pretty_assertions::assert_eq;

    #[test]
    fn nothing_of_a_command_line_is_dropped() {
        let cases: [(&str, &[&str]); 6] = [
            ("run --color #fff x", &["run", "--color", "#fff", "x"]),
            (r#"sh -c "echo '$A' && b""#, &["sh", "-c", "echo '$A' && b"]),
            (r#"printf "i\nj" a\ b 'c\n' """#, &["printf", "i\nj", "a b", "c\\n", ""]),
            ("--a=\"b c\"d", &["--a=b cd"]),
            (" a\n  b ", &["a", "b"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(
                split(text).as_deref(),
                Ok(expected.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice())
            );
        }
    }

    #[test]
    fn a_command_line_that_needs_a_shell_is_none() {
        let problems = ["a && b", "a; b", "a > b", "echo `a`", "a 'b", "a \\"].map(|text| split(text).unwrap_err());
        let of_a_shell = ['&', ';', '>', '`'].map(NoCommand::OfAShell);
        assert_eq!((&problems[..4], &problems[4..]), (&of_a_shell[..], &[NoCommand::Open; 2][..]));
    }
}
