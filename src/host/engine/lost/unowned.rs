//! Removes the layers of containers that are gone: Podman removes the container first, its layer last, and was killed in between, or had no
//! room.
//!
//! None of its commands shows or removes such a layer, and as long as it is there no container of that name can be made. Podman itself
//! removes every layer that it had not finished when it next writes: such a layer is marked as one of those.

use super::super::look::Storage;
use super::super::store_lock;
use super::records::{self, folder};
use crate::host::files::{remove_unfinished_in, write_atomically};
use crate::run::Failure;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Write;

/// What the name of a container's layer ends with.
const OF_A_CONTAINER: &str = "-layer";

/// Marks the layers of those containers that are gone whose names begin with `prefix`; how many layers there are, whoever they belong to,
/// that Podman has not finished or was told so, and removes when it next writes.
///
/// # Errors
/// The storage can't be read or written, or somebody holds its lock for long.
pub fn mark(storage: &Storage, prefix: &str) -> Result<usize, Failure> {
    let Some(layers) = folder(&storage.graph, "layers") else { return Ok(0) };
    let record = layers.join("layers.json");
    let there: Vec<Value> = records::read(&record)?.unwrap_or_default();
    let unowned = marked(&there, &used(storage)?, prefix).1;
    let unfinished = there.iter().filter(|layer| is_incomplete(layer)).count();
    if unowned == 0 && unfinished == 0 {
        return Ok(0);
    }
    // A container that is being made has a layer before it is on record, and that is unfinished before, under this lock.
    let lock = match store_lock::hold(&layers.join("layers.lock")) {
        Err(_) if unowned == 0 => return Ok(unfinished),
        held => held?,
    };
    let Some(mut lock) = lock else { return Ok(unfinished) };
    remove_unfinished_in(&layers).map_err(|problem| Failure::new(problem.to_string()))?;
    let (all, count) = marked(&records::read(&record)?.unwrap_or_default(), &used(storage)?, prefix);
    let incomplete = all.iter().filter(|layer| is_incomplete(layer)).count();
    if count > 0 {
        write_atomically(&record, Value::Array(all).to_string().as_bytes(), 0o600)
            .map_err(|problem| Failure::new(problem.to_string()))?;
        // Whoever finds another text in the lock's file than the last time, 64 bytes, reads the records anew.
        let writer = format!("{:x}", Sha256::digest(jiff::Timestamp::now().as_nanosecond().to_be_bytes()));
        lock.write_all(writer.as_bytes()).map_err(|error| Failure::new(error.to_string()))?;
    }
    Ok(incomplete)
}

/// Whether there is a layer that [`mark`] marks or counts.
///
/// # Errors
/// The storage can't be read.
pub fn is_any(storage: &Storage, prefix: &str) -> Result<bool, Failure> {
    let there: Vec<Value> = records::list(storage, "layers")?.unwrap_or_default();
    Ok(there.iter().any(is_incomplete) || marked(&there, &used(storage)?, prefix).1 > 0)
}

fn is_incomplete(layer: &Value) -> bool {
    layer.pointer("/flags/incomplete").and_then(Value::as_bool) == Some(true)
}

/// All layers, with those marked that belong to no container and to no other layer; and how many of these were not.
fn marked(layers: &[Value], used: &BTreeSet<String>, prefix: &str) -> (Vec<Value>, usize) {
    let parents: BTreeSet<&str> = layers.iter().filter_map(|layer| layer.get("parent")?.as_str()).collect();
    let is_unowned = |layer: &Value| {
        let id = layer.get("id").and_then(Value::as_str).unwrap_or_default();
        let names = layer.get("names").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let of_ours = names.filter_map(|name| name.strip_suffix(OF_A_CONTAINER)).any(|name| name.starts_with(prefix));
        of_ours && !used.contains(id) && !parents.contains(id) && !is_incomplete(layer)
    };
    let mut count = 0;
    let all = layers
        .iter()
        .map(|layer| match layer {
            Value::Object(fields) if is_unowned(layer) => {
                count += 1;
                let mut fields = fields.clone();
                fields.insert("flags".to_owned(), json!({ "incomplete": true }));
                Value::Object(fields)
            }
            other => other.clone(),
        })
        .collect();
    (all, count)
}

/// The layers that containers have.
fn used(storage: &Storage) -> Result<BTreeSet<String>, Failure> {
    let containers: Vec<Value> = records::list(storage, "containers")?.unwrap_or_default();
    Ok(containers.iter().filter_map(|container| Some(container.get("layer")?.as_str()?.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::{Storage, is_any, mark};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use std::fs;

    #[test]
    fn regression_036_the_layer_of_a_container_of_ours_that_is_gone_is_marked_and_no_other() {
        let [graph, run] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let storage = Storage { graph: graph.path().to_owned(), run: run.path().to_owned() };
        let path = |name: &str| graph.path().join(name);
        let layer = |id: &str, name: &str| json!({ "id": id, "parent": "base", "names": [name], "diff-size": 1 });
        let layers = json!([
            { "id": "base", "diff-digest": "sha256:base" },
            layer("gone", "shop-web-layer"),
            layer("used", "shop-db-layer"),
            layer("volatile", "shop-cache-layer"),
            layer("theirs", "other-layer"),
        ]);
        ["overlay-layers", "overlay-containers"].iter().for_each(|folder| fs::create_dir(path(folder)).unwrap());
        fs::write(path("overlay-layers/layers.json"), layers.to_string()).unwrap();
        fs::write(path("overlay-layers/layers.lock"), "1").unwrap();
        fs::write(path("overlay-containers/containers.json"), r#"[{ "id": "1", "layer": "used" }]"#).unwrap();
        fs::create_dir(run.path().join("overlay-containers")).unwrap();
        let volatile = run.path().join("overlay-containers/volatile-containers.json");
        fs::write(volatile, r#"[{ "id": "2", "layer": "volatile" }]"#).unwrap();
        let read =
            || -> Value { serde_json::from_slice(&fs::read(path("overlay-layers/layers.json")).unwrap()).unwrap() };
        assert_eq!(mark(&storage, "blog-"), Ok(0));
        assert_eq!((read(), fs::read(path("overlay-layers/layers.lock")).unwrap().len()), (layers.clone(), 1));
        assert_eq!(["blog-", "shop-"].map(|prefix| is_any(&storage, prefix)), [Ok(false), Ok(true)]);
        assert_eq!(mark(&storage, "shop-"), Ok(1));
        assert_eq!(is_any(&storage, "blog-"), Ok(true));
        // Another has not been finished, or was being removed: nothing is to be marked, and Podman must write.
        assert_eq!(mark(&storage, "blog-"), Ok(1));
        let mut expected = layers;
        expected[1]["flags"] = json!({ "incomplete": true });
        assert_eq!((read(), fs::read(path("overlay-layers/layers.lock")).unwrap().len()), (expected, 64));
    }
}
