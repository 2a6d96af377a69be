//! Compose's lengths of time and sizes as Landfall writes them. Reads nothing, changes nothing.

use super::Conversion;
use super::tree::Node;
use crate::plan::values::{Duration, Size};
use crate::plan::written::Written;

/// The units of a length of time, in microseconds, the longest first.
const TIMES: [(&str, u64); 7] =
    [("h", 3_600_000_000), ("ms", 1_000), ("m", 60_000_000), ("us", 1), ("µs", 1), ("s", 1_000_000), ("ns", 0)];

/// Reads `1m30s`, `1.5s`, `90s`; in whole milliseconds, rounded up.
pub fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at_checked(rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?)?;
        let (unit, length) = TIMES.into_iter().find(|(unit, _)| {
            after
                .strip_prefix(unit)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()))
        })?;
        total = total.checked_add(fraction(number, length)?)?;
        rest = after.strip_prefix(unit)?;
    }
    (!text.is_empty()).then(|| total.div_ceil(1_000))
}

/// A decimal number times a unit, as a whole number rounded down.
fn fraction(number: &str, unit: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && part.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let part = part.get(..part.len().min(9))?;
    let scale = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let part = if part.is_empty() { 0 } else { part.parse::<u128>().ok()? };
    whole.checked_mul(unit)?.checked_add(u64::try_from(part * u128::from(unit) / scale).ok()?)
}

/// So many milliseconds as the shortest text of the plan language.
pub fn written_duration(milliseconds: u64) -> String {
    const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let exact = UNITS.into_iter().find(|(_, length)| milliseconds.is_multiple_of(*length));
    let (unit, length) = exact.unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / length)
}

/// Reads `512m`, `1.5g`, `2gb`, `1048576`: bytes.
pub fn bytes(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let split = lower.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(lower.len());
    let (number, unit) = lower.split_at_checked(split)?;
    let unit = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    fraction(number, unit)
}

/// So many bytes as the shortest text of the plan language.
pub fn written_size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 5] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
    let exact = UNITS.into_iter().find(|(_, length)| bytes.is_multiple_of(*length) && bytes > 0);
    let (unit, length) = exact.unwrap_or(("B", 1));
    format!("{}{unit}", bytes / length)
}

/// What YAML takes a text without quotes for, where it writes that number or switch in another way: `18` for `022`.
pub fn other_number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let value = switch(text).or_else(|| Some(format!("{sign}{}", number(digits)?)))?;
    (value != text).then_some(value)
}

fn switch(text: &str) -> Option<String> {
    matches!(text, "True" | "TRUE" | "False" | "FALSE").then(|| text.to_ascii_lowercase())
}

/// A number without its sign.
fn number(text: &str) -> Option<String> {
    let digits = text.replace('_', "");
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x', ..] => (digits.get(2..)?, 16),
        [b'0', b'o', ..] => (digits.get(2..)?, 8),
        [b'0', b'b', ..] => (digits.get(2..)?, 2),
        [b'0', b'0'..=b'7', ..] => (digits.get(1..)?, 8),
        [b'1'..=b'9' | b'.', ..] | [b'0', b'.' | b'e' | b'E', ..] => (digits.as_str(), 10),
        [b'0'] => return Some(digits),
        _ => return None,
    };
    if let Some(whole) = u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+')) {
        return Some(whole.to_string());
    }
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let number = digits.parse::<f64>().ok().filter(|number| decimal && radix == 10 && number.is_finite())?;
    Some(number.to_string())
}

impl<'a> Conversion<'a> {
    /// A length of time.
    pub(super) fn duration(&mut self, node: &'a Node) -> Option<Written> {
        let text = self.text(node)?;
        match milliseconds(text) {
            Some(length) => self.value::<Duration>(node, &written_duration(length)),
            None => {
                self.ledger.lost(node, format!("`{text}` is not a length of time"), "write one such as `30s`");
                None
            }
        }
    }

    /// A size.
    pub(super) fn size(&mut self, node: &'a Node) -> Option<Written> {
        let text = self.text(node)?;
        match bytes(text) {
            Some(0) => {
                self.ledger.needless(node, "zero is no limit, and so is leaving it out");
                None
            }
            Some(size) => self.value::<Size>(node, &written_size(size)),
            None => {
                self.ledger.lost(node, format!("`{text}` is not a size"), "write one such as `512MiB`");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, milliseconds, other_number, written_duration, written_size};
    use pretty_assertions::assert_eq;

    #[test]
    fn lengths_of_time_keep_their_length() {
        let written = |text| milliseconds(text).map(written_duration);
        let cases = [
            ("90s", "90s"),
            ("1m30s", "90s"),
            ("1.5s", "1500ms"),
            ("500ms", "500ms"),
            ("2h45m", "165m"),
            ("24h", "1d"),
            ("10us", "1ms"),
            ("100ns", "0s"),
            ("0s", "0s"),
            (".5s", "500ms"),
        ];
        assert_eq!(cases.map(|(text, _)| written(text)), cases.map(|(_, expected)| Some(expected.to_owned())));
        assert_eq!(
            ["", "30", "s", "1x", "1 s", "-1s", "1.2.3s", "99999999999999999999h"].map(written),
            [const { None }; 8]
        );
    }

    #[test]
    fn numbers_that_yaml_writes_in_another_way_are_known() {
        let other = [
            ("022", "18"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("1.10", "1.1"),
            ("2.0", "2"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("+5", "5"),
            ("-017", "-15"),
            ("True", "true"),
            ("FALSE", "false"),
        ];
        assert_eq!(other.map(|(text, _)| other_number(text)), other.map(|(_, number)| Some(number.to_owned())));
        let same = [
            "18",
            "0",
            "08",
            "1.5",
            "1.2.3",
            "16-alpine",
            "0.5",
            "",
            "x",
            "12:30",
            "5432",
            "-1",
            "true",
            "yes",
            "-",
            ".",
            "1-2",
        ];
        assert_eq!(same.map(other_number), [const { None }; 17]);
    }

    #[test]
    fn sizes_keep_their_size() {
        let written = |text| bytes(text).map(written_size);
        let cases = [
            ("512m", "512MiB"),
            ("1.5g", "1536MiB"),
            ("2gb", "2GiB"),
            ("64k", "64KiB"),
            ("1048576", "1MiB"),
            ("300b", "300B"),
            ("1Gi", ""),
            ("512M", "512MiB"),
        ];
        let expected = cases.map(|(_, expected)| Some(expected.to_owned()).filter(|text| !text.is_empty()));
        assert_eq!(cases.map(|(text, _)| written(text)), expected);
        assert_eq!(["", "m", "-1", "1x", "1.2.3m"].map(written), [const { None }; 5]);
    }
}
