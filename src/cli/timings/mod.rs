//! `deploy --timings`: notes when everything began and ended, and tells it at the end.

mod course;
mod table;
#[cfg(test)]
mod tests;
mod trace;

use super::progress::Progress;
use super::screen::Screen;
use crate::few::InOrder;
use crate::host::command::{Ran, account, keep_account};
use crate::host::files::{self, NewFile};
use crate::run::{Event, Listener};
use course::{Course, Program};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Notes the course of a run.
pub struct Timings {
    start: Instant,
    file: Option<PathBuf>,
    course: Mutex<Course>,
}

impl Timings {
    /// Notes from now on. The trace goes to this file.
    pub fn start(file: Option<&Path>) -> Self {
        keep_account();
        Self { start: Instant::now(), file: file.map(Path::to_owned), course: Mutex::default() }
    }

    /// Why the trace can't be written, as far as that is known from the start.
    pub fn problem(&self) -> Option<String> {
        let there = self.file.as_deref().filter(|file| file.symlink_metadata().is_ok());
        there.map(|file| format!("{} exists: it is not replaced by the trace of this run", file.display()))
    }

    /// A listener that notes what happens and passes it on.
    pub fn before<'a>(&'a self, progress: &'a Progress) -> Noting<'a> {
        Noting { timings: self, progress }
    }

    /// Tells the course so far, and writes the trace.
    pub fn tell(&self, screen: &Screen) {
        let course = self.course();
        screen.tell(&table::table(&course));
        let Some(path) = &self.file else { return };
        let bytes = format!("{:#}\n", trace::trace(&course)).into_bytes();
        match files::write_new_files(&[NewFile { path: path.clone(), bytes, mode: 0o666 }]) {
            Ok(()) => screen.line(&format!("wrote {}", path.display())),
            Err(problem) => screen.line(&format!("the trace is not written: {problem}")),
        }
    }

    fn course(&self) -> Course {
        let since = |at: Instant| at.saturating_duration_since(self.start);
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let told = |Ran { command, operation, began, ended }| Program {
            command,
            operation,
            began: since(began),
            ended: since(ended),
        };
        course.programs = account().into_iter().map(told).collect();
        course.programs.put_in_order_by_key(|program| program.began);
        course.whole = self.start.elapsed();
        course
    }

    fn note(&self, event: Event<'_>, at: Duration) {
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Began { step, operation } => course.begin(step, operation, at),
            Event::Stopped { operation } => course.stop(&operation.id, at),
            Event::Done { step: _, operation } => course.end(&operation.id, false, at),
            Event::Failed { step: _, operation, cause: _ } => course.end(&operation.id, true, at),
            Event::Falling { cause: _ } | Event::GoingBack => {}
        }
    }
}

/// Notes what happens before progress tells it.
pub struct Noting<'a> {
    timings: &'a Timings,
    progress: &'a Progress,
}

impl Listener for Noting<'_> {
    fn hear(&self, event: Event<'_>) {
        let Self { timings, progress } = self;
        timings.note(event, timings.start.elapsed());
        progress.hear(event);
    }
}
