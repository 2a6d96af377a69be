//! Who owns a file and who may use it. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// The owner of a file: numbers, for a name means another user in every image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    uid: u32,
    gid: u32,
}

/// The permissions of a file: read, write and execute for owner, group and others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u32);

impl Owner {
    /// Root.
    pub const ROOT: Self = Self { uid: 0, gid: 0 };

    /// Reads `999:999`.
    ///
    /// # Errors
    /// Anything but two numbers.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let pair = text.split_once(':').and_then(|(uid, gid)| Some((number(uid)?, number(gid)?)));
        if let Some((uid, gid)) = pair {
            return Ok(Self { uid, gid });
        }
        let problem = Problem::new(Code::BadOwner, format!("owner {} is not a pair of numbers", shown(text)))
            .label("a user's and a group's number: `uid:gid`");
        Err(match number(text) {
            Some(uid) => problem.write(Some(format!("{uid}:{uid}"))),
            None => problem.help("run `id` as that user in the image: it prints both numbers"),
        })
    }

    /// The user's number.
    pub fn uid(self) -> u32 {
        self.uid
    }

    /// The group's number.
    pub fn gid(self) -> u32 {
        self.gid
    }
}

/// A user's or group's number in its only spelling. The largest 32-bit number means "nobody given" to the kernel.
pub(super) fn number(text: &str) -> Option<u32> {
    let number = text.parse::<u32>().ok().filter(|number| *number != u32::MAX)?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uid, gid } = self;
        write!(out, "{uid}:{gid}")
    }
}

impl Mode {
    /// For the owner alone, to read: what secrets have unless the plan says otherwise.
    pub const OWNER_READS: Self = Self(0o400);

    /// Owner writes, all others read: what small files have unless the plan says otherwise.
    pub const ALL_READ: Self = Self(0o644);

    /// Owner writes, all others read and enter: what folders have unless the plan says otherwise.
    pub const ALL_ENTER: Self = Self(0o755);

    /// Reads `0640` or `640`.
    ///
    /// # Errors
    /// Anything but three octal digits, with or without a zero in front.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let Some(bits) = octal.then(|| u32::from_str_radix(text, 8).ok()).flatten() else {
            return Err(Problem::new(Code::BadMode, format!("mode {} is not an octal number", shown(text)))
                .label("three octal digits, with or without a zero in front")
                .help("write `0640` for a file or `0750` for a folder, for example")
                .write(of_letters(text)));
        };
        if bits > 0o777 {
            return Err(Problem::new(Code::BadMode, format!("mode `{text}` has a special bit"))
                .label("setuid, setgid and sticky bits can't be given")
                .write(Some(Self(bits & 0o777))));
        }
        Ok(Self(bits))
    }

    /// The nine permission bits.
    pub fn bits(self) -> u32 {
        self.0
    }
}

/// What `ls` shows as `rwxr-x---`.
fn of_letters(text: &str) -> Option<Mode> {
    let letters = text.strip_prefix(['-', 'd']).filter(|rest| rest.len() == 9).unwrap_or(text);
    let bit = |(letter, expected): (char, char)| match letter {
        '-' => Some(0),
        letter => (letter == expected).then_some(1),
    };
    let bits = letters.chars().zip("rwxrwxrwx".chars()).map(bit).collect::<Option<Vec<u32>>>()?;
    (letters.len() == 9).then(|| Mode(bits.into_iter().fold(0, |bits, bit| bits * 2 + bit)))
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04o}", self.0)
    }
}

value!(Owner {
    format: "landfall-owner",
    pattern: concat!("^", account_number!(), ":", account_number!(), "$"),
    wrong: "two numbers: uid:gid",
    description: "The owner of a file: the user's and the group's number.",
    examples: ["999:999", "0:0"],
});

value!(Mode {
    format: "landfall-mode",
    pattern: r"^0?[0-7]{3}$",
    wrong: "three octal digits, with or without a zero in front",
    description: "The permissions of a file: three octal digits, with or without a zero in front.",
    examples: ["0400", "0750"],
});
