//! The paragraph behind each code, as an operator reads it. Reads nothing, changes nothing.
//!
//! Every code has a file of its own here, `LF052.md`, which `code.rs` names and `build.rs` packs: a code without one does not
//! compile. Its form:
//!
//! - One or two paragraphs first: why it matters, what is meant, what happens without the rule. Lines of at most 128
//!   characters. No heading: the code's own sentence (its doc comment in `code.rs`) stands above.
//! - For what can be judged without a server, a line `Wrong:` and its examples, then a line `Right:` and its examples. An example
//!   is a block of Markdown, and the word behind `json` says how it becomes a plan:
//!   `json service` members of the service `web`, `json plan` members of the plan, `json file` a whole file as it stands,
//!   `json secrets` a secrets file, which goes with the example before it.
//! - For what only a server shows, a line `Seen:` and a block `text` with what is told, then a line `Cure:` with blocks `sh` or
//!   `json …`.
//!
//! Nothing in it is taken on trust: `tests/explained.rs` runs every wrong example through the check and wants to see the
//! code, and every right one without an error; the tests of `rules/of_the_server` compare what is seen with what is told. For
//! every error of a plan they also want a plan in `tests/plans/rejected`. `LANDFALL_BLESS=1` writes `docs/diagnostics.md`.

mod named;
mod told;

pub use named::NoSuchCode;
pub use told::{document, human, json, list};

use super::Code;
use crate::packed::{by_name, unpacked};
use std::sync::LazyLock;

/// The texts by their codes, as `build.rs` packs them.
static TEXTS: LazyLock<String> = LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/explained"))));

/// The text of a code as it is written.
pub(super) fn text(code: Code) -> &'static str {
    by_name(&TEXTS).find(|(of, _)| *of == code.text()).map_or("", |(_, text)| text)
}

/// What a code means, with examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// Why it matters: paragraphs of Markdown, an empty line between them.
    pub why: &'static str,
    /// Examples in the order of the text.
    pub examples: Vec<Example>,
}

/// A block of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub shows: Shows,
    /// What kind of text it is.
    pub kind: Kind,
    /// The text, without a line break at its end.
    pub text: &'static str,
}

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// What has the mistake.
    Wrong,
    /// What has not.
    Right,
    /// What is told on a server.
    Seen,
    /// What to do about it.
    Cure,
}

/// What kind of text an example is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Members of the service `web`.
    Service,
    /// Members of the plan.
    Plan,
    /// A whole plan file.
    File,
    /// The secrets file that goes with the example before it.
    Secrets,
    /// What is told.
    Text,
    /// Commands for a shell.
    Shell,
}

impl Shows {
    const ALL: [Self; 4] = [Self::Wrong, Self::Right, Self::Seen, Self::Cure];

    /// The line above the examples.
    pub fn title(self) -> &'static str {
        match self {
            Self::Wrong => "Wrong:",
            Self::Right => "Right:",
            Self::Seen => "Seen:",
            Self::Cure => "Cure:",
        }
    }
}

impl Kind {
    const ALL: [Self; 6] = [Self::Service, Self::Plan, Self::File, Self::Secrets, Self::Text, Self::Shell];

    /// The words behind the opening of its block.
    pub fn fence(self) -> &'static str {
        match self {
            Self::Service => "json service",
            Self::Plan => "json plan",
            Self::File => "json file",
            Self::Secrets => "json secrets",
            Self::Text => "text",
            Self::Shell => "sh",
        }
    }
}

impl Explanation {
    /// The explanation of a code.
    pub fn of(code: Code) -> Self {
        let text = text(code);
        let end = Shows::ALL.iter().filter_map(|shows| text.find(&format!("\n{}\n", shows.title()))).min();
        let (why, rest) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
        Self { code, why: why.trim(), examples: examples(rest) }
    }

    /// The examples that show this.
    pub fn examples_of(&self, shows: Shows) -> impl Iterator<Item = &Example> {
        self.examples.iter().filter(move |example| example.shows == shows)
    }
}

/// Blocks between fences, each under the nearest title above it.
fn examples(mut rest: &'static str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut shows = Shows::Wrong;
    while let Some((above, block)) = rest.split_once("```") {
        if let Some(titled) = Shows::ALL.into_iter().find(|shows| above.lines().any(|line| line == shows.title())) {
            shows = titled;
        }
        let Some((fence, text)) = block.split_once('\n') else { break };
        let Some((text, after)) = text.split_once("\n```") else { break };
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.fence() == fence) {
            examples.push(Example { shows, kind, text });
        }
        rest = after;
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::{Explanation, Kind, Shows, text};
    use crate::diagnostics::Code;
    use pretty_assertions::assert_eq;

    #[test]
    fn each_code_has_the_text_of_its_file() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| text(*code)).collect();
        assert_eq!(texts, Code::FILES);
    }

    #[test]
    fn a_text_is_taken_apart_into_its_reason_and_its_examples() {
        let Explanation { code, why, examples } = Explanation::of(Code::SecretMissing);
        let shown: Vec<_> = examples.iter().map(|example| (example.shows, example.kind)).collect();
        assert_eq!(
            (code, why.starts_with("The plan names a secret"), why.ends_with('.')),
            (Code::SecretMissing, true, true)
        );
        assert_eq!(
            shown,
            [
                (Shows::Wrong, Kind::Service),
                (Shows::Wrong, Kind::Secrets),
                (Shows::Right, Kind::Service),
                (Shows::Right, Kind::Secrets)
            ]
        );
        assert_eq!(examples[1].text, "{ \"dbpassword\": \"correct horse battery staple\" }");
    }

    #[test]
    fn no_block_of_any_text_is_overlooked() {
        for code in Code::ALL {
            let text = text(*code);
            let blocks = text.matches("```").count() / 2;
            assert_eq!((code.text(), Explanation::of(*code).examples.len()), (code.text(), blocks));
        }
    }

    #[test]
    fn every_text_gives_a_reason_in_lines_that_fit() {
        for code in Code::ALL {
            let explanation = Explanation::of(*code);
            assert!(explanation.why.len() > 80, "{code}: {}", explanation.why);
            let long: Vec<_> = text(*code).lines().filter(|line| line.chars().count() > 128).collect();
            assert_eq!((code.text(), long), (code.text(), Vec::<&str>::new()));
        }
    }
}
