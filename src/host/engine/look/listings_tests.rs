//! What is read where it lies, and when Podman is asked instead.

use super::{images, secrets};
use crate::facts::{ImageFact, SecretFact};
use crate::host::engine::driver::Podman;
use crate::host::engine::look::Storage;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Podman with this storage; whoever asks it is told that it is broken.
fn podman(folder: &Path, has_all_images: bool) -> Podman {
    let podman = Podman::at(Path::new("/usr/bin/false"));
    podman.storage.get_or_init(|| Storage { has_all_images, ..Storage::at(folder, &folder.join("run")) });
    podman
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn asked<T>(told: Result<T, crate::run::Failure>) -> Option<String> {
    told.err().map(|failure| failure.message)
}

#[test]
fn images_are_those_on_record_where_that_is_known_to_be_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let broken = Some("`false images` failed with exit code 1 and said nothing".to_owned());
    assert_eq!(asked(images(&podman(folder.path(), true))), broken);
    let names = ["localhost/landfall/shop/web:83a25c16b489", "docker.io/library/tiny@sha256:ab"];
    let data = json!(["sha256:b", "manifest-sha256:1"]);
    let b = json!({ "id": "b", "names": names, "layer": "1", "big-data-names": data });
    let of_others = json!([
        { "id": "a", "layer": "2", "big-data-names": ["manifest"] },
        { "id": "c", "names": null, "big-data-names": ["manifest"] },
    ]);
    let record = |b: &Value| json!([b, of_others[0], of_others[1]]).to_string();
    write(folder.path(), "overlay-images/images.json", &record(&b));
    write(folder.path(), "overlay-layers/layers.json", &json!([{ "id": "2" }, { "id": "1" }]).to_string());
    let image = |id: &str, tags: &[&str]| ImageFact {
        id: id.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    let all = vec![image("a", &[]), image("b", &[names[1], names[0]]), image("c", &[])];
    assert_eq!(images(&podman(folder.path(), true)), Ok(all));
    assert_eq!(asked(images(&podman(folder.path(), false))), broken);
    // Of a load that is under way, or was killed.
    for (key, value) in
        [("big-data-names", json!(["sha256:b"])), ("big-data-names", json!(null)), ("layer", json!("3"))]
    {
        let mut torn = b.clone();
        torn[key] = value;
        write(folder.path(), "overlay-images/images.json", &record(&torn));
        assert_eq!(asked(images(&podman(folder.path(), true))), broken, "{torn}");
    }
    // Another driver's does not count.
    write(folder.path(), "overlay-images/images.json", &record(&b));
    write(folder.path(), "vfs-images/images.json", "[]");
    assert_eq!(images(&podman(folder.path(), true)).map(|images| images.len()), Ok(3));
}

#[test]
fn secrets_are_those_on_record_where_the_record_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let podman = podman(folder.path(), true);
    let broken = Some("`false secret` failed with exit code 1 and said nothing".to_owned());
    assert_eq!(asked(secrets(&podman)), broken);
    write(folder.path(), "secrets/secrets.lock", "");
    assert_eq!(secrets(&podman), Ok(Vec::new()));
    let record = r#"{ "secrets": { "2": { "name": "b" }, "1": { "name": "a" } }, "nameToID": { "b": "2", "a": "1" } }"#;
    write(folder.path(), "secrets/secrets.json", record);
    let named = |name: &str| SecretFact { name: name.to_owned() };
    assert_eq!(secrets(&podman), Ok(vec![named("a"), named("b")]));
    // While Podman writes it anew, there is a part of it, or nothing.
    for part in ["", &record[..60], "{}"] {
        write(folder.path(), "secrets/secrets.json", part);
        assert_eq!(asked(secrets(&podman)), broken, "{part}");
    }
}
