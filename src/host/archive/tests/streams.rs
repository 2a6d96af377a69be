//! What an engine gets.

use std::cell::Cell;
use std::io::{Cursor, Write};

use pretty_assertions::assert_eq;

use super::fixtures::*;
use super::{ALL, Limits, looked_at, members, streamed, untagged};
use crate::host::archive::{ArchiveProblem, Compression, Wanted, look, stream};

#[test]
fn an_engine_gets_the_one_image_uncompressed_and_without_tags() {
    let images = [Image::of(&["base", "one"], &["shop:1"]), Image::of(&["base", "two", "base"], &["shop:2"])];
    for compression in ALL {
        for entries in [docker_archive(&images), oci_archive(&images, compression)] {
            let bytes = packed(&tar_file(&entries), compression);
            let archive = looked_at(&bytes).unwrap();
            for (image, archived) in images.iter().zip(&archive.images) {
                let (result, out) = streamed(&bytes, &archive, archived);
                assert_eq!((result, members(&out)), (Ok(()), image.loaded()));
            }
        }
    }
}

#[test]
fn an_engine_gets_the_tags_that_are_asked_for_instead_of_the_archives_own() {
    let bytes = tar_file(&docker_archive(&[Image::of(&["base"], &["shop:1"])]));
    let archive = looked_at(&bytes).unwrap();
    let tags = ["localhost/landfall/shop/web:1", "localhost/landfall/shop/db:1"].map(str::to_owned);
    let wanted = Wanted { archive: &archive, image: &archive.images[0], tags: &tags };
    let mut out = Vec::new();
    stream(&mut Cursor::new(&bytes), &wanted, &mut out, &|| false).unwrap();
    assert_eq!(looked_at(&out).unwrap().images[0].references, tags);
}

#[test]
fn what_was_streamed_is_itself_an_archive_with_the_same_image() {
    let image = Image { names: Vec::new(), ..Image::of(&["base", "top"], &["shop"]) };
    let bytes = tar_file(&oci_archive(std::slice::from_ref(&image), Compression::Zstd));
    let archive = looked_at(&bytes).unwrap();
    let (_, out) = streamed(&bytes, &archive, &archive.images[0]);
    assert_eq!(looked_at(&out).unwrap().images, [image.in_docker()]);
}

/// What was written before the problem must not pass for an archive: no engine may load it.
#[test]
fn an_archive_that_was_changed_after_the_look_never_becomes_complete() {
    let image = Image::of(&["base", "top"], &["shop"]);
    let [base, _] = image.layers.as_slice() else { unreachable!() };
    let entries = docker_archive(std::slice::from_ref(&image));
    let before = tar_file(&entries);
    let archive = looked_at(&before).unwrap();
    let with_layer = |layer: &[u8]| {
        let mut entries = entries.clone();
        entries[0].bytes = layer.to_vec();
        tar_file(&entries)
    };
    let other = Image::of(&["BASE"], &[]).layers.remove(0);
    let altered = ArchiveProblem::Altered {
        member: entries[0].name.clone(),
        expected: archive.images[0].layers[0].diff_id.clone(),
        found: super::super::source::sha256(&other),
    };
    let mut elsewhere = before.clone();
    let last = elsewhere.len() - 1;
    elsewhere[last] = 1;
    for (bytes, problem) in [
        (with_layer(&other), altered),
        (with_layer(&[base.clone(), vec![0; 512]].concat()), ArchiveProblem::Changed),
        (tar_file(&entries[1..]), ArchiveProblem::Changed),
        (elsewhere, ArchiveProblem::Changed),
        (before[..2000].to_vec(), ArchiveProblem::CutShort { part: format!("`{}`", entries[0].name) }),
    ] {
        let (result, out) = streamed(&bytes, &archive, &archive.images[0]);
        assert_eq!((result, out.windows(13).any(|window| window == b"manifest.json")), (Err(problem), false));
    }
}

#[test]
fn an_image_of_another_archive_is_not_made_up() {
    let [one, other] = ["one", "other"].map(|text| tar_file(&docker_archive(&[Image::of(&[text], &["shop"])])));
    let [archive, elsewhere] = [&one, &other].map(|bytes| looked_at(bytes).unwrap());
    assert_eq!(streamed(&one, &archive, &elsewhere.images[0]), (Err(ArchiveProblem::Changed), Vec::new()));
}

#[test]
fn both_passes_stop_when_they_are_told_to() {
    let bytes = packed(&tar_file(&docker_archive(&[Image::of(&["base", "top"], &["shop"])])), Compression::Gzip);
    let archive = looked_at(&bytes).unwrap();
    let asked = Cell::new(0);
    let counting = || {
        asked.set(asked.get() + 1);
        false
    };
    assert_eq!(look(&mut Cursor::new(&bytes), &Limits::default(), &counting), Ok(archive.clone()));
    let in_look = asked.replace(0);
    let mut file = Cursor::new(&bytes);
    assert_eq!(stream(&mut file, &untagged(&archive, &archive.images[0]), &mut std::io::sink(), &counting), Ok(()));
    let in_stream = asked.get();
    for (asks, is_look) in (0..in_look).map(|n| (n, true)).chain((0..in_stream).map(|n| (n, false))) {
        let left = Cell::new(asks);
        let cancel = || {
            left.get() == 0 || {
                left.set(left.get() - 1);
                false
            }
        };
        let result = match is_look {
            true => look(&mut Cursor::new(&bytes), &Limits::default(), &cancel).map(|_| ()),
            false => {
                stream(&mut Cursor::new(&bytes), &untagged(&archive, &archive.images[0]), &mut std::io::sink(), &cancel)
            }
        };
        assert_eq!(result, Err(ArchiveProblem::Interrupted));
    }
}

/// An engine that reads this many bytes and then goes away.
struct Engine(usize);

impl Write for Engine {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Takes nothing, because the system fails.
struct Failing;

impl std::io::Write for Failing {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::from_raw_os_error(5))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn regression_072_a_write_that_the_system_refuses_is_not_told_as_the_engine_s_own_failure() {
    let bytes = tar_file(&docker_archive(&[Image::of(&["base"], &["shop"])]));
    let archive = looked_at(&bytes).unwrap();
    let result = stream(&mut Cursor::new(&bytes), &untagged(&archive, &archive.images[0]), &mut Failing, &|| false);
    let reason = "Input/output error (os error 5)".to_owned();
    assert_eq!(result, Err(ArchiveProblem::NotPassedOn { reason }));
}

#[test]
fn an_engine_that_goes_away_is_not_a_problem_of_the_archive() {
    let bytes = tar_file(&docker_archive(&[Image::of(&["base"], &["shop"])]));
    let archive = looked_at(&bytes).unwrap();
    for taken in [0, 100, 600] {
        let result =
            stream(&mut Cursor::new(&bytes), &untagged(&archive, &archive.images[0]), &mut Engine(taken), &|| false);
        assert_eq!(result, Err(ArchiveProblem::NotTaken { reason: "broken pipe".to_owned() }));
    }
}
