//! How much of an image Docker has pulled, by what its client shows on a terminal. Reads nothing, changes nothing.

use std::collections::BTreeMap;

/// The digits by which the client tells layers apart.
const DIGITS: usize = 12;

/// What the client says of a layer that has come as a whole.
const COME: [&str; 4] = ["Verifying Checksum", "Download complete", "Extracting", "Pull complete"];

/// What the client has shown so far.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// What is not a whole line yet.
    begun: Vec<u8>,
    layers: BTreeMap<String, Layer>,
}

/// The bytes of a layer, as far as the client has said.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Layer {
    come: u64,
    of: u64,
}

impl Shown {
    /// Takes what it shows next, and gives how many bytes have come by now. They are never more than have come: of a layer so small that
    /// the client shows nothing of it until it is there, none is counted.
    pub(super) fn take(&mut self, shown: &[u8]) -> u64 {
        for byte in shown {
            match byte {
                // It goes back to the line of a layer to say something new of it.
                b'\r' | b'\n' | 0x1b => self.line(),
                other => self.begun.push(*other),
            }
        }
        self.layers.values().map(|layer| layer.come).fold(0, u64::saturating_add)
    }

    fn line(&mut self) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned();
        // What is left of the sequence that moved the cursor.
        let moved = line.strip_prefix('[').map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
        let line = moved.map_or(line.as_str(), |rest| rest.trim_start_matches(['A', 'B', 'K']));
        let Some((name, says)) = line.split_once(": ") else { return };
        if name.len() != DIGITS || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return;
        }
        let layer = self.layers.entry(name.to_owned()).or_default();
        if let Some(progress) = says.strip_prefix("Downloading") {
            let Some((come, of)) = progress.split_whitespace().find_map(sizes) else { return };
            *layer = Layer { come: come.min(of), of };
        } else if COME.iter().any(|come| says.starts_with(come)) {
            layer.come = layer.of;
        }
    }
}

/// The sizes in `1.2MB/34.56MB`, which are rounded to four digits.
fn sizes(text: &str) -> Option<(u64, u64)> {
    let (come, of) = text.split_once('/')?;
    Some((size(come)?, size(of)?))
}

fn size(text: &str) -> Option<u64> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic()).filter(|digits| *digits > 0)?;
    let (number, unit) = text.split_at(unit);
    let digits = match unit {
        "B" => 0,
        "kB" => 3,
        "MB" => 6,
        "GB" => 9,
        "TB" => 12,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part: String = part.chars().chain(std::iter::repeat('0')).take(digits).collect();
    format!("{whole}{part}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Shown, size};
    use pretty_assertions::assert_eq;

    /// As Docker 20.10 shows it on a terminal.
    #[test]
    fn what_has_come_is_what_the_client_shows_of_each_layer() {
        let mut shown = Shown::default();
        let steps: [(&str, u64); 8] = [
            ("v2: Pulling from shop/app\r\n\r\n\x1b[1A\x1b[2K\r6d3c8e1f0a2b: Pulling fs layer \r\x1b[1B", 0),
            ("\r\n\x1b[1A\x1b[2K\r0123456789ab: Pulling fs layer \r\x1b[1B", 0),
            ("\x1b[2A\x1b[2K\r6d3c8e1f0a2b: Downloading [==>       ]  15.85kB/1.033MB\r\x1b[2B", 15_850),
            ("\x1b[1A\x1b[2K\r0123456789ab: Downloading  2MB/4MB\r\x1b[1B", 2_015_850),
            ("\x1b[2A\x1b[2K\r6d3c8e1f0a2b: Verifying Checksum \r\x1b[2B", 3_033_000),
            ("\x1b[2A\x1b[2K\r6d3c8e1f0a2b: Extracting [=>   ]  32.77kB/1.033MB\r\x1b[2B", 3_033_000),
            ("\x1b[1A\x1b[2K\r01234567", 3_033_000),
            ("89ab: Pull complete \r\x1b[1BDigest: sha256:0\r\nStatus: Downloaded newer image\r\n", 5_033_000),
        ];
        assert_eq!(steps.map(|(text, _)| shown.take(text.as_bytes())), steps.map(|(_, bytes)| bytes));
    }

    #[test]
    fn sizes_are_read_as_the_client_writes_them() {
        let texts = ["0B", "512B", "1.033MB", "15.85kB", "3GB", "1.2XB", "MB", ""];
        assert_eq!(
            texts.map(size),
            [Some(0), Some(512), Some(1_033_000), Some(15_850), Some(3_000_000_000), None, None, None]
        );
    }
}
