//! Tells lines of several services so that each can be told from the others, and none can drive a terminal.

use crate::cli::arguments::Format;
use crate::cli::screen::Screen;
use crate::host::command::visible;
use crate::host::engine::LogLine;
use crate::plan::values::ServiceName;
use serde_json::json;

/// The colours of services, one after the other: those that can be read on a dark and on a light ground.
const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];

/// Tells lines on a screen.
pub(super) struct Teller<'a> {
    services: Vec<&'a ServiceName>,
    format: Format,
    screen: &'a Screen,
    width: usize,
    /// Whether whoever reads is still there.
    read: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(services: impl Iterator<Item = &'a ServiceName>, format: Format, screen: &'a Screen) -> Self {
        let services: Vec<_> = services.collect();
        let width = services.iter().map(|service| service.as_str().len()).max().unwrap_or(0);
        Self { services, format, screen, width, read: true }
    }

    /// Whether whoever reads is still there.
    pub(super) fn is_read(&mut self) -> bool {
        self.read = self.read && self.screen.is_read();
        self.read
    }

    /// Tells a line of the service of this number; false if nobody reads any more.
    pub(super) fn tell(&mut self, number: usize, line: &LogLine) -> bool {
        let Some(service) = self.services.get(number) else { return true };
        let text = match self.format {
            Format::Human => {
                let colour = COLOURS.iter().cycle().nth(number).filter(|_| self.screen.style().colour);
                human(service, line, (self.width, colour.copied()))
            }
            Format::Json => json(service, line),
        };
        self.read = self.screen.stream(&text);
        self.read
    }

    /// Tells something beside the lines.
    pub(super) fn note(&self, words: &str) {
        self.screen.line(words);
    }
}

fn human(service: &ServiceName, line: &LogLine, (width, colour): (usize, Option<u8>)) -> String {
    let LogLine { at, text, cut } = line;
    let text = visible(&String::from_utf8_lossy(text));
    let more = if *cut == 0 { String::new() } else { format!("… and {cut} bytes more") };
    let name = format!("{:width$} |", service.as_str());
    let name = colour.map_or(name.clone(), |colour| format!("\u{1b}[{colour}m{name}\u{1b}[0m"));
    format!("{at:.3} {name} {text}{more}\n")
}

fn json(service: &ServiceName, line: &LogLine) -> String {
    let LogLine { at, text, cut } = line;
    let text = String::from_utf8_lossy(text);
    format!("{}\n", json!({ "time": at, "service": service, "text": text, "cut": cut }))
}

#[cfg(test)]
mod tests {
    use super::{human, json};
    use crate::host::engine::LogLine;
    use crate::plan::values::ServiceName;
    use pretty_assertions::assert_eq;

    fn line(text: &[u8], cut: usize) -> LogLine {
        LogLine { at: "2026-11-21T20:43:46.062658175Z".parse().unwrap(), text: text.to_vec(), cut }
    }

    #[test]
    fn a_line_has_its_time_and_its_service_and_nothing_that_a_terminal_obeys() {
        let web = ServiceName::parse("web").unwrap();
        let told = human(&web, &line(b"a\x1b[31m\xff\rb", 0), (7, None));
        assert_eq!(told, "2026-11-21T20:43:46.062Z web     | a\u{fffd}[31m\u{fffd}\u{fffd}b\n");
        let told = human(&web, &line(b"long", 12), (3, Some(36)));
        assert_eq!(told, "2026-11-21T20:43:46.062Z \u{1b}[36mweb |\u{1b}[0m long… and 12 bytes more\n");
    }

    #[test]
    fn as_json_it_is_one_object_in_a_line() {
        let told = json(&ServiceName::parse("web").unwrap(), &line(b"a\x1b\xff\"", 3));
        let expected = "{\"cut\":3,\"service\":\"web\",\"text\":\"a\\u001b\u{fffd}\\\"\",\"time\":\"2026-11-21T20:43:46.062658175Z\"}\n";
        assert_eq!(told, expected);
    }
}
