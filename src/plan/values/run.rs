//! The name of a run. Reads nothing, changes nothing.

use std::fmt;

/// The name of a run: the second in which it began, in UTC, as `20261121t101112`. Names of later runs sort later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

/// A text that is not the name of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a run, such as `20261121t101112`")]
pub struct RunIdProblem(String);

impl RunId {
    /// Reads a run's name.
    ///
    /// # Errors
    /// When the text is not eight digits, a `t` and six digits.
    pub fn parse(text: &str) -> Result<Self, RunIdProblem> {
        let well_formed = text.len() == 15
            && text.bytes().enumerate().all(|(at, byte)| if at == 8 { byte == b't' } else { byte.is_ascii_digit() });
        if well_formed { Ok(Self(text.to_owned())) } else { Err(RunIdProblem(text.to_owned())) }
    }

    /// The name of a run that began at this time.
    pub fn at(time: jiff::Timestamp) -> Self {
        Self(time.strftime("%Y%m%dt%H%M%S").to_string())
    }

    /// The second in which it began; none for a name that is no time.
    pub fn began(&self) -> Option<jiff::Timestamp> {
        let began = jiff::civil::DateTime::strptime("%Y%m%dt%H%M%S", &self.0).ok()?;
        Some(began.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }

    /// The name of a run that begins a second later; none for a name that is no time, or for the last second there is.
    pub fn next(&self) -> Option<Self> {
        Some(Self::at(self.began()?.checked_add(jiff::SignedDuration::from_secs(1)).ok()?))
    }
}

impl TryFrom<String> for RunId {
    type Error = RunIdProblem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> Self {
        run.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::RunId;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_next_name_is_that_of_the_next_second() {
        let next = |name: &str| RunId::parse(name).unwrap().next().map(String::from);
        assert_eq!(next("20261231t235959").as_deref(), Some("20270101t000000"));
        assert_eq!(next("20261121t101112").as_deref(), Some("20261121t101113"));
        assert_eq!(next("20269999t101112"), None);
        assert_eq!(next("99991231t235959"), None);
    }
}
