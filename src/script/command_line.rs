//! A command as a person can type it, or copy it. Reads nothing, changes nothing.

use super::quote::quoted;
use crate::operation::{Argument, Piece};
use crate::plan::values::ServiceName;

/// The command as one line of Bash that stands for the same arguments.
///
/// What is known only while a program runs stands as a variable that the shell insists on: `"${image_of_web:?}"`.
pub fn command_line(arguments: &[Argument]) -> String {
    arguments.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A text as one word of Bash in one line: control characters are written out, so that a terminal obeys none.
pub fn typed(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.contains(char::is_control) {
        return quoted(text);
    }
    let character = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if c.is_control() => {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
        }
        c => c.to_string(),
    };
    format!("$'{}'", text.chars().map(character).collect::<String>())
}

/// The variable that stands for the name of the run.
pub const RUN: &str = "run";

/// The variable that stands for the ID of a service's image.
pub fn image_variable(service: &ServiceName) -> String {
    format!("image_of_{}", in_a_name(service.as_str()))
}

/// The variable that stands for the archive of an image that is found in a folder.
pub fn archive_variable(service: &ServiceName) -> String {
    format!("archive_of_{}", in_a_name(service.as_str()))
}

/// The variable that stands for the value of a secret.
pub fn secret_variable(secret: &str) -> String {
    format!("secret_{}", in_a_name(secret))
}

/// A variable that the shell insists on.
pub fn insisted(variable: &str) -> String {
    format!("\"${{{variable}:?}}\"")
}

fn in_a_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn word(argument: &Argument) -> String {
    let pieces = argument.pieces();
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => typed(text),
        Piece::Run => insisted(RUN),
        Piece::ImageOf(service) => insisted(&image_variable(service)),
        Piece::AddressOf(service) => insisted(&format!("address_of_{}", in_a_name(service.as_str()))),
    };
    if pieces.is_empty() { typed("") } else { pieces.iter().map(piece).collect() }
}

#[cfg(test)]
mod tests {
    use super::{command_line, typed};
    use crate::host::command::Command;
    use crate::operation::Argument;
    use crate::plan::values::ServiceName;
    use pretty_assertions::assert_eq;
    use proptest::prelude::*;
    use std::path::Path;

    /// What Bash makes of a line: the arguments that a program is given.
    fn arguments(line: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let script = format!("set -u; given() {{ printf '%s\\0' \"$@\"; }}; given {line}");
        let call =
            variables.iter().fold(Command::new(Path::new("/bin/bash")), |call, (name, value)| call.env(*name, *value));
        let output = call.args(["-c", &script]).run().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.strip_suffix('\0').unwrap().split('\0').map(str::to_owned).collect()
    }

    #[test]
    fn what_is_known_late_stands_as_a_variable_that_the_shell_insists_on() {
        let web = ServiceName::parse("my-web").unwrap();
        let list = [
            Argument::literal("podman"),
            Argument::literal("landfall.run=").join(Argument::run()),
            Argument::image_of(&web),
            Argument::address_of(&web).then(":80 /x"),
            Argument::literal(""),
        ];
        let line = command_line(&list);
        let expected = r#"podman landfall.run="${run:?}" "${image_of_my_web:?}" "${address_of_my_web:?}"':80 /x' ''"#;
        assert_eq!(line, expected);
        let variables = [("run", "a b"), ("image_of_my_web", "$x'\"*"), ("address_of_my_web", "::1")];
        assert_eq!(arguments(&line, &variables), ["podman", "landfall.run=a b", "$x'\"*", "::1:80 /x", ""]);
        let script = format!("set -- {line}");
        let unset = Command::new(Path::new("/bin/bash")).args(["-c", &script]).run();
        assert!(unset.unwrap_err().to_string().contains("run: parameter null or not set"));
    }

    #[test]
    fn a_control_character_is_written_out() {
        assert_eq!(typed("a\n\u{1b}[31m'\\\u{85}é"), "$'a\\n\\x1b[31m\\'\\\\\\xc2\\x85é'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn bash_reads_back_every_argument(texts in proptest::collection::vec("[^\0]{0,12}|[ -~\n\t\r\u{1b}\u{7f}é]{0,20}", 1..12)) {
            let list: Vec<Argument> = texts.iter().map(Argument::literal).collect();
            prop_assert_eq!(arguments(&command_line(&list), &[]), texts);
        }
    }
}
