//! A program, and what it will have done, as one JSON document. Its members are a contract.
//!
//! The operations of many services are most of it. They are written one by one, and never all in memory as values.

use super::Preview;
use super::lines::{command, lines};
use crate::cli::review;
use crate::facts::EngineKind;
use crate::operation::{Layout, Operation, Program, Step};
use crate::steps::forecast::{Destroyed, Downtime, Forecast, Kept, KeptDirectory, Share, Window};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// The document, its members in the order of their names.
pub struct Document<'a> {
    members: Map<String, Value>,
    program: &'a Program,
    given: (&'a Layout, EngineKind),
}

/// Its one member that is not in [`Document::members`].
const STEPS: &str = "steps";

impl Document<'_> {
    /// Adds a member, which is not of the steps.
    pub fn insert(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_map(None)?;
        let members = |side: Ordering| self.members.iter().filter(move |(name, _)| name.as_str().cmp(STEPS) == side);
        members(Ordering::Less).try_for_each(|(name, value)| written.serialize_entry(name, value))?;
        written.serialize_entry(STEPS, &steps(self.program, self.given))?;
        members(Ordering::Greater).try_for_each(|(name, value)| written.serialize_entry(name, value))?;
        written.end()
    }
}

pub(super) fn document<'a>(preview: &Preview<'a>) -> Document<'a> {
    let Preview { plan, review, layout, engine, program, forecast } = preview;
    let Forecast { destroyed, kept, downtime } = forecast;
    let of_the_deployment = json!({
        "plan": plan.name,
        "destroyed": destroyed.iter().map(of_what_is_destroyed).collect::<Vec<_>>(),
        "kept": of_what_is_kept(kept),
        "downtime": of_the_downtime(downtime),
    });
    let mut members = Map::new();
    if let (Value::Object(of_the_deployment), Value::Object(review)) = (of_the_deployment, review::as_json(review)) {
        members.extend(of_the_deployment);
        members.extend(review);
    }
    Document { members, program, given: (layout, *engine) }
}

/// The operations by their steps.
pub(super) fn steps<'a>(program: &'a Program, given: (&'a Layout, EngineKind)) -> impl Serialize + use<'a> {
    Each(move || program.steps.iter().map(move |step| of_a_step(step, given)))
}

fn of_a_step<'a>(step: &'a Step, given: (&'a Layout, EngineKind)) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct OfStep<O> {
        name: &'static str,
        operations: O,
    }
    let Step { name, operations } = step;
    OfStep {
        name: name.words(),
        operations: Each(move || operations.iter().map(move |operation| of_an_operation(operation, given))),
    }
}

/// A list whose elements are made while it is written.
struct Each<F>(F);

impl<F: Fn() -> I, I: IntoIterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(elements) = self;
        serializer.collect_seq(elements())
    }
}

fn of_an_operation(operation: &Operation, given: (&Layout, EngineKind)) -> Value {
    let Operation { id, after, once_stopped, action } = operation;
    json!({
        "id": id,
        "after": after,
        "once_stopped": once_stopped,
        "description": action.to_string(),
        "command": command(action, given).map(|command| command.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "shell": lines(action, given),
    })
}

fn of_what_is_destroyed(destroyed: &Destroyed) -> Value {
    match destroyed {
        Destroyed::Container(name) => json!({ "kind": "container", "name": name }),
        Destroyed::Network(name) => json!({ "kind": "network", "name": name }),
        Destroyed::Image { name, unless_image_of } => {
            json!({ "kind": "image", "name": name, "unless_image_of": unless_image_of })
        }
        Destroyed::Secret(name) => json!({ "kind": "secret", "name": name }),
        Destroyed::Keys => json!({ "kind": "keys" }),
        Destroyed::Records { keep } => json!({ "kind": "records", "keep": keep }),
    }
}

fn of_what_is_kept(kept: &Kept) -> Value {
    let Kept { directories, images, containers } = kept;
    let directory = |KeptDirectory { path, later }: &KeptDirectory| json!({ "path": path, "later": later });
    json!({
        "directories": directories.iter().map(directory).collect::<Vec<_>>(),
        "images": images,
        "containers": containers,
    })
}

fn of_the_downtime(downtime: &Downtime) -> Value {
    let Downtime { services, whole, shares, open } = downtime;
    let with = |mut value: Value, window: &Window| {
        let Window { at_least, at_most } = window;
        if let Some(object) = value.as_object_mut() {
            object.insert("at_least".to_owned(), json!(at_least.as_secs_f64()));
            object.insert("at_most".to_owned(), json!(at_most.as_secs_f64()));
        }
        value
    };
    let share = |Share { operation, description: _, window, because }: &Share| {
        with(json!({ "operation": operation, "because": because }), window)
    };
    let services: Vec<_> = services.iter().map(|(name, window)| with(json!({ "name": name }), window)).collect();
    with(json!({ "services": services, "shares": shares.iter().map(share).collect::<Vec<_>>(), "open": open }), whole)
}

#[cfg(test)]
mod tests {
    use super::{Document, Map};
    use crate::facts::EngineKind;
    use crate::operation::{Layout, Program};
    use crate::plan::values::PlanName;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use std::path::Path;

    #[test]
    fn its_members_stand_in_the_order_of_their_names() {
        let program = Program { steps: Vec::new() };
        let layout = Layout::new(Path::new("/var/lib/landfall"), &PlanName::parse("shop").unwrap());
        let mut document = Document { members: Map::new(), program: &program, given: (&layout, EngineKind::Podman) };
        for name in ["unread", "kept", "rollback"] {
            document.insert(name, Value::Null);
        }
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(text, r#"{"kept":null,"rollback":null,"steps":[],"unread":null}"#);
        assert_eq!(json!(document)["steps"], json!([]));
    }
}
