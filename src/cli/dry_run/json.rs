//! A program, and what it will have done, as one JSON document. Its members are a contract.

use super::Preview;
use super::lines::{command, lines};
use crate::cli::review;
use crate::facts::EngineKind;
use crate::operation::{Layout, Operation, Program, Step};
use crate::steps::forecast::{Destroyed, Downtime, Forecast, Kept, KeptDirectory, Share, Window};
use serde_json::{Value, json};

pub(super) fn document(preview: &Preview<'_>) -> Value {
    let Preview { plan, review, layout, engine, program, forecast } = preview;
    let Forecast { destroyed, kept, downtime } = forecast;
    let mut document = json!({
        "plan": plan.name,
        "steps": steps(program, (layout, *engine)),
        "destroyed": destroyed.iter().map(of_what_is_destroyed).collect::<Vec<_>>(),
        "kept": of_what_is_kept(kept),
        "downtime": of_the_downtime(downtime),
    });
    if let (Value::Object(document), Value::Object(review)) = (&mut document, review::as_json(review)) {
        document.extend(review);
    }
    document
}

pub(super) fn steps(program: &Program, given: (&Layout, EngineKind)) -> Value {
    program.steps.iter().map(|step| of_a_step(step, given)).collect()
}

fn of_a_step(step: &Step, given: (&Layout, EngineKind)) -> Value {
    let Step { name, operations } = step;
    let operation = |operation: &Operation| {
        let Operation { id, after, once_stopped, action } = operation;
        json!({
            "id": id,
            "after": after,
            "once_stopped": once_stopped,
            "description": action.to_string(),
            "command": command(action, given).map(|command| command.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "shell": lines(action, given),
        })
    };
    json!({ "name": name.words(), "operations": operations.iter().map(operation).collect::<Vec<_>>() })
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
