//! Step 5: everything is checked once more, and the plan is saved. Reads nothing, changes nothing.

use super::{Given, back, create, ids, teardown};
use crate::few::Few;
use crate::operation::{EngineChange, HostChange, Look, Operation, OperationId};
use std::sync::Arc;

/// The operations of step 5, after those of steps 2, 3 and 4.
pub fn operations(
    given: Given<'_>,
    dropped: &[Operation],
    created: &[Operation],
    maintained: &[Operation],
) -> Vec<Operation> {
    let before = || ids::of(created).into_iter().chain(ids::of(maintained));
    let all_before = Arc::new(before().gathered());
    let check = |(name, service)| {
        let action = Look::CheckService(Box::new(create::judged((given.plan, given.layout), name, service)));
        Operation::after_the_same(OperationId::of(format!("check {name}")), &all_before, action)
    };
    let mut operations: Vec<_> = given.plan.services.iter().map(check).collect();
    let commit = OperationId::of("commit");
    // An old image that can't be removed is a failure, not something that comes to light after the plan was saved.
    let before_the_commit = ids::of(dropped).into_iter().chain(before()).chain(ids::of(&operations));
    operations.push(Operation::new(commit.clone(), before_the_commit, HostChange::Commit));
    if back::previous(given.plan, given.facts).is_some() {
        operations.extend(teardown::images(given, std::slice::from_ref(&commit)));
        operations.extend(back::no_longer_kept(given.layout, &commit));
    }
    let superseded =
        given.facts.look.secrets.iter().filter(|secret| secret.name.starts_with(&given.layout.secrets_prefix()));
    for secret in superseded {
        let id = OperationId::of(format!("drop secret {}", secret.name));
        operations.push(Operation::new(id, [commit.clone()], EngineChange::DropSecret { secret: secret.name.clone() }));
    }
    let tidy = [
        ("remove old configs", HostChange::RemoveOldConfigs),
        ("prune runs", HostChange::PruneRuns { keep: given.plan.history.keep }),
    ];
    for (name, action) in tidy {
        operations.push(Operation::new(OperationId::of(name), [commit.clone()], action));
    }
    operations
}
