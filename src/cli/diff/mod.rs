//! `landfall diff`: what differs between a plan and what is deployed under its name, or another plan file. Changes nothing.

mod human;
mod json;
mod markdown;
mod sides;

use super::arguments::{Diff, DiffFormat, Format};
use super::inputs::{self, Trust, folder_of};
use super::refusal::{fail, refuse};
use super::screen::Screen;
use crate::Checked;
use crate::diagnostics::{Code, Finding, report};
use crate::difference::{self, Difference, Side};
use crate::exit::Exit;
use crate::host::node::state;
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use sides::Read;
use std::path::Path;

/// What a plan is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Against {
    /// What is deployed under its name, since then.
    Deployed(jiff::Timestamp),
    /// Nothing is deployed under its name.
    Nothing,
    /// This plan file.
    File(String),
}

/// Everything that is told.
struct Told<'a> {
    plan: &'a Plan,
    review: &'a Review,
    against: &'a Against,
    old: Option<&'a Side>,
    difference: &'a Difference,
}

/// Tells what differs; the exit status says whether something does.
pub fn diff(arguments: &Diff, state_dir: &Path, screen: &Screen) -> Exit {
    let Diff { plan: path, against, format } = arguments;
    let form = match format {
        DiffFormat::Human | DiffFormat::Markdown => Format::Human,
        DiffFormat::Json => Format::Json,
    };
    let (mut checked, _) = inputs::check(path, None, Trust::Anything);
    if against.is_none() && !system::is_root() {
        let finding = Finding::host(Code::NotRoot, "what is deployed is root's own to read");
        checked.findings.push(finding.help("run it with sudo, or compare with a plan file: `--against FILE`"));
    }
    let plan = match valid(&checked) {
        Some(plan) => plan,
        None => return refuse(&checked, form, screen),
    };
    let compared = match against {
        Some(other) => {
            let (other_checked, _) = inputs::check(other, None, Trust::Anything);
            let Some(other_plan) = valid(&other_checked) else { return refuse(&other_checked, form, screen) };
            sides::with_file((&plan, folder_of(path)), (&other_plan, folder_of(other)), state_dir)
                .map(|(old, new)| (Some(old), new, Against::File(other.display().to_string())))
        }
        None => with_what_is_deployed(&plan, folder_of(path), state_dir),
    };
    let (old, new, against) = match compared {
        Ok(compared) => compared,
        Err(cause) => return fail(&plan, &cause, form, screen),
    };
    screen.tell(&report::human(&checked.report(), &screen.style()));
    let Read { side: new, review } = new;
    let difference = difference::between(old.as_ref(), &new);
    let told = Told { plan: &plan, review: &review, against: &against, old: old.as_ref(), difference: &difference };
    screen.result(&match format {
        DiffFormat::Human => human::text(&told, screen.style().colour),
        DiffFormat::Json => format!("{:#}\n", json::document(&told)),
        DiffFormat::Markdown => markdown::text(&told),
    });
    if difference.is_none() { Exit::Done } else { Exit::Different }
}

fn valid(checked: &Checked) -> Option<Plan> {
    checked.plan.clone().filter(|_| checked.report().is_valid())
}

type Compared = (Option<Side>, Read, Against);

fn with_what_is_deployed(plan: &Plan, folder: &Path, state_dir: &Path) -> Result<Compared, String> {
    let layout = Layout::new(state_dir, &plan.name);
    match state::read_saved(&layout.saved()).map_err(|failure| failure.message)? {
        None => Ok((None, sides::new(plan, folder, &layout)?, Against::Nothing)),
        Some(saved) => {
            let at = saved.deployed_at;
            let (old, new) = sides::with_saved(plan, folder, &saved, &layout)?;
            Ok((Some(old), new, Against::Deployed(at)))
        }
    }
}
