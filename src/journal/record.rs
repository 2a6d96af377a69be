//! One record and its line in the file. Reads nothing, changes nothing.

use crate::facts::{FallsTo, Outcome, RunKind};
use crate::operation::{Learned, Object, OperationId};
use crate::plan::values::{PlanName, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "record", rename_all = "snake_case", deny_unknown_fields)]
pub enum Record {
    /// The run begins.
    Began {
        /// Its name.
        run: RunId,
        /// The plan.
        plan: PlanName,
        /// What it is to do.
        kind: RunKind,
        /// When.
        at: Timestamp,
        /// The version of the program.
        landfall: String,
        /// The SHA-256 of the plan, for a deployment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan_sha256: Option<String>,
        /// Whether it goes back to what was deployed before, if it fails.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        goes_back: bool,
        /// The run whose accepted plan it deploys again, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rollback_to: Option<RunId>,
    },
    /// An operation is going to be performed.
    Intent {
        /// Which.
        operation: OperationId,
        /// Everything that may exist once it was tried.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        objects: Vec<Object>,
    },
    /// An operation was performed, and a look at the host confirmed it.
    Done {
        /// Which.
        operation: OperationId,
        /// What it learned.
        #[serde(default, skip_serializing_if = "is_nothing")]
        learned: Learned,
    },
    /// An operation failed.
    Failed {
        /// Which.
        operation: OperationId,
        /// Why.
        cause: String,
    },
    /// From here on the run only goes to the state that it falls to.
    Falling {
        /// Why.
        cause: String,
        /// Where to: a crash on the way changes nothing about that.
        to: FallsTo,
    },
    /// It has fallen: from here on, the previous plan is deployed again.
    GoingBack,
    /// The run is over.
    Ended {
        /// How.
        outcome: Outcome,
        /// What could not be removed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<String>,
    },
}

fn is_nothing(learned: &Learned) -> bool {
    *learned == Learned::default()
}

/// How a record stands in the file: sixteen hexadecimal digits of the SHA-256 of its JSON, a space, the JSON, a newline.
pub struct Line;

impl Line {
    /// The line of a record.
    ///
    /// # Errors
    /// serde's, which no record of ours causes.
    pub fn write(record: &Record) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string(record)?;
        Ok(format!("{} {json}\n", Self::checksum(&json)))
    }

    /// The record of a line without its newline; `None` if the line is torn or altered.
    pub fn read(line: &str) -> Option<Record> {
        let (checksum, json) = line.split_once(' ')?;
        if checksum != Self::checksum(json) {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    fn checksum(json: &str) -> String {
        Sha256::digest(json.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Record};
    use crate::operation::{Object, OperationId};
    use pretty_assertions::assert_eq;

    fn intent() -> Record {
        Record::Intent {
            operation: OperationId::of("create web"),
            objects: vec![Object::Container("shop-web".to_owned()), Object::CrontabBlock],
        }
    }

    #[test]
    fn a_record_reads_back_as_written() {
        let line = Line::write(&intent()).unwrap();
        assert_eq!(
            line,
            "62708b1e23fe6273 {\"record\":\"intent\",\"operation\":\"create web\",\
             \"objects\":[{\"kind\":\"container\",\"name\":\"shop-web\"},{\"kind\":\"crontab_block\"}]}\n"
        );
        assert_eq!(Line::read(line.trim_end()), Some(intent()));
    }

    #[test]
    fn a_flipped_bit_or_a_torn_end_makes_a_line_unreadable() {
        let line = Line::write(&intent()).unwrap();
        let line = line.trim_end();
        for at in 0..line.len() {
            let mut bytes = line.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert_eq!(String::from_utf8(bytes).ok().and_then(|text| Line::read(&text)), None, "bit flipped at {at}");
            assert_eq!(Line::read(&line[..at]), None, "torn at {at}");
        }
    }
}
