//! What differs, as one JSON document. Its members are a contract.

use super::{Against, Told};
use crate::difference::{Change, Difference, ServiceDifference};
use serde_json::{Value, json};

pub(super) fn document(told: &Told<'_>) -> Value {
    let Told { plan, review, against, old, hotfixes, difference } = told;
    let Difference {
        services,
        changes,
        new_directories,
        unused_directories,
        new_lines,
        old_lines,
        unread,
        written_otherwise,
    } = difference;
    json!({
        "plan": plan.name,
        "against": match against {
            Against::Deployed(at) => json!({ "deployed_at": at }),
            Against::Nothing => Value::Null,
            Against::File(file) => json!({ "file": file }),
        },
        "same": difference.is_none(),
        "written_otherwise": written_otherwise,
        "hash": { "old": old.and_then(|old| old.hash.clone()), "new": review.hash() },
        "plan_sha256": { "old": old.map(|old| &old.plan_sha256), "new": review.plan_sha256 },
        "unpinned": review.unpinned,
        "services": services.iter().map(service).collect::<Vec<_>>(),
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
        "directories": { "new": new_directories, "unused": unused_directories },
        "crontab": { "new": new_lines, "old": old_lines },
        "unread": unread,
        "hotfixes": hotfixes,
    })
}

fn service(service: &ServiceDifference) -> Value {
    let ServiceDifference { name, fate, image, config, changes } = service;
    json!({
        "name": name,
        "fate": fate,
        "image": { "old": image.old, "new": image.new, "same": image.same },
        "config": { "old": config.0, "new": config.1 },
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    let Change { pointer, field, content, old, new } = change;
    json!({ "pointer": pointer.to_string(), "field": field, "content": content, "old": old, "new": new })
}
