//! The plan's keys, as they are in `/root/.ssh`. Reads only.

use crate::facts::KeyFact;
use crate::host::node::{InstalledKeys, key_content, key_sha256};
use crate::host::ssh_keys::{KeyLook, SshFolder};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::secrets::Secrets;
use crate::plan::values::KeyFileName;
use crate::run::Failure;
use std::collections::BTreeMap;

/// Every key of the plan, and those that an earlier deployment of it installed.
pub(super) fn keys(plan: &Plan, secrets: &Secrets, layout: &Layout) -> Result<BTreeMap<KeyFileName, KeyFact>, Failure> {
    let installed = InstalledKeys::read(layout)?;
    let folder = SshFolder::of_root();
    let mut facts = BTreeMap::new();
    for (file, key) in &plan.ssh_keys {
        let look = folder.look_at_key(file.as_str()).map_err(|problem| Failure::new(problem.to_string()))?;
        let wanted = secrets.get(&key.private_key.secret).map(|key| key_sha256(&key_content(key)));
        let fact = match look {
            KeyLook::Missing => KeyFact::Missing,
            KeyLook::NotAFile => KeyFact::Foreign,
            KeyLook::Present { sha256, mode: _ } => match installed.keys.get(file) {
                Some(ours) if ours.contains(&sha256) => KeyFact::Ours,
                Some(_) | None if wanted.as_ref() == Some(&sha256) => KeyFact::Same,
                Some(_) | None => KeyFact::Foreign,
            },
        };
        facts.insert(file.clone(), fact);
    }
    for file in installed.keys.keys() {
        facts.entry(file.clone()).or_insert(KeyFact::Ours);
    }
    Ok(facts)
}
