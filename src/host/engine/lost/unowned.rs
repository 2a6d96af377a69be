//! Removes the layers of containers that are gone: Podman removes the container first, its layer last, and was killed in between, or had no
//! room. It names a container's layer last: one may be left without a name, too.
//!
//! None of its commands shows or removes such a layer, and as long as it is there no container of that name can be made. Podman itself
//! removes every layer that it had not finished when it next writes: such a layer is marked as one of those.

use super::super::look::Storage;
use super::super::store_lock;
use super::records;
use crate::few::Few;
use crate::host::files::{remove_unfinished_in, write_atomically};
use crate::run::Failure;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Write;

/// What the name of a container's layer ends with.
const OF_A_CONTAINER: &str = "-layer";

/// Whose layers are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// Of the containers of this plan.
    pub plan: &'a str,
    /// And of those without a name that were made of the image with these layers: the SHA-256 of each, uncompressed, as images say it
    /// (`sha256:…`); the lowest first.
    pub image: &'a [String],
}

/// Marks the layers of those containers that are gone; how many layers there are, whoever they belong to, that Podman has not finished or
/// was told so, and removes when it next writes.
///
/// # Errors
/// The storage can't be read or written, or somebody holds its lock for long.
pub fn mark(storage: &Storage, whose: Whose<'_>) -> Result<usize, Failure> {
    let Some(layers) = storage.records("layers") else { return Ok(0) };
    let record = layers.join("layers.json");
    let there: Vec<Value> = records::read(&record)?.unwrap_or_default();
    let unowned = marked(&there, &used(storage)?, whose).1;
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
    let (all, count) = marked(&records::read(&record)?.unwrap_or_default(), &used(storage)?, whose);
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
pub fn is_any(storage: &Storage, whose: Whose<'_>) -> Result<bool, Failure> {
    let there: Vec<Value> = records::list(storage, "layers")?.unwrap_or_default();
    Ok(there.iter().any(is_incomplete) || marked(&there, &used(storage)?, whose).1 > 0)
}

fn is_incomplete(layer: &Value) -> bool {
    layer.pointer("/flags/incomplete").and_then(Value::as_bool) == Some(true)
}

/// All layers, with those marked that belong to no container and to no other layer; and how many of these were not.
fn marked(layers: &[Value], used: &BTreeSet<String>, whose: Whose<'_>) -> (Vec<Value>, usize) {
    let parents: BTreeSet<&str> = layers.iter().map(|layer| text(layer, "parent")).gathered();
    let top = top(layers, whose.image);
    let is_unowned = |layer: &Value| {
        let id = text(layer, "id");
        is_of_a_container(layer, whose.plan, top)
            && !used.contains(id)
            && !parents.contains(id)
            && !is_incomplete(layer)
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

/// Whether it is the layer of a container of this plan's; or of one without a name, right above the layer `top`.
fn is_of_a_container(layer: &Value, plan: &str, top: Option<&str>) -> bool {
    let names = layer.get("names").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if names.is_empty() {
        // Each layer of an image says what is in it.
        return top == Some(text(layer, "parent")) && text(layer, "diff-digest").is_empty();
    }
    let containers = names.iter().filter_map(Value::as_str).filter_map(|name| name.strip_suffix(OF_A_CONTAINER));
    containers.filter_map(|name| name.strip_prefix(plan)).any(|rest| rest.starts_with('-'))
}

/// The highest layer of an image with these that is there.
fn top<'a>(layers: &'a [Value], image: &[String]) -> Option<&'a str> {
    let mut top = None;
    for digest in image {
        let below = top.unwrap_or_default();
        let is_next = |layer: &&Value| text(layer, "parent") == below && text(layer, "diff-digest") == digest;
        let Some(next) = layers.iter().find(is_next) else { break };
        top = Some(text(next, "id"));
    }
    top
}

fn text<'a>(layer: &'a Value, field: &str) -> &'a str {
    layer.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The layers that containers have.
fn used(storage: &Storage) -> Result<BTreeSet<String>, Failure> {
    let containers: Vec<Value> = records::list(storage, "containers")?.unwrap_or_default();
    Ok(containers.iter().filter_map(|container| Some(container.get("layer")?.as_str()?.to_owned())).gathered())
}

#[cfg(test)]
mod tests {
    use super::{Storage, Whose, is_any, mark};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use std::fs;
    use tempfile::TempDir;

