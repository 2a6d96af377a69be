//! The code that a person asks for. Reads nothing, changes nothing.

use crate::diagnostics::Code;
use crate::few::InOrder;
use std::fmt;

impl Code {
    /// The code that a person means by `LF014`, `lf14` or `14`.
    ///
    /// # Errors
    /// Which codes are near, where there is none.
    pub fn named(text: &str) -> Result<Self, NoSuchCode> {
        let number = |text: &str| {
            let digits = text.trim().to_ascii_uppercase();
            digits.strip_prefix("LF").unwrap_or(&digits).parse::<i32>().ok()
        };
        let number_of = |code: &Self| number(code.text()).unwrap_or_default();
        let meant = number(text);
        if let Some(code) = Self::ALL.iter().find(|code| meant == Some(number_of(code))) {
            return Ok(*code);
        }
        let mut near = Self::ALL.to_vec();
        near.put_in_order_by_key(|code| meant.map_or(0, |meant| number_of(code).abs_diff(meant)));
        near.truncate(if meant.is_some() { 3 } else { 0 });
        near.put_in_order();
        Err(NoSuchCode { near })
    }
}

/// No code has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchCode {
    /// Those whose numbers are nearest; empty where what was written is no number.
    pub near: Vec<Code>,
}

impl fmt::Display for NoSuchCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { near } = self;
        let near: Vec<_> = near.iter().map(|code| code.text()).collect();
        match near.as_slice() {
            [] => out.write_str("a code is written `LF014`, `lf14` or `14`")?,
            near => write!(out, "there is no such code; near it are {}", near.join(", "))?,
        }
        out.write_str(" (`landfall explain` lists all)")
    }
}

impl std::error::Error for NoSuchCode {}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Code;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_code_is_found_however_it_is_written_and_an_unknown_one_has_neighbours() {
        assert_eq!(["LF052", "lf52", "52", " Lf052 "].map(Code::named), [const { Ok(Code::PortUsedTwice) }; 4]);
        let problem = |text| Code::named(text).unwrap_err().to_string();
        assert_eq!(
            problem("LF013"),
            "there is no such code; near it are LF009, LF010, LF011 (`landfall explain` lists all)"
        );
        assert_eq!(problem("ports"), "a code is written `LF014`, `lf14` or `14` (`landfall explain` lists all)");
    }
}
