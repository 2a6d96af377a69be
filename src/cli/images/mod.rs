//! `landfall images`: which image each service gets, and a copy of the plan that says so. Changes nothing but the copy.

mod deployed;
mod learned;
mod told;

use super::arguments::{Format, Images};
use super::inputs::{self, Trust, folder_of};
use super::progress::Progress;
use super::refusal::refuse;
use super::screen::Screen;
use crate::Checked;
use crate::diagnostics::report;
use crate::exit::Exit;
use crate::few::Few;
use crate::host::elsewhere::Fetching;
use crate::host::files::{self, FileProblem, NewFile};
use crate::host::signals::Interrupts;
use crate::plan::model::Plan;
use crate::plan::pins;
use crate::run::Cancel;
use learned::{How, Learned, Learning};
use std::path::Path;

/// Tells what can be learned of each image; the exit status says whether that was everything.
pub fn images(arguments: &Images, state_dir: &Path, screen: &Screen) -> Exit {
    let Images { plan: path, secrets, pin, output, platform, no_fetch, format } = arguments;
    let (checked, _) = inputs::check(path, secrets.as_deref(), Trust::Anything);
    let Some(plan) = checked.plan.clone().filter(|_| checked.report().is_valid()) else {
        return refuse(&checked, *format, screen);
    };
    let interrupts = match Interrupts::install() {
        Ok(interrupts) => interrupts,
        Err(error) => {
            screen.line(&format!("signals can't be handled: {error}"));
            return Exit::Failed;
        }
    };
    let cancel = Cancel::from(interrupts.flag());
    let progress = if *format == Format::Human { Progress::on(screen) } else { Progress::quiet(screen) };
    let secrets = checked.secrets.as_ref();
    let fetching = Fetching { plan: &plan, secrets, watcher: progress.watcher(), cancel: cancel.clone() };
    let how = How { fetching: (!no_fetch).then_some(fetching), platform: platform.as_ref(), cancel: &cancel };
    let learned = Learning::of(&plan, folder_of(path), (secrets, how), state_dir).all();
    progress.end();
    if cancel.is_cancelled() {
        screen.line("interrupted: nothing was written");
        return Exit::Refused;
    }
    let pinned = match pin.then(|| pinned(&plan, &checked, &learned)).transpose() {
        Ok(pinned) => pinned,
        Err(defect) => {
            screen.line(&defect);
            return Exit::Failed;
        }
    };
    if let (Some(text), Some(path)) = (&pinned, output)
        && let Err(problem) = write(text, path)
    {
        screen.line(&format!("{problem}\nrefused: nothing was written"));
        return if matches!(problem, FileProblem::Exists { path: _ }) { Exit::Refused } else { Exit::Failed };
    }
    let printed = pinned.as_deref().filter(|_| output.is_none());
    match (format, printed) {
        (Format::Json, _) => {
            let document = told::json(&plan, &learned, (output.as_deref().filter(|_| *pin), printed));
            screen.result(&format!("{document:#}\n"));
        }
        (Format::Human, None) => screen.result(&told::table(&learned, jiff::Timestamp::now())),
        (Format::Human, Some(text)) => {
            screen.tell(&told::table(&learned, jiff::Timestamp::now()));
            screen.result(text);
        }
    }
    screen.tell(&told::problems(&learned));
    if let Some(path) = output.as_deref().filter(|_| *pin) {
        screen.line(&format!("wrote {}", path.display()));
    }
    if learned.iter().all(|image| image.problem.is_none()) { Exit::Done } else { Exit::Failed }
}

/// The plan's text with what was learned. It is judged before anybody gets it.
fn pinned(plan: &Plan, checked: &Checked, learned: &[Learned]) -> Result<String, String> {
    let pins = learned.iter().map(|image| (image.service.clone(), image.pin())).gathered();
    let text = pins::pinned(plan, &checked.plan_source, &pins);
    let again = crate::check((checked.plan_source.name(), text.as_bytes()), None);
    if again.report().is_valid() {
        return Ok(text);
    }
    let style = report::Style { width: 100, drawn: false, colour: false };
    Err(format!(
        "{}\nthe pinned plan is not valid, which is a defect of Landfall: nothing was written",
        report::human(&again.report(), &style)
    ))
}

fn write(text: &str, path: &Path) -> Result<(), FileProblem> {
    files::write_new_files(&[NewFile { path: path.to_owned(), bytes: text.as_bytes().to_vec(), mode: 0o666 }])
}
