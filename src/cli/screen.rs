//! The only place that prints: results to standard output, everything else to standard error.

use crate::diagnostics::report::Style;
use std::io::{self, IsTerminal, Write};

/// The two outputs of this process, and how they are to look. Colour is decided here, once.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    terminal: bool,
    result_on_terminal: bool,
    colour: bool,
    width: usize,
}

impl Screen {
    /// The outputs as this process was given them.
    pub fn of_this_process() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let terminal = io::stderr().is_terminal() && !plain;
        Self {
            terminal,
            result_on_terminal: io::stdout().is_terminal(),
            colour: terminal && anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never,
            width: width(),
        }
    }

    /// Whether progress may be drawn live.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether what people read may have colour.
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// How a report looks here.
    pub fn style(&self) -> Style {
        Style {
            width: self.width,
            drawn: self.terminal && self.result_on_terminal,
            colour: self.colour && self.result_on_terminal,
        }
    }

    /// Prints a result. A reader that has gone away is no error: what was asked for was done.
    pub fn result(&self, text: &str) {
        write(&mut io::stdout().lock(), text);
    }

    /// Tells progress or an error.
    pub fn tell(&self, text: &str) {
        write(&mut io::stderr().lock(), text);
    }

    /// Tells one line.
    pub fn line(&self, text: &str) {
        self.tell(&format!("{text}\n"));
    }
}

fn write(out: &mut impl Write, text: &str) {
    // The run goes on without its screen: its log has everything.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(100).clamp(40, 160)
}
