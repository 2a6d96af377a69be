//! From the bytes of a policy file to a policy, or to findings: text, duplicate keys, schema, model. Reads nothing, changes
//! nothing.

use super::model::LogPurge;
use super::{Policy, Site};
use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity, Source};
use crate::plan::schema::Schema;
use crate::plan::text;
use crate::schemas;
use serde::Deserialize;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::of(schemas::policy()));

/// The text that is to be a policy, and what is wrong with it.
pub type Wrong = Box<(Source, Vec<Finding>)>;

/// Reads a policy. `name` is the file's name as people know it.
///
/// # Errors
/// The text, and everything that is wrong with it. A policy with any mistake is none: nothing of it is guessed.
pub fn read(name: &str, bytes: &[u8]) -> Result<Site, Wrong> {
    let text::Reading { source, value, mut findings } = text::read(name, bytes, Document::Policy);
    let Some(value) = value else { return Err(Box::new((source, findings))) };
    match SCHEMA.findings(&value, Document::Policy) {
        Ok(mistakes) => findings.extend(mistakes),
        Err(defect) => findings.push(not_understood(&defect.to_string())),
    }
    match Policy::deserialize(&value) {
        Ok(policy) => {
            findings.extend(without_effect(&policy));
            findings.iter_mut().for_each(|finding| finding.document = Document::Policy);
            if findings.is_empty() { Ok(Site { policy, source }) } else { Err(Box::new((source, findings))) }
        }
        Err(error) => {
            if findings.is_empty() {
                findings.push(not_understood(&error.to_string()));
            }
            findings.iter_mut().for_each(|finding| finding.document = Document::Policy);
            Err(Box::new((source, findings)))
        }
    }
}

/// A file that is to be a policy, and can't be believed or read.
pub fn unusable(reason: &str) -> Finding {
    Finding::new(Code::PolicyUnusable, Severity::Error, Document::Policy, Place::Whole, reason).help(
        "nothing is deployed here until root has put this right; `landfall explain policy` tells what is in force",
    )
}

/// What limits nothing where it stands: whoever wrote it believes that it does.
fn without_effect(policy: &Policy) -> Vec<Finding> {
    let no_effect = |member: &str, label: &str, help: &str| {
        let message = format!("`{member}` has no effect");
        Finding::error(Code::NoEffect, Pointer::of([member]), message).at_key().label(label).help(help)
    };
    let purge = policy.log_purge.as_deref();
    let beside = policy.read_only_roots.is_some() && policy.data_roots.is_none();
    let kept = policy.log_keep.is_some() && purge.is_some_and(<[LogPurge]>::is_empty);
    let auth_alone = purge == Some(&[LogPurge::Auth]);
    let findings = [
        beside.then(|| {
            no_effect(
                "read_only_roots",
                "without `data_roots`, volumes may lie anywhere",
                "add `data_roots`, or remove this",
            )
        }),
        kept.then(|| no_effect("log_keep", "no log may be purged", "allow something in `log_purge`, or remove this")),
        auth_alone
            .then(|| no_effect("log_purge", "no clean-up purges `auth` alone", "write [\"syslog\", \"auth\"], or []")),
    ];
    findings.into_iter().flatten().collect()
}

fn not_understood(reason: &str) -> Finding {
    let message = format!("the policy fits its schema, but can't be read: {reason}");
    Finding::new(Code::NotUnderstood, Severity::Error, Document::Policy, Place::Whole, message)
        .help("this is a defect of Landfall; please report it with the file")
}
