//! Unpacks texts that `build.rs` has packed: they take a seventh of the room in the program. Reads nothing, changes nothing.

use flate2::bufread::DeflateDecoder;
use std::io::Read;

/// The text that was packed; none if nothing was, which the tests of whoever asks for it see.
pub(crate) fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    match DeflateDecoder::new(packed).read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
}

/// The texts of a folder by name, once what `build.rs` made of them is unpacked.
pub(crate) fn by_name(texts: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = texts.split('\0');
    std::iter::from_fn(move || parts.next().zip(parts.next()))
}

#[cfg(test)]
mod tests {
    use super::{by_name, unpacked};
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use pretty_assertions::assert_eq;
    use std::io::Write;

    #[test]
    fn a_text_is_unpacked_whole_or_not_at_all() {
        let text = "as it was\n".repeat(10_000);
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpacked(&packed), text);
        assert_eq!(unpacked(&packed[..packed.len() / 2]), "");
        assert_eq!(unpacked(b"never packed"), "");
    }
    #[test]
    fn each_text_of_a_folder_has_its_name() {
        assert_eq!(by_name("a\0of a\0b\0\0").collect::<Vec<_>>(), [("a", "of a"), ("b", "")]);
        assert_eq!(by_name("").collect::<Vec<_>>(), []);
    }
}
