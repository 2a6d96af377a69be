//! What is found in complete archives.

use pretty_assertions::assert_eq;
use serde_json::json;
use tar::EntryType;

use super::fixtures::*;
use super::{ALL, looked_at};
use crate::host::archive::source::sha256;
use crate::host::archive::{Archive, ArchiveProblem, Compression, Format, choose};

fn found(bytes: &[u8], format: Format, compression: Compression, images: Vec<super::ArchivedImage>) -> Archive {
    Archive { sha256: sha256(bytes), format, compression, images }
}

fn two_images() -> [Image; 2] {
    [Image::of(&["base", "one"], &["localhost/shop:1"]), Image::of(&["base", "two"], &["localhost/shop:2"])]
}

#[test]
fn a_docker_archive_is_read_in_every_compression() {
    let images = two_images();
    for compression in ALL {
        let bytes = packed(&tar_file(&docker_archive(&images)), compression);
        let expected = images.iter().map(Image::in_docker).collect();
        assert_eq!(looked_at(&bytes), Ok(found(&bytes, Format::Docker, compression, expected)));
    }
}

#[test]
fn an_oci_archive_is_read_in_every_compression_of_the_file_and_of_its_layers() {
    let images = two_images();
    for compression in ALL {
        for layers in ALL {
            let bytes = packed(&tar_file(&oci_archive(&images, layers)), compression);
            let expected = images.iter().map(|image| image.in_oci(layers)).collect();
            assert_eq!(looked_at(&bytes), Ok(found(&bytes, Format::Oci, compression, expected)));
        }
    }
}

#[test]
fn members_may_come_in_any_order() {
    let images = two_images();
    for mut entries in [docker_archive(&images), oci_archive(&images, Compression::Gzip)] {
        let in_order = looked_at(&tar_file(&entries)).unwrap().images;
        entries.reverse();
        assert_eq!(looked_at(&tar_file(&entries)).unwrap().images, in_order);
    }
}

#[test]
fn several_streams_or_frames_one_after_the_other_are_one_file() {
    let whole = tar_file(&docker_archive(&two_images()));
    let (first, second) = whole.split_at(1000);
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
        let bytes = [packed(first, compression), packed(second, compression)].concat();
        let images = two_images().iter().map(Image::in_docker).collect();
        assert_eq!(looked_at(&bytes), Ok(found(&bytes, Format::Docker, compression, images)));
    }
    let skippable = [b"\x50\x2a\x4d\x18\x04\0\0\0size".to_vec(), packed(&whole, Compression::Zstd)].concat();
    let images = two_images().iter().map(Image::in_docker).collect();
    assert_eq!(looked_at(&skippable), Ok(found(&skippable, Format::Docker, Compression::Zstd, images)));
}

#[test]
fn a_layer_that_is_a_link_to_another_members_content_is_found() {
    let image = Image::of(&["base", "base", "top"], &["shop"]);
    let [base, _, top] = image.layers.as_slice() else { unreachable!() };
    let config = format!("{}.json", image.id());
    let layers = ["a/layer.tar", "b/layer.tar", "c/layer.tar"];
    let manifest = json!([{ "Config": config, "RepoTags": ["shop"], "Layers": layers }]).to_string();
    let entries = [
        file("manifest.json", manifest),
        link("a/layer.tar", "../b/layer.tar", EntryType::Symlink),
        link("b/layer.tar", "base.tar", EntryType::Link),
        file("base.tar", base),
        file("./c/layer.tar", top),
        file(&config, image.configuration()),
    ];
    let name = |layer: &[u8]| if layer == base { "base.tar".to_owned() } else { "c/layer.tar".to_owned() };
    assert_eq!(looked_at(&tar_file(&entries)).unwrap().images, [image.archived(&config, name)]);
}

#[test]
fn names_and_sizes_in_extension_headers_count() {
    let image = Image::of(&["long"], &["shop"]);
    let [layer] = image.layers.as_slice() else { unreachable!() };
    let (gnu, pax) = ("g".repeat(300), format!("{}/layer.tar", "p".repeat(200)));
    let manifest = json!([{ "Config": gnu, "RepoTags": ["shop"], "Layers": [pax] }]).to_string();
    let record = |text: String| {
        (0..)
            .map(|length| format!("{length} {text}\n"))
            .find(|all| all.starts_with(&format!("{} ", all.len())))
            .unwrap()
    };
    let records = record(format!("path={pax}")) + &record(format!("size={}", layer.len()));
    let mut bytes = tar_file(&[
        Entry { name: "extended".to_owned(), kind: EntryType::XHeader, bytes: records.into_bytes() },
        file("short", layer),
        Entry {
            name: "././@LongLink".to_owned(),
            kind: EntryType::GNULongName,
            bytes: format!("{gnu}\0").into_bytes(),
        },
        file("short", image.configuration()),
        file("manifest.json", manifest),
    ]);
    // The layer's own header says a wrong size, as it has to for more than 8 GiB.
    let mut header = tar::Header::from_byte_slice(&bytes[1024..1536]).clone();
    header.set_size(0);
    header.set_cksum();
    bytes[1024..1536].copy_from_slice(header.as_bytes());
    assert_eq!(looked_at(&bytes).unwrap().images, [image.archived(&gnu, |_| pax.clone())]);
}

