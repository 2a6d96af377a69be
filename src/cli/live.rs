//! The lines of a terminal that change while a run goes on.

use super::screen::Told;
use crate::operation::{Action, EngineChange, Look, Operation, RetrievedImage};
use crate::plan::values::ServiceName;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often the lines are drawn, in times a second.
const RATE: u8 = 20;

/// The lines that change.
pub struct Live {
    all: MultiProgress,
    services: BTreeMap<ServiceName, ProgressBar>,
    rest: ProgressBar,
}

/// The terminal as it is drawn on: by whole frames, and without waiting for it.
#[derive(Debug, Default)]
struct Canvas(Mutex<String>);

impl Canvas {
    fn draw(&self, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_fmt(text).map_err(io::Error::other)
    }

    /// Moves so many times by the control sequence that ends with this letter.
    fn control(&self, times: usize, letter: char) -> io::Result<()> {
        if times == 0 { Ok(()) } else { self.draw(format_args!("\x1b[{times}{letter}")) }
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        console::Term::stderr().size().1
    }

    fn height(&self) -> u16 {
        console::Term::stderr().size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.control(lines, 'A')
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.control(lines, 'B')
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.control(columns, 'C')
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.control(columns, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.draw(format_args!("{text}"))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw(format_args!("\r\x1b[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        let frame = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Told.write_all(frame.as_bytes())
    }
}

impl Live {
    /// No line yet but one for everything that is about no service.
    pub fn new() -> Self {
        let canvas = ProgressDrawTarget::term_like_with_hz(Box::new(Canvas::default()), RATE);
        let all = MultiProgress::with_draw_target(canvas);
        let rest = all.add(ProgressBar::new_spinner().with_style(style()));
        rest.enable_steady_tick(Duration::from_millis(120));
        Self { all, services: BTreeMap::new(), rest }
    }

    /// Prints a line that stays.
    pub fn above(&self, text: &str) {
        // A terminal that is gone does not end a run.
        let _ = self.all.println(text);
    }

    /// Says of a service, or of all else, what is being done.
    pub fn show(&mut self, operation: &Operation, text: &str) {
        match service_of(&operation.action) {
            Some(service) => self.come(&service.clone(), text),
            None => self.rest.set_message(text.to_owned()),
        }
    }

    /// Says how far a service's image has come.
    pub fn come(&mut self, service: &ServiceName, text: &str) {
        let all = &self.all;
        let line = self.services.entry(service.clone()).or_insert_with(|| {
            let line = all.add(ProgressBar::new_spinner().with_style(style()).with_prefix(service.to_string()));
            line.enable_steady_tick(Duration::from_millis(120));
            line
        });
        line.set_message(text.to_owned());
    }

    /// Says of a service that it is as it should be, if that is what was done.
    pub fn done(&mut self, operation: &Operation) {
        let Action::Look(Look::AwaitService(service)) = &operation.action else { return };
        if let Some(line) = self.services.get(&service.service) {
            line.set_message("is as it should be");
        }
    }

    /// Takes the lines away.
    pub fn clear(&self) {
        self.services.values().for_each(ProgressBar::finish_and_clear);
        self.rest.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    // The template is a constant of ours; should it be wrong, the default style does.
    ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// The service that an action is about.
fn service_of(action: &Action) -> Option<&ServiceName> {
    match action {
        Action::Retrieve(RetrievedImage { image: _, services, places: _ }) => services.first(),
        Action::Engine(change) => match change {
            EngineChange::CreateContainer(container) => Some(&container.service),
            EngineChange::StartContainer { service, container: _, boot_guard: _ } => Some(service),
            EngineChange::DropContainer(_)
            | EngineChange::StopContainer { container: _ }
            | EngineChange::RenameContainer { container: _, to: _ }
            | EngineChange::DropNetwork { network: _ }
            | EngineChange::DropTag { tag: _, unless_image_of: _ }
            | EngineChange::DropImage { id: _ }
            | EngineChange::DropSecret { secret: _ }
            | EngineChange::CreateNetwork { network: _, subnets: _ }
            | EngineChange::KeepNetwork { network: _, ranges: _ }
            | EngineChange::CreateSecret(_) => None,
        },
        Action::Look(Look::VerifyImage(image)) => Some(&image.service),
        Action::Look(Look::AwaitService(checked) | Look::CheckService(checked)) => Some(&checked.service),
        Action::Host(_) => None,
    }
}
