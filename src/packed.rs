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

#[cfg(test)]
mod tests {
    use super::unpacked;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
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
}