#[test]
fn an_image_listed_once_for_each_of_its_names_is_one_image() {
    let one = Image::of(&["x"], &["shop:1"]);
    let listed = [one.clone(), Image::of(&["x"], &["shop:2"]), one.clone()];
    for entries in [docker_archive(&listed), oci_archive(&listed, Compression::Gzip)] {
        let images = looked_at(&tar_file(&entries)).unwrap().images;
        let names: Vec<_> = images.iter().map(|image| (image.id.clone(), image.references.clone())).collect();
        assert_eq!(names, [(one.id(), vec!["shop:1".to_owned(), "shop:2".to_owned()])]);
    }
}

#[test]
fn an_image_without_a_name_is_found() {
    let image = Image::of(&["x"], &[]);
    let [docker, oci] =
        [docker_archive(std::slice::from_ref(&image)), oci_archive(std::slice::from_ref(&image), Compression::Gzip)];
    assert_eq!(looked_at(&tar_file(&docker)).unwrap().images, [image.in_docker()]);
    assert_eq!(looked_at(&tar_file(&oci)).unwrap().images, [image.in_oci(Compression::Gzip)]);
}

#[test]
fn what_recent_docker_saves_in_both_formats_at_once_is_a_docker_archive() {
    let images = [Image::of(&["x"], &["shop:1"])];
    let entries = [docker_archive(&images), oci_archive(&images, Compression::Gzip)].concat();
    let bytes = tar_file(&entries);
    let expected = images.iter().map(Image::in_docker).collect();
    assert_eq!(looked_at(&bytes), Ok(found(&bytes, Format::Docker, Compression::Plain, expected)));
}

/// An index within the index, with one image for each architecture and what a builder adds besides.
fn for_several_platforms(architectures: &[&'static str]) -> Vec<Entry> {
    let image = |architecture| Image { architecture, ..Image::of(&[architecture], &[]) };
    let mut blobs = Vec::new();
    let mut manifests = Vec::new();
    for architecture in architectures {
        let (entries, mut found) = oci_image(&image(architecture), Compression::Gzip);
        found["platform"] = json!({ "os": "linux", "architecture": architecture });
        blobs.extend(entries);
        manifests.push(found);
    }
    let mut attestation = descriptor(OCI_MANIFEST, b"{}");
    attestation["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    attestation["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
    manifests.push(attestation);
    let nested = json!({ "schemaVersion": 2, "manifests": manifests }).to_string();
    let mut found = descriptor(OCI_INDEX, nested.as_bytes());
    found["annotations"] =
        json!({ "io.containerd.image.name": "docker.io/library/shop:1", "org.opencontainers.image.ref.name": "1" });
    blobs.push(file(blob_name(nested.as_bytes()), nested));
    oci_layout(blobs, &[found])
}

#[test]
fn of_several_platforms_this_servers_is_taken() {
    let here = crate::host::archive::platform();
    let here: &'static str = here.strip_prefix("linux/").unwrap().to_owned().leak();
    let images = looked_at(&tar_file(&for_several_platforms(&["m68k", here, "vax"]))).unwrap().images;
    let names = vec!["docker.io/library/shop:1", "1"];
    assert_eq!(images, [Image { architecture: here, names, ..Image::of(&[here], &[]) }.in_oci(Compression::Gzip)]);
}

#[test]
fn the_only_image_of_an_index_is_found_whatever_its_platform_is() {
    let images = looked_at(&tar_file(&for_several_platforms(&["vax"]))).unwrap().images;
    let found: Vec<_> = images.iter().map(|image| (image.os.as_str(), image.architecture.as_str())).collect();
    assert_eq!(found, [("linux", "vax")]);
}

#[test]
fn an_archive_for_other_platforms_only_says_which() {
    assert_eq!(
        looked_at(&tar_file(&for_several_platforms(&["vax", "m68k"]))),
        Err(ArchiveProblem::NoPlatform {
            wanted: crate::host::archive::platform(),
            found: vec!["linux/m68k".to_owned(), "linux/vax".to_owned()]
        })
    );
}

#[test]
fn a_reference_picks_its_image_however_long_it_is_written() {
    let images = [Image::of(&["a"], &["docker.io/library/web:latest"]), Image::of(&["b"], &["localhost/web:2"])];
    let archive = looked_at(&tar_file(&docker_archive(&images))).unwrap();
    for reference in ["web", "library/web", "docker.io/web:latest", "index.docker.io/library/web"] {
        assert_eq!(choose(&archive, Some(reference)), Ok(&archive.images[0]), "{reference}");
    }
    assert_eq!(choose(&archive, Some("localhost/web:2")), Ok(&archive.images[1]));
}

#[test]
fn a_choice_that_is_not_one_image_lists_what_there_is() {
    let images = [Image::of(&["a"], &["web:1", "web:2"]), Image::of(&["b"], &[])];
    let archive = looked_at(&tar_file(&docker_archive(&images))).unwrap();
    let found = vec!["web:1".to_owned(), "web:2".to_owned(), format!("sha256:{}", images[1].id())];
    assert_eq!(choose(&archive, None), Err(ArchiveProblem::SeveralImages { found: found.clone() }));
    for reference in ["web", "web:3", "localhost/web:1", "web@sha256:12"] {
        let problem = ArchiveProblem::NoSuchImage { reference: reference.to_owned(), found: found.clone() };
        assert_eq!(choose(&archive, Some(reference)), Err(problem));
    }
    let single = looked_at(&tar_file(&docker_archive(&images[1..]))).unwrap();
    assert_eq!(choose(&single, None), Ok(&single.images[0]));
}
