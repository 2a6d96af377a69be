//! `landfall status --watch`: the same again and again, in the same place.

use crate::cli::deployed::Refusal;
use crate::cli::screen::Screen;
use crate::exit::Exit;
use crate::host::awake;
use crate::host::signals::Interrupts;
use crate::run::Cancel;
use std::time::Duration;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Shows what `look` finds until Ctrl-C.
pub(super) fn watch(look: impl Fn() -> String, screen: &Screen) -> Exit {
    begin(look, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn begin(look: impl Fn() -> String, screen: &Screen) -> Result<Exit, Refusal> {
    if !screen.shows_results() {
        return Err(Refusal::new("`--watch` needs a terminal: without it, `landfall status` tells how things are now"));
    }
    let interrupts =
        Interrupts::install().map_err(|error| Refusal::new(format!("signals can't be handled: {error}")))?;
    let cancel = Cancel::from(interrupts.flag());
    // Everything below and beside what is written now goes, without a moment in which nothing is there.
    while !cancel.is_cancelled() {
        let now = jiff::Timestamp::now();
        let text = format!("{}\nas of {now:.0}, every {} s, until Ctrl-C\n", look(), PAUSE.as_secs());
        let lines: String = text.lines().map(|line| format!("{line}\u{1b}[K\n")).collect();
        if !screen.stream(&format!("\u{1b}[H{lines}\u{1b}[J")) {
            break;
        }
        awake::wait(PAUSE, &cancel);
    }
    Ok(Exit::Done)
}
