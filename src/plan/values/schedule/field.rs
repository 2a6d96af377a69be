//! The five fields of a crontab line, strictly. Reads nothing, changes nothing.

use std::collections::BTreeSet;
use std::fmt;

use crate::diagnostics::Code;
use crate::plan::values::form::{Problem, shown};

/// The five fields of a crontab line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minutes: Field,
    pub(super) hours: Field,
    pub(super) days: Field,
    pub(super) months: Field,
    pub(super) weekdays: Field,
}

/// One field: its text with names as numbers, and all that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    text: String,
    pub(super) numbers: BTreeSet<u8>,
}

/// What a field counts.
#[derive(Debug)]
struct Unit {
    plural: &'static str,
    lowest: u8,
    highest: u8,
    /// Three letters each, from `first_name` on.
    names: &'static [&'static str],
    first_name: u8,
    limits: &'static str,
}

const MINUTES: Unit =
    Unit { plural: "minutes", lowest: 0, highest: 59, names: &[], first_name: 0, limits: "minutes are 0 to 59" };
const HOURS: Unit =
    Unit { plural: "hours", lowest: 0, highest: 23, names: &[], first_name: 0, limits: "hours are 0 to 23" };
const DAYS: Unit = Unit {
    plural: "days of month",
    lowest: 1,
    highest: 31,
    names: &[],
    first_name: 0,
    limits: "days of month are 1 to 31",
};
const MONTHS: Unit = Unit {
    plural: "months",
    lowest: 1,
    highest: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    first_name: 1,
    limits: "months are 1 to 12, or jan to dec",
};
const WEEKDAYS: Unit = Unit {
    plural: "days of week",
    lowest: 0,
    highest: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    first_name: 0,
    limits: "days of week are 0 to 7, or sun to sat; 0 and 7 are Sunday",
};

impl Fields {
    /// Reads `expanded`; messages name `written`, what stands in the plan.
    pub(super) fn parse(written: &str, expanded: &str) -> Result<Self, Problem> {
        let mut texts = super::words(expanded);
        let mut field = |unit: &Unit| Field::parse(written, texts.next().unwrap_or_default(), unit);
        let (minutes, hours) = (field(&MINUTES)?, field(&HOURS)?);
        let (days, months, mut weekdays) = (field(&DAYS)?, field(&MONTHS)?, field(&WEEKDAYS)?);
        if weekdays.numbers.remove(&7) {
            weekdays.numbers.insert(0);
        }
        Ok(Self { minutes, hours, days, months, weekdays })
    }
}

impl Field {
    /// Whether cron takes the field for unrestricted when it weighs the two kinds of days against each other.
    pub(super) fn starts_with_star(&self) -> bool {
        self.text.starts_with('*')
    }

    fn parse(written: &str, text: &str, unit: &Unit) -> Result<Self, Problem> {
        let mut field = Self { text: String::new(), numbers: BTreeSet::new() };
        for item in text.split(',') {
            let (numbers, canonical) = item_of(item, unit).map_err(|mistake| match mistake {
                Mistake::OutOfRange if item == text && !item.contains(['-', '/']) => never(written, unit),
                mistake => mistake.problem(written, item, unit),
            })?;
            field.numbers.extend(numbers);
            if !field.text.is_empty() {
                field.text.push(',');
            }
            field.text.push_str(&canonical);
        }
        Ok(field)
    }
}

fn never(written: &str, unit: &Unit) -> Problem {
    Problem::new(Code::NeverFires, format!("schedule {} never fires", shown(written))).label(unit.limits)
}

enum Mistake {
    NotANumber,
    OutOfRange,
    Descending,
    StepOfOne(u8),
    BadStep,
}

impl Mistake {
    fn problem(&self, written: &str, item: &str, unit: &Unit) -> Problem {
        let Unit { plural, highest, limits, .. } = unit;
        let bad =
            Problem::new(Code::BadSchedule, format!("schedule {} has wrong {plural} {}", shown(written), shown(item)));
        match self {
            Self::OutOfRange => bad.label(*limits),
            Self::NotANumber => {
                bad.label(*limits).help("each field is `*`, numbers, ranges, or lists of them, with steps after `/`")
            }
            Self::Descending => bad.label("ranges ascend").help("write two ranges, with a comma between them"),
            Self::StepOfOne(first) => {
                bad.label("a step needs a range or `*` before it").help(format!("write `{first}-{highest}/…`"))
            }
            Self::BadStep => bad.label(format!("steps of {plural} are 1 to {highest}")),
        }
    }
}

/// What one item of a list stands for, and its text with names as numbers.
fn item_of(item: &str, unit: &Unit) -> Result<(impl Iterator<Item = u8> + use<>, String), Mistake> {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(self::step(step, unit)?)),
        None => (item, None),
    };
    let (first, last, canonical) = match range.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (number(first, unit)?, number(last, unit)?);
            (first, last, format!("{first}-{last}"))
        }
        None if range == "*" => (unit.lowest, unit.highest, range.to_owned()),
        None => {
            let only = number(range, unit)?;
            if step.is_some() {
                return Err(Mistake::StepOfOne(only));
            }
            (only, only, only.to_string())
        }
    };
    if first > last {
        return Err(Mistake::Descending);
    }
    let canonical = step.map_or(canonical.clone(), |step| format!("{canonical}/{step}"));
    Ok(((first..=last).step_by(step.unwrap_or(1).into()), canonical))
}

fn step(text: &str, unit: &Unit) -> Result<u8, Mistake> {
    digits(text).filter(|step| (1..=unit.highest).contains(step)).ok_or(Mistake::BadStep)
}

fn number(text: &str, unit: &Unit) -> Result<u8, Mistake> {
    let named = unit.names.iter().zip(unit.first_name..).find(|(name, _)| name.eq_ignore_ascii_case(text));
    match named.map(|(_, number)| number).or_else(|| digits(text)) {
        Some(number) if (unit.lowest..=unit.highest).contains(&number) => Ok(number),
        Some(_) => Err(Mistake::OutOfRange),
        None => Err(Mistake::NotANumber),
    }
}

/// Up to three digits; crontabs write `05` as well as `5`.
fn digits(text: &str) -> Option<u8> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() == 3 && text.starts_with('0');
    if !plain || padded {
        return None;
    }
    // What is too large for a byte is too large for every field.
    Some(text.parse().unwrap_or(u8::MAX))
}

impl fmt::Display for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { minutes, hours, days, months, weekdays } = self;
        write!(out, "{} {} {} {} {}", minutes.text, hours.text, days.text, months.text, weekdays.text)
    }
}
