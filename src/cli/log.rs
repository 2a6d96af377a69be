//! What is told with `-v`, and what goes into the log of a run.

use super::screen::{Screen, Told};
use std::fs::File;
use std::sync::{Mutex, OnceLock, PoisonError};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// The log of the run that is under way.
static LOG: OnceLock<Mutex<Option<File>>> = OnceLock::new();

/// Begins to tell: nothing but errors, operations with `-v`, everything with `-vv`; the run's log always gets everything.
pub fn to_screen(screen: &Screen, verbose: u8) {
    let usual = match verbose {
        0 => Targets::new().with_default(LevelFilter::ERROR),
        1 => Targets::new().with_target("landfall", LevelFilter::INFO),
        _ => Targets::new().with_target("landfall", LevelFilter::DEBUG),
    };
    // An empty variable is how many tools unset one.
    let wanted = std::env::var("LANDFALL_LOG").ok().filter(|wanted| !wanted.is_empty());
    let filter = match wanted.as_deref().map(targets) {
        None => usual,
        Some(Ok(wanted)) => wanted,
        Some(Err(problem)) => {
            screen.line(&format!("LANDFALL_LOG is ignored: {problem}; write it as in `landfall::host=debug`"));
            usual
        }
    };
    let told = fmt::layer()
        .with_writer(|| Told)
        .with_ansi(screen.colour())
        .without_time()
        .with_target(verbose > 1)
        .with_filter(filter);
    let all = Targets::new().with_target("landfall", LevelFilter::DEBUG).with_target("told", LevelFilter::INFO);
    let kept = fmt::layer().with_writer(Kept).with_ansi(false).with_filter(all);
    // A second call, as tests make it, changes nothing.
    let _ = tracing_subscriber::registry().with(told).with(kept).try_init();
}

/// What `LANDFALL_LOG` says: a level, a module, or a module with its level, and several of them with commas.
fn targets(wanted: &str) -> Result<Targets, String> {
    // The filter takes any text for a module, which then is none.
    let foreign = |letter: char| !(letter.is_alphanumeric() || ['_', '-', ':', '='].contains(&letter));
    let each: Vec<&str> = wanted.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    match each.iter().find(|one| one.contains(foreign) || one.starts_with('=')) {
        Some(one) => Err(format!("`{one}` is neither a level nor a module")),
        None => each.join(",").parse().map_err(|problem: ParseError| problem.to_string()),
    }
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

#[cfg(test)]
mod tests {
    use super::targets;
    use tracing::Level;

    /// Whether these are told: of the host at `DEBUG`, of a run at `INFO` and `DEBUG`, of another crate at `ERROR`.
    fn told(wanted: &str) -> [bool; 4] {
        let targets = targets(wanted).unwrap();
        let of = |target, level| targets.would_enable(target, &level);
        let (host, run) = ("landfall::host::command", "landfall::run");
        [of(host, Level::DEBUG), of(run, Level::INFO), of(run, Level::DEBUG), of("handlebars", Level::ERROR)]
    }

    #[test]
    fn levels_and_modules_are_told_apart_and_several_go_together() {
        for (wanted, expected) in [
            ("debug", [true, true, true, true]),
            ("landfall=info", [false, true, false, false]),
            ("landfall::host=debug", [true, false, false, false]),
            ("landfall::host", [true, false, false, false]),
            ("landfall=info,landfall::host=debug", [true, true, false, false]),
            (" landfall::host=debug, landfall=INFO,", [true, true, false, false]),
            ("error,landfall::host=debug,landfall::run=off", [true, false, false, true]),
            ("landfall=debug,landfall::host=off", [false, true, true, false]),
            (",", [false, false, false, true]),
        ] {
            assert_eq!(told(wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for (wanted, expected) in [
            (
                "landfall=much",
                "error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5",
            ),
            ("landfall=info=debug", "invalid filter directive: too many '=' in filter directive, expected 0 or 1"),
            ("=debug", "`=debug` is neither a level nor a module"),
            ("debug,?", "`?` is neither a level nor a module"),
            ("landfall[{name}]=debug", "`landfall[{name}]=debug` is neither a level nor a module"),
            ("landfall info", "`landfall info` is neither a level nor a module"),
        ] {
            assert_eq!(targets(wanted).map(drop), Err(expected.to_owned()), "{wanted}");
        }
    }
}
