//! What becomes of each service. Reads nothing, changes nothing.

use super::values::{self, Change, Compared};
use super::{MadeFrom, Side, meaning};
use crate::diagnostics::Pointer;
use crate::few::Few;
use crate::plan::model::Service;
use crate::plan::review::is_pinned;
use crate::plan::values::{ImageId, ServiceName};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a deployment makes of a service. It removes and creates every container; the question is whether from the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// Its container is made from something else.
    Changes,
    /// Nothing that can be seen differs, but its image may: that is known when it is retrieved.
    Unknown,
    /// Its container is made anew from the same.
    AsItWas,
}

/// What differs in a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDifference {
    /// The service.
    pub name: ServiceName,
    /// What becomes of it.
    pub fate: Fate,
    /// Its image.
    pub image: ImageLook,
    /// The label `landfall.config`, of the old container and of the new one.
    pub config: (Option<String>, Option<String>),
    /// What differs in its fields and in the content of its files. Of a service that is gone, the service itself.
    pub changes: Vec<Change>,
}

/// What can be known of a service's images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLook {
    /// The ID of the old one, where it can be known.
    pub old: Option<ImageId>,
    /// The ID of the new one, where it can be known.
    pub new: Option<ImageId>,
    /// Whether they are the same image; none where that can't be known yet.
    pub same: Option<bool>,
}

pub(super) fn differences(compared: &Compared<'_>, old: Option<&Side>, new: &Side) -> Vec<ServiceDifference> {
    let before = old.into_iter().flat_map(|old| old.plan.services.keys());
    let names: BTreeSet<_> = before.chain(new.plan.services.keys()).gathered();
    let service = |name: &ServiceName| {
        let pair = (old.and_then(|old| old.plan.services.get(name)), new.plan.services.get(name));
        let made = |side: Option<&Side>| side.and_then(|side| side.containers.get(name)).cloned().unwrap_or_default();
        let made = (made(old), made(Some(new)));
        difference(compared, name, pair, made)
    };
    names.into_iter().map(service).collect()
}

fn difference(
    compared: &Compared<'_>,
    name: &ServiceName,
    pair: (Option<&Service>, Option<&Service>),
    made: (MadeFrom, MadeFrom),
) -> ServiceDifference {
    let at = Pointer::of(["services", name.as_str()]);
    let changes = match pair {
        (None, Some(service)) => of_a_new_one(compared, &at, service),
        (Some(_), Some(_)) | (_, None) => values::changes(compared, &at),
    };
    let image = image(pair, &made, &changes, &at);
    let fate = match pair {
        (None, _) => Fate::New,
        (_, None) => Fate::Gone,
        (Some(_), Some(_)) if !changes.is_empty() || image.same == Some(false) => Fate::Changes,
        (Some(_), Some(_)) if image.same.is_none() => Fate::Unknown,
        (Some(_), Some(_)) => Fate::AsItWas,
    };
    let config = |there: Option<&Service>, made: MadeFrom| there.map(|_| made.config);
    let config = (config(pair.0, made.0), config(pair.1, made.1));
    ServiceDifference { name: name.clone(), fate, image, config, changes }
}

/// The image of a new service, and what else it has that is not the default.
fn of_a_new_one(compared: &Compared<'_>, at: &Pointer, service: &Service) -> Vec<Change> {
    let plain = Service::deserialize(&json!({ "image": service.image }));
    let plain = plain.ok().and_then(|plain| serde_json::to_value(plain).ok()).unwrap_or_default();
    let name = at.last().unwrap_or_default();
    let mut old = meaning::in_one_form(json!({ "services": { name: plain } }));
    if let Some(service) = old.pointer_mut(&at.to_string()).and_then(Value::as_object_mut) {
        service.remove("image");
    }
    values::changes(&Compared { old: &old, new: compared.new, written: (&old, compared.written.1) }, at)
}

fn image(
    pair: (Option<&Service>, Option<&Service>),
    made: &(MadeFrom, MadeFrom),
    changes: &[Change],
    at: &Pointer,
) -> ImageLook {
    let (old, new) = (made.0.image.clone(), made.1.image.clone());
    let described = at.then("image");
    let described_otherwise = changes.iter().any(|change| {
        let below: Vec<_> = change.pointer.segments().take(described.segments().count()).collect();
        below == described.segments().collect::<Vec<_>>()
    });
    let same = match (pair, &old, &new) {
        ((Some(_), Some(_)), Some(old), Some(new)) => Some(old == new),
        ((Some(_), Some(_)), _, _) if described_otherwise => Some(false),
        ((Some(_), Some(service)), _, _) if is_pinned(&service.image) => Some(true),
        ((Some(_), Some(_)), _, _) => None,
        ((None, _) | (_, None), _, _) => Some(false),
    };
    ImageLook { old, new, same }
}
