//! Step 4: cron looks after the services. Reads nothing, changes nothing.

use super::{Given, back, ids};
use crate::operation::{HostChange, Operation, OperationId};
use crate::script::{self, ScriptProblem};

/// The operations of step 4, after those of step 3.
pub fn operations(given: Given<'_>, created: &[Operation]) -> Result<Vec<Operation>, ScriptProblem> {
    let scripts = script::scripts(given.plan, given.layout, given.facts.engine_kind())?;
    let lines = script::crontab(given.plan, given.layout)?;
    let aside = back::previous(given.plan, given.facts).map(|_| ids::keep_jobs());
    let after = aside.into_iter().chain([ids::uncommit()]);
    let write = Operation::new(OperationId::of("write scripts"), after, HostChange::WriteScripts { scripts });
    let after = ids::of(created).into_iter().chain([write.id.clone()]);
    let install = Operation::new(OperationId::of("install crontab"), after, HostChange::InstallCrontab { lines });
    Ok(vec![write, install])
}
