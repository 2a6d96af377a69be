//! Records of ours as JSON with a checksum: what was altered since is not believed. Reads nothing, changes nothing.

use crate::plan::canonical;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The member that holds the SHA-256 of all others, as canonical JSON.
const CHECKSUM: &str = "checksum";

/// Why a record is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    /// It is no JSON, or not that of such a record.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is no object.
    #[error("it is no object")]
    NoObject,
    /// It is not what was written.
    #[error("its checksum does not fit what it holds: it was altered or damaged")]
    Altered,
}

/// The record as it is written.
pub(super) fn with_checksum<T: Serialize>(record: &T) -> Result<Value, Damage> {
    let mut value = serde_json::to_value(record)?;
    let checksum = checksum_of(&value)?;
    value.as_object_mut().ok_or(Damage::NoObject)?.insert(CHECKSUM.to_owned(), Value::String(checksum));
    Ok(value)
}

/// The record that these bytes are.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Damage> {
    let mut value: Value = serde_json::from_slice(bytes)?;
    let written = value.as_object_mut().ok_or(Damage::NoObject)?.remove(CHECKSUM);
    if written != Some(Value::String(checksum_of(&value)?)) {
        return Err(Damage::Altered);
    }
    Ok(T::deserialize(&value)?)
}

fn checksum_of(value: &Value) -> Result<String, Damage> {
    canonical::sha256(value).map_err(|_| Damage::Altered)
}

#[cfg(test)]
mod tests {
    use super::{read, with_checksum};
    use crate::facts::{LastRun, Outcome, RunKind};
    use crate::plan::values::RunId;
    use pretty_assertions::assert_eq;

    fn last() -> LastRun {
        LastRun {
            run: RunId::parse("20261121t101112").unwrap(),
            kind: RunKind::Deploy,
            outcome: Outcome::RolledBack,
            ended_at: jiff::Timestamp::UNIX_EPOCH,
            cause: Some("the service `web` is unhealthy: \u{1}".to_owned()),
            left: Vec::new(),
        }
    }

    #[test]
    fn regression_021_a_record_with_a_flipped_bit_is_not_believed() {
        let text = serde_json::to_vec_pretty(&with_checksum(&last()).unwrap()).unwrap();
        assert_eq!(read::<LastRun>(&text).unwrap(), last());
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut damaged = text.clone();
                damaged[at] ^= 1 << bit;
                let believed = read::<LastRun>(&damaged).ok().filter(|believed| *believed != last());
                assert_eq!(believed, None, "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_record_that_is_cut_off_or_has_zeros_in_its_place_is_not_believed() {
        let text = serde_json::to_vec_pretty(&with_checksum(&last()).unwrap()).unwrap();
        for at in 0..text.len() {
            let zeros = [&text[..at], &vec![0; text.len() - at]].concat();
            assert_eq!(read::<LastRun>(&text[..at]).ok().or(read(&zeros).ok()), None, "from byte {at}");
        }
    }

    #[test]
    fn a_record_without_a_checksum_is_not_believed() {
        let text = serde_json::to_vec(&last()).unwrap();
        let said = read::<LastRun>(&text).map_err(|damage| damage.to_string());
        assert_eq!(said, Err("its checksum does not fit what it holds: it was altered or damaged".to_owned()));
    }
}
