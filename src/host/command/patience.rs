//! How many times as long as usual the engine and `crontab` may take, for servers that are slow. Reads one variable of the environment.

use std::sync::OnceLock;
use std::time::Duration;

/// The variable: `3` lets each call take three times as long.
const VARIABLE: &str = "LANDFALL_PATIENCE";

/// As long as usual where nobody has said otherwise.
static PATIENCE: OnceLock<f64> = OnceLock::new();

/// Takes the variable over, once for this process.
///
/// # Errors
/// What it says is no number from 0.01 to 100, in words; it counts as 1 then.
pub fn take_patience() -> Result<(), String> {
    // An empty variable is how many tools unset one.
    let Some(text) = std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) else { return Ok(()) };
    let text = text.to_string_lossy();
    let patience = parse(&text)
        .ok_or_else(|| format!("{VARIABLE} is ignored: `{text}` is no number from 0.01 to 100; write it as in `3`"))?;
    // A second call, as tests make it, changes nothing.
    let _ = PATIENCE.set(patience);
    Ok(())
}

fn parse(text: &str) -> Option<f64> {
    text.parse().ok().filter(|patience| (0.01..=100.0).contains(patience))
}

/// How long something may take here that usually may take so long.
pub fn patient(usual: Duration) -> Duration {
    usual.mul_f64(PATIENCE.get().copied().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::{parse, patient};
    use pretty_assertions::assert_eq;
    use std::time::Duration;

    #[test]
    fn patience_is_a_number_within_bounds() {
        assert_eq!(["3", "0.5", "100"].map(parse), [Some(3.0), Some(0.5), Some(100.0)]);
        assert_eq!(["0", "-1", "101", "NaN", "inf", "3x", " 3"].map(parse), [None; 7]);
    }

    #[test]
    fn where_nobody_says_otherwise_a_deadline_is_the_usual_one() {
        assert_eq!(patient(Duration::from_secs(60)), Duration::from_secs(60));
    }
}
