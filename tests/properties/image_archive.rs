//! Whatever an archive holds: it is understood or refused within its limits, and what is understood reaches the engine.

use landfall::host::archive::{ArchiveProblem, Limits, Wanted, look, stream};
use std::io::Cursor;

/// What may come out of decompressing.
const LIMITS: Limits = Limits { unpacked_bytes: 1 << 20 };

pub fn holds(bytes: &[u8]) {
    let mut file = Cursor::new(bytes);
    let archive = match look(&mut file, &LIMITS, &|| false) {
        Ok(archive) => archive,
        Err(problem) => return assert_told(&problem),
    };
    assert!(!archive.images.is_empty());
    for image in &archive.images {
        let tags = ["localhost/shop/web:1".to_owned()];
        let wanted = Wanted { archive: &archive, image, tags: &tags };
        let mut loaded = Vec::new();
        stream(&mut file, &wanted, &mut loaded, &|| false).unwrap();
        let again = look(&mut Cursor::new(&loaded), &LIMITS, &|| false).unwrap();
        assert_eq!(again.images.iter().map(|image| &image.id).collect::<Vec<_>>(), [&image.id]);
        assert_eq!(again.images[0].references, tags);
        assert_eq!(again.images[0].configuration, image.configuration);
    }
}

fn assert_told(problem: &ArchiveProblem) {
    let told = problem.to_string();
    assert!(!told.is_empty() && !told.contains(|letter: char| letter.is_control()), "{told:?}");
}