    /// A storage with these layers and a container that has the layer `used`, and one until the next boot that has `volatile`.
    struct Stored([TempDir; 2]);

    impl Stored {
        fn of(layers: &Value) -> Self {
            let stored = Self([(); 2].map(|()| tempfile::tempdir().unwrap()));
            let [graph, run] = &stored.0;
            ["overlay-layers", "overlay-containers"]
                .iter()
                .for_each(|folder| fs::create_dir(graph.path().join(folder)).unwrap());
            fs::create_dir(run.path().join("overlay-containers")).unwrap();
            let write = |within: &TempDir, path: &str, text: &str| fs::write(within.path().join(path), text).unwrap();
            write(graph, "overlay-layers/layers.json", &layers.to_string());
            write(graph, "overlay-layers/layers.lock", "1");
            write(graph, "overlay-containers/containers.json", r#"[{ "id": "1", "layer": "used" }]"#);
            let volatile = r#"[{ "id": "2", "layer": "volatile" }]"#;
            write(run, "overlay-containers/volatile-containers.json", volatile);
            stored
        }

        fn storage(&self) -> Storage {
            let [graph, run] = self.0.each_ref().map(|folder| folder.path());
            Storage::at(graph, run)
        }

        /// The layers, and how long the lock's file is.
        fn read(&self) -> (Value, usize) {
            let read = |path: &str| fs::read(self.0[0].path().join(path)).unwrap();
            let layers = serde_json::from_slice(&read("overlay-layers/layers.json")).unwrap();
            (layers, read("overlay-layers/layers.lock").len())
        }
    }

    #[test]
    fn regression_036_the_layer_of_a_container_of_ours_that_is_gone_is_marked_and_no_other() {
        let layer = |id: &str, name: &str| json!({ "id": id, "parent": "base", "names": [name], "diff-size": 1 });
        let layers = json!([
            { "id": "base", "diff-digest": "sha256:base" },
            layer("gone", "shop-web-layer"),
            layer("used", "shop-db-layer"),
            layer("volatile", "shop-cache-layer"),
            layer("theirs", "other-layer"),
        ]);
        let stored = Stored::of(&layers);
        let storage = stored.storage();
        let [blog, shop] = ["blog", "shop"].map(|plan| Whose { plan, image: &[] });
        assert_eq!(mark(&storage, blog), Ok(0));
        assert_eq!(stored.read(), (layers.clone(), 1));
        assert_eq!([blog, shop].map(|whose| is_any(&storage, whose)), [Ok(false), Ok(true)]);
        assert_eq!(mark(&storage, shop), Ok(1));
        assert_eq!(is_any(&storage, blog), Ok(true));
        // Another has not been finished, or was being removed: nothing is to be marked, and Podman must write.
        assert_eq!(mark(&storage, blog), Ok(1));
        let mut expected = layers;
        expected[1]["flags"] = json!({ "incomplete": true });
        assert_eq!(stored.read(), (expected, 64));
    }

    #[test]
    fn regression_123_the_layer_of_a_container_that_is_gone_before_it_had_a_name_is_marked_if_it_is_of_our_image() {
        let image =
            |id: &str, parent: &str| json!({ "id": id, "parent": parent, "diff-digest": format!("sha256:{id}") });
        let container = |id: &str, parent: &str| json!({ "id": id, "parent": parent });
        let layers = json!([
            image("base", ""),
            image("top", "base"),
            image("above", "top"),
            image("being retrieved", "top"),
            container("theirs", "base"),
            container("others", "above"),
            container("used", "top"),
            container("volatile", "top"),
            container("gone", "top"),
        ]);
        let stored = Stored::of(&layers);
        let storage = stored.storage();
        let known = ["sha256:base", "sha256:top"].map(str::to_owned);
        let strange = ["sha256:top".to_owned()];
        let [of_image, of_strange, of_none] = [&known[..], &strange, &[]].map(|image| Whose { plan: "shop", image });
        assert_eq!([of_strange, of_none].map(|whose| mark(&storage, whose)), [Ok(0), Ok(0)]);
        assert_eq!(stored.read(), (layers.clone(), 1));
        assert_eq!([of_image, of_none].map(|whose| is_any(&storage, whose)), [Ok(true), Ok(false)]);
        assert_eq!(mark(&storage, of_image), Ok(1));
        let mut expected = layers;
        expected[8]["flags"] = json!({ "incomplete": true });
        assert_eq!(stored.read(), (expected, 64));
    }
}
