//! Keeps account of the programs that are run and for which operation, once somebody asks for it. Changes nothing else.

use super::CommandName;
use crate::operation::OperationId;
use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A program that was run, without a word of what its arguments say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Program and subcommand: `podman container inspect`.
    pub command: String,
    /// The operation that needed it; none before and between operations.
    pub operation: Option<OperationId>,
    /// When it was started.
    pub began: Instant,
    /// When it had ended.
    pub ended: Instant,
}

/// All programs that were run since somebody asked.
static ACCOUNT: OnceLock<Mutex<Vec<Ran>>> = OnceLock::new();

thread_local! {
    static OPERATION: RefCell<Option<OperationId>> = const { RefCell::new(None) };
}

/// Subcommands that say little without the next word.
const GROUPS: [&str; 6] = ["container", "image", "network", "secret", "system", "volume"];

/// From now on account is kept.
pub fn keep_account() {
    ACCOUNT.get_or_init(Mutex::default);
}

/// The programs that have ended since account is kept, in the order of their ends.
pub fn account() -> Vec<Ran> {
    ACCOUNT.get().map(|ran| ran.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
}

/// Does this; the programs that this thread runs meanwhile are run for the operation.
pub fn on_behalf_of<T>(operation: &OperationId, work: impl FnOnce() -> T) -> T {
    struct Before(Option<OperationId>);
    impl Drop for Before {
        fn drop(&mut self) {
            OPERATION.set(self.0.take());
        }
    }
    let _before = Before(OPERATION.replace(Some(operation.clone())));
    work()
}

/// What account is kept under: nothing where nobody asks for it.
pub(super) fn told(program: &Path, arguments: &[OsString]) -> Option<String> {
    ACCOUNT.get()?;
    let mut words = arguments.iter().map(OsString::as_os_str);
    let first = words.next();
    let name = CommandName::new(program, first).to_string();
    let second = words.next().and_then(|word| word.to_str());
    let is_group = first.and_then(|first| first.to_str()).is_some_and(|first| GROUPS.contains(&first));
    Some(match second.filter(|_| is_group) {
        Some(second) => format!("{name} {second}"),
        None => name,
    })
}

/// Notes a program that has ended now.
pub(super) fn note(told: Option<String>, began: Instant) {
    let (Some(command), Some(ran)) = (told, ACCOUNT.get()) else { return };
    let operation = OPERATION.with_borrow(Clone::clone);
    let ran_now = Ran { command, operation, began, ended: Instant::now() };
    ran.lock().unwrap_or_else(PoisonError::into_inner).push(ran_now);
}

#[cfg(test)]
mod tests {
    use super::{Ran, account, keep_account, on_behalf_of};
    use crate::host::command::{Command, find};
    use crate::operation::OperationId;
    use pretty_assertions::assert_eq;

    /// The programs of this test, of which no other has the arguments.
    fn ran() -> Vec<(String, Option<String>)> {
        let told = |Ran { command, operation, began, ended }: Ran| {
            assert!(began <= ended, "{command}");
            (command, operation.map(|operation| operation.to_string()))
        };
        account().into_iter().map(told).filter(|(command, _)| command.starts_with("true ")).collect()
    }

    #[test]
    fn programs_are_on_account_with_the_operation_that_they_are_run_for_and_no_word_of_their_arguments() {
        let program = find("true").unwrap();
        let run = |arguments: &[&str]| Command::new(&program).args(arguments).run().unwrap();
        run(&["unseen"]);
        keep_account();
        run(&["pull", "hunter2"]);
        on_behalf_of(&OperationId::of("create web"), || {
            run(&["create", "--env", "hunter2"]);
            on_behalf_of(&OperationId::of("start web"), || run(&["start", "hunter2"]));
            run(&["container", "inspect", "hunter2"]);
        });
        run(&["logs", "hunter2"]);
        let told = |command: &str, operation: Option<&str>| (command.to_owned(), operation.map(str::to_owned));
        assert_eq!(
            ran(),
            [
                told("true pull", None),
                told("true create", Some("create web")),
                told("true start", Some("start web")),
                told("true container inspect", Some("create web")),
                told("true logs", None),
            ]
        );
    }
}
