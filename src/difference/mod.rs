//! What differs between a plan and the one that it takes the place of. Reads nothing, changes nothing.
//!
//! What is compared is what plans mean: defaults are filled, short forms written out, and order counts only where it matters.

mod backwards;
mod lines;
mod meaning;
mod services;
#[cfg(test)]
mod tests;
mod values;

pub use backwards::{Backwards, backwards};
pub use lines::{Line, lines};
pub use services::{Fate, ImageLook, ServiceDifference};
pub use values::Change;

use crate::diagnostics::Pointer;
use crate::few::Few;
use crate::plan::model::Plan;
use crate::plan::review::Contents;
use crate::plan::values::{HostPath, ImageId, PlanPath, ServiceName};
use crate::rules;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use values::{Compared, changes, content_of};

/// One of two plans that are compared, with what is known of it beside its text.
#[derive(Debug, Clone)]
pub struct Side {
    /// The plan.
    pub plan: Plan,
    /// The SHA-256 of the plan alone.
    pub plan_sha256: String,
    /// The hash that `--expect` takes; none where something that it covers can't be read.
    pub hash: Option<String>,
    /// The content of what it names, as far as it can be read.
    pub contents: Contents,
    /// What its containers are made from.
    pub containers: BTreeMap<ServiceName, MadeFrom>,
    /// Its lines in the crontab.
    pub crontab: Vec<String>,
}

/// What a container is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MadeFrom {
    /// The label `landfall.config`.
    pub config: String,
    /// The ID of its image, where it can be known.
    pub image: Option<ImageId>,
}

/// What differs between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Every service of both plans, by name.
    pub services: Vec<ServiceDifference>,
    /// What differs outside the services.
    pub changes: Vec<Change>,
    /// Data directories that the old plan did not have: used as they are, or created where they are missing.
    pub new_directories: Vec<HostPath>,
    /// Data directories that the new plan does not have: they stay on the disk as they are.
    pub unused_directories: Vec<HostPath>,
    /// Lines of the crontab that the old plan did not have.
    pub new_lines: Vec<String>,
    /// Lines of the crontab that the new plan does not have.
    pub old_lines: Vec<String>,
    /// Files and folders whose content could not be compared.
    pub unread: Vec<PlanPath>,
    /// Whether the two are written differently without meaning anything else: their hashes differ then.
    pub written_otherwise: bool,
}

impl Difference {
    /// Whether nothing differs, as far as it can be known.
    pub fn is_none(&self) -> bool {
        let Self {
            services,
            changes,
            new_directories,
            unused_directories,
            new_lines,
            old_lines,
            unread: _,
            written_otherwise: _,
        } = self;
        services.iter().all(|service| match service.fate {
            Fate::New | Fate::Gone | Fate::Changes => false,
            Fate::Unknown | Fate::AsItWas => true,
        }) && changes.is_empty()
            && [new_directories, unused_directories].into_iter().all(Vec::is_empty)
            && [new_lines, old_lines].into_iter().all(Vec::is_empty)
    }
}

/// What differs between the old plan, if there is one, and the new one.
pub fn between(old: Option<&Side>, new: &Side) -> Difference {
    let written = (old.map_or_else(|| nothing(&new.plan), written), written(new));
    let in_one_form = (
        one_form(&written.0, old.map(|old| (&old.plan, &old.contents))),
        one_form(&written.1, Some((&new.plan, &new.contents))),
    );
    let compared = Compared { old: &in_one_form.0, new: &in_one_form.1, written: (&written.0, &written.1) };
    let services = services::differences(&compared, old, new);
    let members =
        |plan: &Value| plan.as_object().map(|plan| plan.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let outside: BTreeSet<String> = [&in_one_form.0, &in_one_form.1].into_iter().flat_map(members).gathered();
    let outside = outside.iter().filter(|member| *member != "services");
    let changes = outside.flat_map(|member| {
        let member = Pointer::of([member]);
        changes(&compared, &member)
    });
    let directories = (old.map(directories).unwrap_or_default(), directories(new));
    let lines = (old.map(|old| old.crontab.clone()).unwrap_or_default(), new.crontab.clone());
    let mut difference = Difference {
        services,
        changes: changes.collect(),
        new_directories: directories.1.difference(&directories.0).cloned().collect(),
        unused_directories: directories.0.difference(&directories.1).cloned().collect(),
        new_lines: lines.1.iter().filter(|line| !lines.0.contains(line)).cloned().collect(),
        old_lines: lines.0.iter().filter(|line| !lines.1.contains(line)).cloned().collect(),
        unread: unread(old, new),
        written_otherwise: false,
    };
    difference.written_otherwise = difference.is_none() && old.is_some_and(|old| old.plan_sha256 != new.plan_sha256);
    difference
}

fn written(side: &Side) -> Value {
    serde_json::to_value(&side.plan).unwrap_or_default()
}

/// A plan of the same name without services: what a plan is compared with where nothing is deployed.
fn nothing(plan: &Plan) -> Value {
    let empty = Plan::deserialize(&json!({ "version": 1, "name": plan.name, "services": {} }));
    empty.ok().and_then(|empty| serde_json::to_value(empty).ok()).unwrap_or_default()
}

/// The plan with every value in one form, and with the content of what it names beside the names.
fn one_form(written: &Value, side: Option<(&Plan, &Contents)>) -> Value {
    let mut plan = meaning::in_one_form(written.clone());
    let Some((model, contents)) = side else { return plan };
    for (path, _, at) in rules::files::named(model) {
        let (Some(content), Some(parent), Some(member)) = (contents.get(&path), at.parent(), at.last()) else {
            continue;
        };
        if let Some(object) = plan.pointer_mut(&parent.to_string()).and_then(Value::as_object_mut) {
            object.insert(content_of(member), json!(content));
        }
    }
    plan
}

fn directories(side: &Side) -> BTreeSet<HostPath> {
    let volumes = side.plan.services.values().flat_map(|service| &service.volumes);
    volumes.map(|volume| volume.source.clone()).gathered()
}

/// What both plans name and one of them could not be read of. Image archives are no matter of content, but of their images.
fn unread(old: Option<&Side>, new: &Side) -> Vec<PlanPath> {
    let Some(old) = old else { return Vec::new() };
    let named = |side: &Side| -> BTreeSet<PlanPath> {
        let named = rules::files::named(&side.plan).into_iter();
        named.filter(|(_, _, at)| at.last() != Some("archive")).map(|(path, _, _)| path).gathered()
    };
    let both = named(old).intersection(&named(new)).cloned().collect::<Vec<_>>();
    both.into_iter().filter(|path| !old.contents.contains_key(path) || !new.contents.contains_key(path)).collect()
}
