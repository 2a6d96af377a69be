//! One system call of Landfall's own, told apart from all others by what it is done to, whichever thread makes it.

use std::fmt;

use crate::tracer::call::{Kind, STANDARD_ERROR, STANDARD_OUTPUT};

/// What is done to what, and the how-manieth time. Threads race, and so the n-th call of a program is now this one and now that; the
/// n-th write to one journal is always the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    pub kind: Kind,
    /// A path in which everything that differs from run to run has a common name; or the name of a stream.
    pub target: String,
    /// From 1.
    pub number: usize,
}

impl Call {
    /// Whether it only tells people something: by design Landfall goes on when it can't.
    pub fn tells(&self) -> bool {
        let Self { kind, target, number: _ } = self;
        *kind == Kind::Write
            && ([STANDARD_OUTPUT, STANDARD_ERROR, "/run/landfall.lock"].contains(&target.as_str())
                || target.ends_with("/log"))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, target, number } = self;
        write!(formatter, "{kind} {target} number {number}")
    }
}

/// A path in which times, process ids, inode numbers, hashes and random names are all the same.
pub fn without_numbers(path: &str) -> String {
    let differs = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        digits >= 5 || word.len() >= 12 && digits > 0
    };
    let (mut told, mut word) = (String::new(), String::new());
    for letter in path.chars().chain(['/']) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
            continue;
        }
        told.push_str(if differs(&word) { "N" } else { &word });
        told.push(letter);
        word.clear();
    }
    told.pop();
    // A process's own folder has its number, of however many digits.
    let mut parts: Vec<&str> = told.split('/').collect();
    if let ["", "proc", number, ..] = parts.as_mut_slice()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        *number = "N";
    }
    parts.join("/")
}

#[test]
fn what_differs_from_run_to_run_is_left_out_of_the_name_of_a_call() {
    let told = ["/var/lib/landfall/shop/runs/20261121t070434/journal", "/proc/71/fd", "pipe:[21357942]", "/srv/v1"];
    let expected = ["/var/lib/landfall/shop/runs/N/journal", "/proc/N/fd", "pipe:[N]", "/srv/v1"];
    assert_eq!(told.map(without_numbers), expected.map(str::to_owned));
}
