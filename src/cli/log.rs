//! What is told with `-v`, and what goes into the log of a run.

use super::screen::{Screen, Told};
use std::fs::File;
use std::sync::{Mutex, OnceLock, PoisonError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// The log of the run that is under way.
static LOG: OnceLock<Mutex<Option<File>>> = OnceLock::new();

/// Begins to tell: nothing but errors, operations with `-v`, everything with `-vv`; the run's log always gets everything.
pub fn to_screen(screen: &Screen, verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "landfall=info",
        _ => "landfall=debug",
    };
    // An empty variable is how many tools unset one.
    let wanted = std::env::var("LANDFALL_LOG").ok().filter(|wanted| !wanted.is_empty());
    let filter = EnvFilter::try_new(wanted.as_deref().unwrap_or(level)).unwrap_or_else(|problem| {
        screen.line(&format!("LANDFALL_LOG is ignored: {problem}; write it as in `landfall::host=debug`"));
        EnvFilter::new(level)
    });
    let told = fmt::layer()
        .with_writer(|| Told)
        .with_ansi(screen.colour())
        .without_time()
        .with_target(verbose > 1)
        .with_filter(filter);
    let kept = fmt::layer().with_writer(Kept).with_ansi(false).with_filter(EnvFilter::new("landfall=debug,told=info"));
    // A second call, as tests make it, changes nothing.
    let _ = tracing_subscriber::registry().with(told).with(kept).try_init();
}

/// Keeps in the log of the run what the operator is told, who may have gone away.
pub fn keep(text: &str) {
    text.lines().for_each(|line| tracing::info!(target: "told", "{line}"));
}

/// From here on everything goes into this file as well.
pub fn to_file(file: File) {
    *LOG.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
}

/// Writes into the log of the run that is under way, if there is one.
#[derive(Debug, Clone, Copy)]
struct Kept;

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = LOG.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end a rollback: what can't be logged is not logged.
        if let Some(file) = log.as_mut() {
            let _ = file.write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
