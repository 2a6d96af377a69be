//! What asks for too much memory, time or disk.

use std::cell::Cell;
use std::io::{Cursor, Write as _};

use pretty_assertions::assert_eq;
use serde_json::json;
use tar::EntryType;

use super::fixtures::*;
use super::{Limits, looked_at};
use crate::host::archive::{ArchiveProblem, Compression, look};

const SMALL: Limits = Limits { unpacked_bytes: 100_000 };

#[test]
fn what_unpacks_to_more_than_the_limit_is_refused_wherever_it_hides() {
    let zeros = vec![0; 200_000];
    let layer = Image { layers: vec![zeros.clone()], names: Vec::new(), architecture: "amd64" };
    let outside = packed(&tar_file(&[file("zeros", &zeros)]), Compression::Zstd);
    let inside = tar_file(&oci_archive(std::slice::from_ref(&layer), Compression::Gzip));
    let images = |bytes: &[u8], limits| look(&mut Cursor::new(bytes), limits, &|| false).map(|archive| archive.images);
    for (bytes, within) in
        [(outside, Err(ArchiveProblem::NoImage)), (inside, Ok(vec![layer.in_oci(Compression::Gzip)]))]
    {
        assert!(bytes.len() < 100_000);
        assert_eq!(images(&bytes, &SMALL), Err(ArchiveProblem::TooLarge { limit: 100_000 }));
        assert_eq!(images(&bytes, &Limits { unpacked_bytes: 300_000 }), within);
    }
}

#[test]
fn a_few_bytes_that_unpack_to_many_can_be_stopped_in_between() {
    let bytes = packed(&tar_file(&[file("zeros", vec![0; 32 << 20])]), Compression::Zstd);
    assert!(bytes.len() < 64 << 10);
    let asked = Cell::new(0);
    let cancel = || {
        asked.set(asked.get() + 1);
        asked.get() > 100
    };
    let result = look(&mut Cursor::new(&bytes), &Limits::default(), &cancel);
    assert_eq!((result, asked.get()), (Err(ArchiveProblem::Interrupted), 101));
}

#[test]
fn a_window_that_needs_too_much_memory_is_refused() {
    let whole = tar_file(&docker_archive(&[Image::of(&["base"], &["shop"])]));
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&whole).unwrap();
    let with_zstd = encoder.finish().unwrap();
    // The dictionary's size stands in the block's header, with a checksum behind: 40 means 4 GiB.
    let mut with_xz = packed(&whole, Compression::Xz);
    with_xz[16] = 40;
    let mut checksum = flate2::Crc::new();
    checksum.update(&with_xz[12..20]);
    with_xz[20..24].copy_from_slice(&checksum.sum().to_le_bytes());
    for (bytes, compression) in [(with_zstd, Compression::Zstd), (with_xz, Compression::Xz)] {
        let part = "the list of its members".to_owned();
        assert_eq!(looked_at(&bytes), Err(ArchiveProblem::TooMuchMemory { part, compression }));
    }
}

#[test]
fn a_json_document_that_is_needed_may_be_8_mib_long() {
    let manifest = |length: usize| file("manifest.json", format!("[{}]", " ".repeat(length - 2)));
    let limit = 8 << 20;
    assert_eq!(looked_at(&tar_file(&[manifest(limit)])), Err(ArchiveProblem::NoImage));
    let problem = ArchiveProblem::JsonTooLarge { member: "manifest.json".to_owned(), limit };
    assert_eq!(looked_at(&tar_file(&[manifest(limit + 1)])), Err(problem));
}

#[test]
fn all_json_documents_together_are_bounded() {
    let content = format!("[{}]", " ".repeat((8 << 20) - 2));
    let entries: Vec<Entry> = (0..9).map(|number| file(number, &content)).collect();
    assert_eq!(looked_at(&tar_file(&entries)), Err(ArchiveProblem::TooMuchJson { limit: 64 << 20 }));
}

#[test]
fn the_number_of_members_is_bounded() {
    let entries: Vec<Entry> = (0..100_001).map(|number| file(number, "")).collect();
    assert_eq!(looked_at(&tar_file(&entries)), Err(ArchiveProblem::TooManyMembers { limit: 100_000 }));
}

#[test]
fn an_extended_header_is_bounded() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let long = Entry { name: "long".to_owned(), kind, bytes: vec![b'x'; 65_537] };
        let problem = ArchiveProblem::Damaged {
            part: "the list of its members".to_owned(),
            reason: "an extended header is too long".to_owned(),
        };
        assert_eq!(looked_at(&tar_file(&[long, file("short", "")])), Err(problem));
    }
}

#[test]
fn the_images_and_layers_in_a_manifest_are_bounded() {
    let bad =
        |member: &str, reason: &str| ArchiveProblem::BadJson { member: member.to_owned(), reason: reason.to_owned() };
    let entry = json!({ "Config": "config", "Layers": [] });
    let manifest = |number: usize| file("manifest.json", json!(vec![entry.clone(); number]).to_string());
    let config =
        |number: usize| file("config", json!({ "rootfs": { "diff_ids": vec!["sha256:0"; number] } }).to_string());
    let refused = |entries: &[Entry]| looked_at(&tar_file(entries)).unwrap_err();
    assert_eq!(refused(&[manifest(1001), config(0)]), bad("manifest.json", "it lists more than 1000 images"));
    assert_eq!(looked_at(&tar_file(&[manifest(1000), config(0)])).unwrap().images.len(), 1);
    assert_eq!(refused(&[manifest(1), config(513)]), bad("config", "it names more than 512 layers"));
}

#[test]
fn an_index_can_not_multiply_by_nesting() {
    let leaf = json!({ "config": descriptor("a chart", b"{}") }).to_string();
    let mut found = descriptor(OCI_MANIFEST, leaf.as_bytes());
    let mut blobs = vec![file(blob_name(leaf.as_bytes()), leaf)];
    for _ in 0..3 {
        let index = json!({ "manifests": vec![found; 40] }).to_string();
        found = descriptor(OCI_INDEX, index.as_bytes());
        blobs.push(file(blob_name(index.as_bytes()), index));
    }
    let member = blobs[1].name.clone();
    let reason = "it leads to too many documents".to_owned();
    assert_eq!(looked_at(&tar_file(&oci_layout(blobs, &[found]))), Err(ArchiveProblem::BadJson { member, reason }));
}
