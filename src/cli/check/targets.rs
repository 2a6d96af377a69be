//! Which files the arguments of `check` mean.

use crate::Checked;
use crate::cli::inputs::{is_standard_input, refused, unreadable};
use crate::diagnostics::{Code, Document, Finding, Place, Severity};
use crate::host::files::{Argument, plans_of};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The plans that the arguments mean, each once, in the order of the arguments; what means none is told as a plan that is refused.
pub fn of(arguments: &[PathBuf]) -> Vec<Result<PathBuf, Checked>> {
    let mut seen = BTreeSet::new();
    let mut targets = Vec::new();
    for argument in arguments {
        let name = argument.display().to_string();
        match plans_of(argument) {
            _ if is_standard_input(argument) => targets.push(Ok(argument.clone())),
            Ok(Argument::Plans(plans)) => {
                targets.extend(plans.into_iter().filter(|plan| seen.insert(plan.clone())).map(Ok))
            }
            Ok(Argument::EmptyFolder) => {
                let message = format!("there is no plan in the folder `{name}`");
                let help =
                    "a plan there is a file whose name ends in `.json`; secrets files and other folders don't count";
                targets.push(Err(nothing(&name, &message, help)));
            }
            Ok(Argument::NoMatch) => {
                let message = format!("no plan matches `{name}`");
                targets.push(Err(nothing(
                    &name,
                    &message,
                    "a plan is a file whose name ends in `.json`; secrets files don't count",
                )));
            }
            Err(problem) => targets.push(Err(unreadable(&name, &problem))),
        }
    }
    targets
}

fn nothing(name: &str, message: &str, help: &str) -> Checked {
    refused(name, Finding::new(Code::FileMissing, Severity::Error, Document::Plan, Place::Whole, message).help(help))
}
