//! The only place that prints: results to standard output, everything else to standard error.

use super::outlet::{Importance, Outlet};
use crate::diagnostics::report::Style;
use crate::host::system::has_reader;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

/// How long the end of the program waits for a reader who has stopped reading.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one output waits for the other, so that both come in order where they are one terminal.
const ORDER: Duration = Duration::from_secs(1);

/// The outputs, once a run must not wait for who reads them.
static OUTLETS: OnceLock<Outlets> = OnceLock::new();

struct Outlets {
    results: Outlet,
    told: Outlet,
}

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
        let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        let terminal = io::stderr().is_terminal() && !plain && !dumb;
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

    /// Whether results are shown on a terminal that can draw.
    pub fn shows_results(&self) -> bool {
        self.terminal && self.result_on_terminal
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

    /// From here on nobody waits for who reads: a terminal that is held by Ctrl-S, or a full pipe, must not keep a server between
    /// two states.
    pub fn go_on_without_readers(&self) {
        if OUTLETS.get().is_some() {
            return;
        }
        if let (Ok(results), Ok(told)) = (Outlet::to(io::stdout()), Outlet::to(io::stderr())) {
            // Another thread may have been faster.
            let _ = OUTLETS.set(Outlets { results, told });
        }
    }

    /// Gives readers time for what they have not read yet.
    pub fn finish(&self) {
        if let Some(Outlets { results, told }) = OUTLETS.get() {
            told.settle(PATIENCE);
            results.settle(PATIENCE);
        }
    }

    /// Prints a result. A reader that has gone away is no error: what was asked for was done.
    pub fn result(&self, text: &str) {
        match OUTLETS.get() {
            Some(Outlets { results, told }) => {
                told.settle(ORDER);
                results.send(text, Importance::Kept);
            }
            None => write(&mut io::stdout().lock(), text),
        }
    }

    /// Prints a piece of a result that has no end of its own; false if its reader has gone away.
    pub fn stream(&self, text: &str) -> bool {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
    }

    /// Whether somebody still reads results.
    pub fn is_read(&self) -> bool {
        has_reader(io::stdout())
    }

    /// Tells progress or an error.
    pub fn tell(&self, text: &str) {
        tell(text);
    }

    /// Tells one line.
    pub fn line(&self, text: &str) {
        self.tell(&format!("{text}\n"));
    }
}

/// Writes to standard error, as [`Screen::tell`]: for those who want a stream.
#[derive(Debug, Clone, Copy)]
pub struct Told;

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        tell(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tell(text: &str) {
    match OUTLETS.get() {
        Some(Outlets { results, told }) => {
            results.settle(ORDER);
            told.send(text, Importance::Droppable);
        }
        None => write(&mut io::stderr().lock(), text),
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
