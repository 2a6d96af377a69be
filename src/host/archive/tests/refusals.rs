//! What is refused, and how.

use std::io::{Read, Seek};

use pretty_assertions::assert_eq;
use serde_json::json;
use tar::EntryType;

use super::fixtures::*;
use super::{ALL, Limits, looked_at};
use crate::host::archive::source::sha256;
use crate::host::archive::{ArchiveProblem, Compression, look};

fn image() -> Image {
    Image::of(&["base", "top"], &["shop"])
}

fn refused(entries: &[Entry]) -> ArchiveProblem {
    looked_at(&tar_file(entries)).unwrap_err()
}

fn entry<'a>(entries: &'a mut [Entry], name: &str) -> &'a mut Entry {
    entries.iter_mut().find(|entry| entry.name == name).unwrap()
}

#[test]
fn what_is_no_tar_file_is_no_archive() {
    let page = b"<!DOCTYPE html><html>404</html>".repeat(100);
    for bytes in
        [&b""[..], b"short", &page, &[0; 2048], &packed(&page, Compression::Gzip), &packed(b"", Compression::Xz)]
    {
        assert_eq!(looked_at(bytes), Err(ArchiveProblem::NotAnArchive));
    }
}

#[test]
fn other_formats_are_called_by_their_names() {
    for (start, found) in [
        (&b"BZh91AY&SY"[..], "compressed with bzip2"),
        (b"PK\x03\x04\x14\0", "a zip file"),
        (b"age-encryption.org/v1\n", "encrypted with age"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted with OpenPGP"),
        (b"Salted__12345678", "encrypted with OpenSSL"),
    ] {
        assert_eq!(looked_at(start), Err(ArchiveProblem::UnknownFormat { found }));
    }
}

#[test]
fn a_tar_file_of_something_else_holds_no_image() {
    assert_eq!(refused(&[file("etc/passwd", "root")]), ArchiveProblem::NoImage);
    assert_eq!(refused(&[file("manifest.json", "[]")]), ArchiveProblem::NoImage);
    assert_eq!(refused(&oci_layout(Vec::new(), &[])), ArchiveProblem::NoImage);
}

#[test]
fn no_beginning_of_an_archive_passes_for_the_whole() {
    for compression in ALL {
        for entries in [docker_archive(&[image()]), oci_archive(&[image()], Compression::Gzip)] {
            let whole = packed(&tar_file(&entries), compression);
            let end = if compression == Compression::Plain { whole.len() - 1024 } else { whole.len() };
            for length in (0..end).step_by(11).chain([end - 1]) {
                match looked_at(&whole[..length]) {
                    Err(ArchiveProblem::CutShort { part: _ }) => {}
                    Err(ArchiveProblem::NotAnArchive) if length < 1024 => {}
                    other => {
                        assert_eq!((length, other), (length, Err(ArchiveProblem::CutShort { part: String::new() })))
                    }
                }
            }
        }
    }
}

#[test]
fn no_flipped_byte_changes_an_image_unnoticed() {
    for entries in [docker_archive(&[image()]), oci_archive(&[image()], Compression::Gzip)] {
        let whole = tar_file(&entries);
        let parts = |bytes: &[u8]| {
            let images = looked_at(bytes).ok()?.images;
            Some(images.into_iter().map(|image| (image.id, image.configuration, image.layers)).collect::<Vec<_>>())
        };
        let right = parts(&whole);
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            let found = parts(&bytes);
            assert!(found.is_none() || found == right, "byte {place}");
        }
    }
}

#[test]
fn a_wrong_checksum_behind_the_compressed_data_is_seen() {
    let whole = tar_file(&docker_archive(&[image()]));
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    zstd.include_checksum(true).unwrap();
    std::io::Write::write_all(&mut zstd, &whole).unwrap();
    for (mut bytes, from_end, reason) in [
        (packed(&whole, Compression::Gzip), 6, "corrupt gzip stream does not have a matching checksum"),
        (zstd.finish().unwrap(), 3, "Restored data doesn't match checksum"),
        (packed(&whole, Compression::Xz), 3, "lzma data error"),
    ] {
        let place = bytes.len() - from_end;
        bytes[place] ^= 0x10;
        let problem = ArchiveProblem::Damaged { part: "its end".to_owned(), reason: reason.to_owned() };
        assert_eq!(looked_at(&bytes), Err(problem));
    }
}

