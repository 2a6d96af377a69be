//! Signals. Reads nothing, changes nothing.

use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// The signals of Linux, without `SIG`, without the real-time ones.
const NAMES: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE", "PROF", "PWR", "QUIT",
    "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH",
    "XCPU", "XFSZ",
];

/// A signal by its name, with `SIG` in front: `SIGTERM`, `SIGRTMIN+3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(String);

text!(Signal);

impl Signal {
    /// Reads `SIGTERM` or `TERM`.
    ///
    /// # Errors
    /// A name that Linux doesn't know, a number, or lower case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let find = |text: &str| {
            let name = text.strip_prefix("SIG").unwrap_or(text);
            (NAMES.contains(&name) || is_real_time(name)).then(|| Self(format!("SIG{name}")))
        };
        find(text).ok_or_else(|| {
            let upper = text.to_ascii_uppercase();
            Problem::new(Code::UnknownSignal, format!("signal {} is not known", shown(text)))
                .label("a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`")
                .write(by_number(text).and_then(find).or_else(|| find(&upper)).or_else(|| find(nearest(&upper)?)))
        })
    }
}

fn nearest(upper: &str) -> Option<&'static str> {
    let bare = upper.strip_prefix("SIG").unwrap_or(upper);
    let distances = NAMES.iter().map(|name| (strsim::damerau_levenshtein(name, bare), *name));
    distances.min().filter(|(distance, _)| *distance == 1 && bare.len() > 2).map(|(_, name)| name)
}

/// From `RTMIN` to `RTMAX`, 34 to 64, each with the two spellings that engines know.
fn is_real_time(name: &str) -> bool {
    let offset = |rest: &str, sign: char, largest: u8| {
        let number = rest.strip_prefix(sign).and_then(|digits| digits.parse::<u8>().ok());
        rest.is_empty() || number.is_some_and(|n| (1..=largest).contains(&n) && rest == format!("{sign}{n}"))
    };
    name.strip_prefix("RTMIN").is_some_and(|rest| offset(rest, '+', 15))
        || name.strip_prefix("RTMAX").is_some_and(|rest| offset(rest, '-', 14))
}

/// The signals that people write as numbers; they are the same on every architecture.
fn by_number(text: &str) -> Option<&'static str> {
    Some(match text {
        "1" => "HUP",
        "2" => "INT",
        "3" => "QUIT",
        "6" => "ABRT",
        "9" => "KILL",
        "15" => "TERM",
        _ => return None,
    })
}

value!(Signal {
    format: "landfall-signal",
    pattern: concat!(
        "^(SIG)?(ABRT|ALRM|BUS|CHLD|CONT|FPE|HUP|ILL|INT|IO|KILL|PIPE|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP",
        "|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ",
        r"|RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)$"
    ),
    wrong: "the name of a signal, such as SIGTERM",
    description: "The name of a signal.",
    examples: ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL", "SIGRTMIN+3"],
});
