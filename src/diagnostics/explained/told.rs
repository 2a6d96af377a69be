//! Explanations as texts: for a terminal, as JSON, as the document. Reads nothing, changes nothing.

use super::{Example, Explanation, Kind, Shows};
use crate::diagnostics::{Code, report::wrapped};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// What the ranges of numbers are about.
const GROUPS: [(RangeInclusive<&str>, &str); 7] = [
    ("LF001"..="LF019", "The text and its structure"),
    ("LF020"..="LF049", "Values"),
    ("LF050"..="LF099", "The plan as a whole, and its secrets"),
    ("LF100"..="LF139", "The server"),
    ("LF140"..="LF189", "What is allowed and unwise"),
    ("LF195"..="LF196", "What was reviewed"),
    ("LF197"..="LF199", "Going back"),
];

const HEAD: &str = "\
# Diagnostics

<!-- Written by `LANDFALL_BLESS=1 cargo test --test explained` from src/diagnostics/explained; the test holds it equal. -->

Every finding has a code that never changes its meaning. `landfall explain LF052` prints the same text as this page,
`landfall explain` lists all codes. Examples \"in a service\" are members of a service beside its `image`, those \"in the plan\"
members of the plan; all of them are run by the tests.
";

/// All codes, each on a line with its meaning.
pub fn list() -> String {
    Code::ALL.iter().map(|code| format!("{code}  {}\n", code.meaning())).collect()
}

/// One code for a terminal, in lines of at most `width` characters where words allow it.
pub fn human(code: Code, width: usize) -> String {
    let Explanation { code, why, examples } = Explanation::of(code);
    let mut text = format!("{}\n", wrapped(&format!("{code}: {}", code.meaning()), width).join("\n"));
    for paragraph in why.split("\n\n") {
        let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("\n{}\n", wrapped(&words, width).join("\n")));
    }
    for example in &examples {
        let indented: String =
            example.text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect();
        text.push_str(&format!("\n{}\n\n{indented}", lead(example)));
    }
    text
}

/// `{"codes": [{"code", "meaning", "why", "examples": [{"shows", "kind", "text"}]}]}`
pub fn json(codes: &[Code]) -> Value {
    let example = |example: &Example| {
        let Example { shows, kind, text } = example;
        let shows = shows.title().trim_end_matches(':').to_ascii_lowercase();
        json!({ "shows": shows, "kind": kind.fence().trim_start_matches("json "), "text": text })
    };
    let one = |code: &Code| {
        let Explanation { code, why, examples } = Explanation::of(*code);
        let examples: Vec<_> = examples.iter().map(example).collect();
        json!({ "code": code.text(), "meaning": code.meaning(), "why": why, "examples": examples })
    };
    json!({ "codes": codes.iter().map(one).collect::<Vec<_>>() })
}

/// `docs/diagnostics.md`: all codes in one Markdown text.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for (range, title) in GROUPS {
        let codes: Vec<_> = Code::ALL.iter().filter(|code| range.contains(&code.text())).collect();
        if !codes.is_empty() {
            text.push_str(&format!("\n## {title}\n"));
        }
        codes.into_iter().for_each(|code| text.push_str(&section(*code)));
    }
    text
}

fn section(code: Code) -> String {
    let Explanation { code, why, examples } = Explanation::of(code);
    let mut text = format!("\n### {code}\n\n**{}** {why}\n", code.meaning());
    for example in &examples {
        let language = example.kind.fence().split(' ').next().unwrap_or_default();
        text.push_str(&format!("\n{}\n\n```{language}\n{}\n```\n", lead(example), example.text));
    }
    text
}

/// What an example is, and where it stands.
fn lead(example: &Example) -> String {
    let Example { shows, kind, text: _ } = example;
    let place = match (kind, shows) {
        (Kind::Service, _) => ", in a service:",
        (Kind::Plan, _) => ", in the plan:",
        (Kind::File, _) => ", the whole plan:",
        (Kind::Secrets, _) => ", with this secrets file:",
        (Kind::Text | Kind::Shell, Shows::Wrong | Shows::Right | Shows::Seen | Shows::Cure) => ":",
    };
    format!("{}{place}", shows.title().trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, human, json, list};
    use crate::diagnostics::Code;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_terminal_gets_the_reason_wrapped_and_the_examples_as_they_are() {
        assert_eq!(
            human(Code::BadDuration, 60),
            "LF022: A length of time that is not one number and one unit.\n\
             \n\
             A length of time is one whole number and one unit: `500ms`,\n\
             `30s`, `5m`, `36h`, `30d`. A bare number would be seconds to\n\
             some and nanoseconds to others, and `1m30s` is `90s`. Zero\n\
             is written `0s`. The longest is `3650d`.\n\
             \n\
             Wrong, in a service:\n\
             \n    \"stop_grace_period\": \"1m30s\"\n\
             \n\
             Right, in a service:\n\
             \n    \"stop_grace_period\": \"90s\"\n"
        );
    }

    #[test]
    fn json_has_the_same() {
        let told = json(&[Code::BadDuration]);
        assert_eq!(told["codes"][0]["code"], "LF022");
        assert_eq!(
            told["codes"][0]["examples"][1],
            serde_json::json!({ "shows": "right", "kind": "service", "text": "\"stop_grace_period\": \"90s\"" })
        );
    }

    #[test]
    fn the_list_has_every_code_on_a_line_and_every_code_has_a_group() {
        assert_eq!(list().lines().count(), Code::ALL.len());
        assert!(list().starts_with("LF001  The file is not JSON.\nLF002  "));
        let alone: Vec<_> =
            Code::ALL.iter().filter(|code| !GROUPS.iter().any(|(range, _)| range.contains(&code.text()))).collect();
        assert_eq!(alone, Vec::<&Code>::new());
    }
}