#[test]
fn a_damaged_header_is_not_taken_for_a_member() {
    let mut bytes = tar_file(&[file("first", ""), file("second", "")]);
    bytes[512] = b'S';
    let part = "the list of its members".to_owned();
    let reason = "a member's header has a wrong checksum".to_owned();
    assert_eq!(looked_at(&bytes), Err(ArchiveProblem::Damaged { part, reason }));
}

#[test]
fn names_that_lead_outside_the_archive_are_refused() {
    for (entry, name) in [
        (file("/etc/cron.d/x", ""), "/etc/cron.d/x"),
        (file("a/../../x", ""), "a/../../x"),
        (link("a/layer.tar", "../../x", EntryType::Symlink), "../../x"),
        (link("a", "/etc/shadow", EntryType::Symlink), "/etc/shadow"),
        (link("a", "../x", EntryType::Link), "../x"),
    ] {
        let problem = ArchiveProblem::UnsafeName { name: name.to_owned() };
        assert_eq!(refused(&[docker_archive(&[image()]), vec![entry]].concat()), problem);
    }
    let manifest = json!([{ "Config": "../x", "Layers": [] }]).to_string();
    assert_eq!(refused(&[file("manifest.json", manifest)]), ArchiveProblem::UnsafeName { name: "../x".to_owned() });
}

#[test]
fn one_name_with_two_contents_is_refused() {
    let two = |extra: Entry| refused(&[docker_archive(&[image()]), vec![extra]].concat());
    let problem = ArchiveProblem::TwoMembers { member: "manifest.json".to_owned() };
    assert_eq!(two(file("./manifest.json", "[]")), problem);
    assert_eq!(two(link("manifest.json", "other", EntryType::Symlink)), problem);
    let link_first = [link("a", "b", EntryType::Symlink), file("a", "")];
    assert_eq!(refused(&link_first), ArchiveProblem::TwoMembers { member: "a".to_owned() });
    let twice = [link("a", "b", EntryType::Symlink), link("a", "c", EntryType::Symlink)];
    assert_eq!(refused(&twice), ArchiveProblem::TwoMembers { member: "a".to_owned() });
    let same = [docker_archive(&[image()]), docker_archive(&[image()])].concat();
    assert_eq!(looked_at(&tar_file(&same)).unwrap().images, [image().in_docker()]);
}

#[test]
fn a_missing_part_is_named_with_who_names_it() {
    let mut entries = docker_archive(&[image()]);
    let Entry { name, kind: _, bytes: _ } = entries.remove(1);
    assert_eq!(refused(&entries), ArchiveProblem::Missing { member: name, named_by: "manifest.json".to_owned() });
    let (mut blobs, found) = oci_image(&image(), Compression::Gzip);
    let Entry { name, kind: _, bytes: _ } = blobs.pop().unwrap();
    let problem = ArchiveProblem::Missing { member: name, named_by: "index.json".to_owned() };
    assert_eq!(refused(&oci_layout(blobs, &[found])), problem);
    let round = link("manifest.json", "manifest.json", EntryType::Symlink);
    assert_eq!(refused(&[round]), ArchiveProblem::NoImage);
}

