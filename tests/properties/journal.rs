//! Whatever a journal holds: what can be read is written back as it was, and the law judges it.

use landfall::journal::{Line, Record, Story};

pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut story = None;
    for line in text.lines() {
        Line::read(line);
        let Ok(record) = serde_json::from_str::<Record>(line) else { continue };
        let written = Line::write(&record).unwrap();
        assert_eq!(Line::read(written.trim_end_matches('\n')), Some(record.clone()));
        assert_eq!(written.lines().count(), 1, "{written:?}");
        match Story::next(story.take(), record) {
            Ok(told) => story = Some(told),
            Err(breach) => return assert!(!breach.to_string().is_empty()),
        }
    }
}
