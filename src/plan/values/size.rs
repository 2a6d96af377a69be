//! Amounts of memory and disk. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, right, shown};
use crate::diagnostics::Code;

/// A number of bytes, with a binary unit. Never zero: engines read zero as "no limit". Ordered by size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    bytes: u64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Unit {
    Byte,
    Kibibyte,
    Mebibyte,
    Gibibyte,
    Tebibyte,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Byte, Self::Kibibyte, Self::Mebibyte, Self::Gibibyte, Self::Tebibyte];

    fn text(self) -> &'static str {
        match self {
            Self::Byte => "B",
            Self::Kibibyte => "KiB",
            Self::Mebibyte => "MiB",
            Self::Gibibyte => "GiB",
            Self::Tebibyte => "TiB",
        }
    }

    fn bytes(self) -> u64 {
        match self {
            Self::Byte => 1,
            Self::Kibibyte => 1 << 10,
            Self::Mebibyte => 1 << 20,
            Self::Gibibyte => 1 << 30,
            Self::Tebibyte => 1 << 40,
        }
    }

    /// What an author meant by the unit of another notation: `m`, `MB`, `Mi`.
    fn known_elsewhere(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "b" | "byte" | "bytes" => Self::Byte,
            "k" | "kb" | "ki" | "kib" => Self::Kibibyte,
            "m" | "mb" | "mi" | "mib" => Self::Mebibyte,
            "g" | "gb" | "gi" | "gib" => Self::Gibibyte,
            "t" | "tb" | "ti" | "tib" => Self::Tebibyte,
            _ => return None,
        })
    }
}

impl Size {
    /// What engines count in: signed 64-bit numbers.
    const LARGEST: u64 = i64::MAX as u64;

    /// Reads `512MiB`, `2GiB` and the like.
    ///
    /// # Errors
    /// Not one number and one binary unit, zero, or more than engines can count.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(split).unwrap_or((text, ""));
        if number == "0" {
            return Err(Problem::new(Code::BadSize, format!("size {} is zero", shown(text)))
                .label("engines read zero as no limit")
                .help("leave the field out, or write a size above zero"));
        }
        if number.is_empty() || number.starts_with('0') {
            return Err(Problem::new(Code::BadSize, format!("size {} is not a number and a unit", shown(text)))
                .label("a whole number, then B, KiB, MiB, GiB or TiB"));
        }
        let Some(unit) = Unit::ALL.into_iter().find(|known| known.text() == unit) else {
            return Err(without_known_unit(text, number, unit.trim()));
        };
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit.bytes()));
        match bytes.filter(|bytes| *bytes <= Self::LARGEST) {
            Some(bytes) => Ok(Self { bytes, unit }),
            None => Err(Problem::new(Code::BadSize, format!("size {} is too large", shown(text)))
                .label("sizes stay below 8388608TiB")),
        }
    }

    /// So many MiB; at least 1.
    pub fn mebibytes(count: u32) -> Self {
        Self { bytes: u64::from(count.max(1)) * Unit::Mebibyte.bytes(), unit: Unit::Mebibyte }
    }

    /// The number of bytes, at least 1.
    pub fn bytes(self) -> u64 {
        self.bytes
    }
}

fn without_known_unit(text: &str, number: &str, unit: &str) -> Problem {
    let meant = Unit::known_elsewhere(unit).map(|unit| format!("{number}{}", unit.text()));
    let problem = Problem::new(Code::BadSize, format!("size {} has no known unit", shown(text)))
        .label("units are B, KiB, MiB, GiB, TiB");
    if unit.is_empty() {
        let meant = [format!("{number}MiB"), format!("{number}B")];
        problem.help(format!("write `{number}MiB`, or `{number}B` for bytes")).meant(meant)
    } else {
        problem.write(meant.and_then(|meant| right::<Size>(text, meant)))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.bytes / self.unit.bytes(), self.unit.text())
    }
}

value!(Size {
    format: "landfall-size",
    pattern: "^[1-9]([0-9]{0,18}B|[0-9]{0,15}KiB|[0-9]{0,12}MiB|[0-9]{0,9}GiB|[0-9]{0,6}TiB)$",
    beyond: ["8388608TiB or more, in any unit"],
    wrong: "a whole number and a unit: B, KiB, MiB, GiB or TiB",
    description: "An amount of memory or disk: a whole number and a binary unit.",
    examples: ["512MiB", "2GiB"],
});
