//! Makes small image archives in memory, whole or broken.

use std::io::Write as _;

use serde_json::{Value, json};
use tar::{EntryType, Header};

use crate::host::archive::source::sha256;
use crate::host::archive::{ArchivedImage, ArchivedLayer, Compression};

/// A member of a tar file; a link's bytes are its target.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: EntryType,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn file(name: impl ToString, bytes: impl AsRef<[u8]>) -> Entry {
    Entry { name: name.to_string(), kind: EntryType::Regular, bytes: bytes.as_ref().to_vec() }
}

pub(super) fn link(name: impl ToString, target: &str, kind: EntryType) -> Entry {
    Entry { name: name.to_string(), kind, bytes: target.as_bytes().to_vec() }
}

/// The tar file with these members; names are written as they are, also unsafe ones.
pub(super) fn tar_file(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Entry { name, kind, bytes: content } in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        header.set_size(if is_link { 0 } else { content.len() as u64 });
        if is_link {
            header.set_link_name_literal(content).unwrap();
        }
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        if !is_link {
            bytes.extend_from_slice(content);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub(super) fn packed(bytes: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::Plain => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => zstd::encode_all(bytes, 1).unwrap(),
        Compression::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

/// An image as it is before it gets into an archive.
#[derive(Clone)]
pub(super) struct Image {
    pub(super) layers: Vec<Vec<u8>>,
    pub(super) names: Vec<&'static str>,
    pub(super) architecture: &'static str,
}

impl Image {
    /// An image with one layer for each text.
    pub(super) fn of(texts: &[&str], names: &[&'static str]) -> Self {
        let layer = |text: &&str| tar_file(&[file("hello", text)]);
        Self { layers: texts.iter().map(layer).collect(), names: names.to_vec(), architecture: "amd64" }
    }

    pub(super) fn configuration(&self) -> String {
        let diff_ids: Vec<String> = self.layers.iter().map(|layer| format!("sha256:{}", sha256(layer))).collect();
        let rootfs = json!({ "type": "layers", "diff_ids": diff_ids });
        json!({ "architecture": self.architecture, "os": "linux", "rootfs": rootfs }).to_string()
    }

    pub(super) fn id(&self) -> String {
        sha256(self.configuration().as_bytes())
    }

    /// What is found of it in an archive, with these member names for the configuration and each layer.
    pub(super) fn archived(&self, config: &str, layer: impl Fn(&[u8]) -> String) -> ArchivedImage {
        let archived = |bytes: &Vec<u8>| ArchivedLayer {
            member: layer(bytes),
            diff_id: sha256(bytes),
            size_bytes: bytes.len() as u64,
        };
        let mut distinct = self.layers.clone();
        distinct.sort();
        distinct.dedup();
        ArchivedImage {
            id: self.id(),
            references: self.names.iter().map(ToString::to_string).collect(),
            config_member: config.to_owned(),
            configuration: self.configuration().into(),
            layers: self.layers.iter().map(archived).collect(),
            size_bytes: distinct.iter().map(|layer| layer.len() as u64).sum(),
            architecture: self.architecture.to_owned(),
            os: "linux".to_owned(),
        }
    }

    pub(super) fn in_docker(&self) -> ArchivedImage {
        self.archived(&format!("{}.json", self.id()), |layer| format!("{}.tar", sha256(layer)))
    }

    pub(super) fn in_oci(&self, compression: Compression) -> ArchivedImage {
        self.archived(&blob_name(self.configuration().as_bytes()), |layer| blob_name(&packed(layer, compression)))
    }

    /// What an engine is given to load.
    pub(super) fn loaded(&self) -> Vec<(String, Vec<u8>)> {
        let layer_name = |layer: &Vec<u8>| format!("{}.tar", sha256(layer));
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for layer in &self.layers {
            if !files.iter().any(|(_, known)| known == layer) {
                files.push((layer_name(layer), layer.clone()));
            }
        }
        let layers: Vec<String> = self.layers.iter().map(layer_name).collect();
        let config = format!("{}.json", self.id());
        let layers = serde_json::to_string(&layers).unwrap();
        let manifest = format!(r#"[{{"Config":"{config}","RepoTags":null,"Layers":{layers}}}]"#);
        files.push((config, self.configuration().into_bytes()));
        files.push(("manifest.json".to_owned(), manifest.into_bytes()));
        files
    }
}

/// The members of a docker-archive as Podman saves it, the manifest last.
pub(super) fn docker_archive(images: &[Image]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut manifest = Vec::new();
    for image in images {
        let names: Vec<String> = image.layers.iter().map(|layer| format!("{}.tar", sha256(layer))).collect();
        for (name, layer) in names.iter().zip(&image.layers) {
            if !entries.iter().any(|entry| entry.name == *name) {
                entries.push(file(name, layer));
            }
        }
        let config = format!("{}.json", image.id());
        entries.push(file(&config, image.configuration()));
        manifest.push(json!({ "Config": config, "RepoTags": image.names, "Layers": names }));
    }
    entries.push(file("manifest.json", Value::from(manifest).to_string()));
    entries
}

pub(super) fn blob_name(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", sha256(bytes))
}

pub(super) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len() })
}

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The blobs of one image in an OCI archive, its manifest last, and the descriptor of the manifest.
pub(super) fn oci_image(image: &Image, compression: Compression) -> (Vec<Entry>, Value) {
    let layers: Vec<Vec<u8>> = image.layers.iter().map(|layer| packed(layer, compression)).collect();
    let mut entries: Vec<Entry> = layers.iter().map(|layer| file(blob_name(layer), layer)).collect();
    let config = image.configuration();
    let manifest = json!({
        "schemaVersion": 2,
        "config": descriptor(OCI_CONFIG, config.as_bytes()),
        "layers": layers.iter().map(|layer| descriptor(OCI_LAYER, layer)).collect::<Vec<_>>(),
    })
    .to_string();
    let mut found = descriptor(OCI_MANIFEST, manifest.as_bytes());
    if let [name] = image.names.as_slice() {
        found["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
    }
    entries.push(file(blob_name(config.as_bytes()), config));
    entries.push(file(blob_name(manifest.as_bytes()), manifest));
    (entries, found)
}

/// The members of an OCI archive with these blobs and this content of `index.json`.
pub(super) fn oci_layout(mut blobs: Vec<Entry>, manifests: &[Value]) -> Vec<Entry> {
    blobs.push(file("index.json", json!({ "schemaVersion": 2, "manifests": manifests }).to_string()));
    blobs.push(file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#));
    blobs
}

/// The members of an OCI archive as Podman saves it.
pub(super) fn oci_archive(images: &[Image], compression: Compression) -> Vec<Entry> {
    let (blobs, found): (Vec<_>, Vec<_>) = images.iter().map(|image| oci_image(image, compression)).unzip();
    oci_layout(blobs.concat(), &found)
}
