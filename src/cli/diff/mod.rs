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
use crate::facts::Hotfix;
use crate::host::node::state;
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::ServiceName;
use sides::{Images, Read};
use std::collections::BTreeMap;
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
    hotfixes: &'a BTreeMap<ServiceName, Hotfix>,
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
    let layout = Layout::new(state_dir, &plan.name);
    let compared = match against {
        Some(other) => {
            let (other_checked, _) = inputs::check(other, None, Trust::Anything);
            let Some(other_plan) = valid(&other_checked) else { return refuse(&other_checked, form, screen) };
            sides::with_file((&plan, folder_of(path)), (&other_plan, folder_of(other)), state_dir)
                .map(|(old, new)| (Some(old), new, Against::File(other.display().to_string())))
        }
        None => with_what_is_deployed(&plan, (folder_of(path), &Images::new()), &layout),
    };
    let (old, new, against) = match compared {
        Ok(compared) => compared,
        Err(cause) => return fail(&plan, &cause, form, screen),
    };
    screen.tell(&report::human(&checked.report(), &screen.style()));
    let Read { side: new, review } = new;
    let difference = difference::between(old.as_ref(), &new);
    let hotfixes = &hotfixes_of(&against, &layout);
    let (plan, review, against, old) = (&plan, &review, &against, old.as_ref());
    let told = Told { plan, review, against, old, hotfixes, difference: &difference };
    screen.result(&match format {
        DiffFormat::Human => human::text(&told, screen.style().colour),
        DiffFormat::Json => format!("{:#}\n", json::document(&told)),
        DiffFormat::Markdown => markdown::text(&told),
    });
    if difference.is_none() { Exit::Done } else { Exit::Different }
}

/// What differs between what is deployed and another plan, for people and as data.
pub struct Shown {
    /// For people.
    pub text: String,
    /// As data: the document of `landfall diff --format json`.
    pub json: serde_json::Value,
}

/// What differs between what is deployed and a plan in this folder of which is known which images it gets.
///
/// # Errors
/// What is deployed, or what the plan names, can't be read.
pub fn from_what_is_deployed(
    plan: &Plan,
    (folder, images): (&Path, &Images),
    layout: &Layout,
    colour: bool,
) -> Result<Shown, String> {
    let (old, Read { side, mut review }, against) = with_what_is_deployed(plan, (folder, images), layout)?;
    review.unpinned.retain(|name| !images.contains_key(name));
    let difference = &difference::between(old.as_ref(), &side);
    let hotfixes = &hotfixes_of(&against, layout);
    let told = Told { plan, review: &review, against: &against, old: old.as_ref(), hotfixes, difference };
    Ok(Shown { text: human::text(&told, colour), json: json::document(&told) })
}

/// How services deviate from what was deployed, where that is what is compared with.
fn hotfixes_of(against: &Against, layout: &Layout) -> BTreeMap<ServiceName, Hotfix> {
    match against {
        Against::Nothing | Against::File(_) => BTreeMap::new(),
        Against::Deployed(_) => {
            let saved = state::read_saved(&layout.saved()).ok().flatten();
            saved.map(|saved| saved.hotfixes).unwrap_or_default()
        }
    }
}

fn valid(checked: &Checked) -> Option<Plan> {
    checked.plan.clone().filter(|_| checked.report().is_valid())
}

type Compared = (Option<Side>, Read, Against);

fn with_what_is_deployed(plan: &Plan, (folder, images): (&Path, &Images), layout: &Layout) -> Result<Compared, String> {
    match state::read_saved(&layout.saved()).map_err(|failure| failure.message)? {
        None => Ok((None, sides::new(plan, folder, layout)?, Against::Nothing)),
        Some(saved) => {
            let at = saved.deployed_at;
            let (old, new) = sides::with_saved(plan, (folder, images), &saved, layout)?;
            Ok((Some(old), new, Against::Deployed(at)))
        }
    }
}