#[test]
fn altered_layers_configurations_and_manifests_are_named_with_both_digests() {
    let other = Image::of(&["other"], &[]);
    let original = docker_archive(&[image()]);
    let mut entries = original.clone();
    entries[0].bytes = other.layers[0].clone();
    let altered = |member: &str, expected: &[u8], found: &[u8]| ArchiveProblem::Altered {
        member: member.to_owned(),
        expected: sha256(expected),
        found: sha256(found),
    };
    assert_eq!(refused(&entries), altered(&entries[0].name, &original[0].bytes, &other.layers[0]));

    let mut entries = original.clone();
    let name = format!("{}.json", image().id());
    let new = image().configuration().replace("amd64", "arm64");
    entry(&mut entries, &name).bytes = new.clone().into_bytes();
    assert_eq!(refused(&entries), altered(&name, image().configuration().as_bytes(), new.as_bytes()));

    for place in [2, 3] {
        let mut entries = oci_archive(&[image()], Compression::Gzip);
        let old = entries[place].bytes.clone();
        entries[place].bytes.push(b' ');
        assert_eq!(refused(&entries), altered(&entries[place].name, &old, &[old.clone(), b" ".to_vec()].concat()));
    }
}

#[test]
fn a_manifest_with_another_number_of_layers_than_the_configuration_is_refused() {
    let mut entries = docker_archive(&[image()]);
    let config = format!("{}.json", image().id());
    let manifest = json!([{ "Config": config, "RepoTags": null, "Layers": [entries[0].name] }]).to_string();
    entry(&mut entries, "manifest.json").bytes = manifest.into_bytes();
    assert_eq!(refused(&entries), ArchiveProblem::LayerCount { config, configured: 2, listed: 1 });
}

#[test]
fn documents_of_the_wrong_shape_say_what_is_wrong() {
    let bad =
        |member: &str, reason: &str| ArchiveProblem::BadJson { member: member.to_owned(), reason: reason.to_owned() };
    for (entry, reason) in [
        (file("manifest.json", "no json"), "it is not a JSON document"),
        (file("manifest.json", b"[\xff]"), "it is not a JSON document"),
        (file("manifest.json", "[{}]"), "missing field `Config` at line 1 column 3"),
        (file("index.json", "{}"), "it is neither an index nor an image's manifest"),
        (file("index.json", r#"{"manifests":[{"digest":"sha256:../x"}]}"#), "`sha256:../x` is not a sha256 digest"),
        (file("index.json", r#"{"manifests":[{"digest":"sha512:ab"}]}"#), "`sha512:ab` is not a sha256 digest"),
        (file("index.json", r#"{"manifests":[{"digest":"sha256:ab"}]}"#), "`sha256:ab` is not a sha256 digest"),
    ] {
        assert_eq!(refused(std::slice::from_ref(&entry)), bad(&entry.name, reason));
    }
}

#[test]
fn an_index_that_nests_too_deep_is_refused() {
    let mut blobs = Vec::new();
    let mut found = oci_image(&image(), Compression::Gzip).1;
    for _ in 0..4 {
        let index = json!({ "manifests": [found] }).to_string();
        found = descriptor(OCI_INDEX, index.as_bytes());
        blobs.push(file(blob_name(index.as_bytes()), index));
    }
    let member = blobs[0].name.clone();
    let reason = "it is an index within too many indexes".to_owned();
    assert_eq!(refused(&oci_layout(blobs, &[found])), ArchiveProblem::BadJson { member, reason });
}

#[test]
fn an_encrypted_layer_is_refused_and_what_is_no_image_is_passed_over() {
    let layer = b"secret";
    let manifest = |config_type: &str| {
        let layers = [descriptor("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", layer)];
        json!({ "config": descriptor(config_type, b"{}"), "layers": layers }).to_string()
    };
    let archive = |manifest: String| {
        let found = descriptor(OCI_MANIFEST, manifest.as_bytes());
        oci_layout(vec![file(blob_name(manifest.as_bytes()), manifest)], &[found])
    };
    assert_eq!(refused(&archive(manifest(OCI_CONFIG))), ArchiveProblem::Encrypted { member: blob_name(layer) });
    assert_eq!(refused(&archive(manifest("application/vnd.cncf.helm.config.v1+json"))), ArchiveProblem::NoImage);
}

/// A file on a disk that fails.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk is gone"))
    }
}

impl Seek for Broken {
    fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn a_file_that_can_not_be_read_is_not_called_damaged() {
    let problem = ArchiveProblem::Unreadable { reason: "the disk is gone".to_owned() };
    assert_eq!(look(&mut Broken, &Limits::default(), &|| false), Err(problem));
}
