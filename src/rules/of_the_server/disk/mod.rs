//! Disk space for the images and for the state. Reads nothing, changes nothing.

mod needed;

use self::needed::Needed;
use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{Facts, KEPT_FREE, Machine};
use crate::plan::model::Plan;
use crate::plan::values::Size;

const CURE: &str = "make room there, or write `\"staging\": \"after\"` to drop the old images first";

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let needed = Needed::by(plan, facts);
    let mut findings: Vec<Finding> = for_images(plan, &facts.machine, &needed).into_iter().collect();
    findings.extend(for_state(&facts.machine, &needed));
    if let Some(problem) = &facts.machine.state_problem {
        findings.push(
            Finding::host(Code::StateFolderUnusable, format!("the state can't be kept: {problem}")).help(
                "cure that, or name another folder with `--state-dir`: a run that can't be recorded is not begun",
            ),
        );
    }
    findings
}

fn on_one_disk(machine: &Machine) -> bool {
    machine.images_disk.device == machine.state_disk.device
}

/// What the engine keeps of the images, what the plan wants beside it, and what passes through where that is the same disk.
fn for_images(plan: &Plan, machine: &Machine, needed: &Needed) -> Option<Finding> {
    let Needed { kept, beside, passing } = needed;
    let (wanted, at) = match plan.requires.free_disk {
        Some(size) => (Size::bytes(size), Some(Pointer::of(["requires", "free_disk"]))),
        None => (0, None),
    };
    let passing = if on_one_disk(machine) && *passing > 0 { passing.saturating_add(KEPT_FREE) } else { 0 };
    let passing = passing.saturating_add(*beside);
    let (all, free) = (kept.saturating_add(passing).saturating_add(wanted), machine.free_disk);
    if free >= all {
        return None;
    }
    let disk = machine.images_disk.at.display();
    let message =
        format!("{} are free for images on the disk at {disk}, at least {} are needed", shown(free), shown_up(all));
    let mut label = format!("{} for the images alone", shown_up(*kept));
    if passing > 0 {
        label.push_str(&format!(", {} more while they are retrieved", shown_up(passing)));
    }
    let finding = match at {
        Some(at) => Finding::error(Code::NotEnoughDisk, at, message),
        None => Finding::host(Code::NotEnoughDisk, message),
    };
    Some(finding.label(label).help(CURE))
}

/// What a run records, and what passes through where it is a disk of its own.
fn for_state(machine: &Machine, needed: &Needed) -> Option<Finding> {
    let Needed { kept: _, beside: _, passing } = needed;
    let free = machine.free_state;
    if free < KEPT_FREE {
        let message = format!("{} are free in the state folder", shown(free));
        return Some(
            Finding::host(Code::NotEnoughDisk, message)
                .label(format!("at least {} are needed", shown(KEPT_FREE)))
                .help("make room: a run that can't be recorded is not begun"),
        );
    }
    let all = passing.saturating_add(KEPT_FREE);
    if on_one_disk(machine) || free >= all || *passing == 0 {
        return None;
    }
    let disk = machine.state_disk.at.display();
    let message =
        format!("{} are free for the state on the disk at {disk}, at least {} are needed", shown(free), shown_up(all));
    Some(
        Finding::host(Code::NotEnoughDisk, message)
            .label("while they are retrieved, images lie in the state folder")
            .help("make room there, or name a folder on another disk with `--state-dir`"),
    )
}

/// As [`shown`], and not less than it is.
fn shown_up(bytes: u64) -> String {
    let unit = [1_u64 << 40, 1 << 30, 1 << 20, 1 << 10].into_iter().find(|unit| bytes >= *unit).unwrap_or(1);
    shown(bytes.saturating_add((unit / 10).saturating_sub(1)))
}

/// `1.5 GiB`
pub fn shown(bytes: u64) -> String {
    let units = [("TiB", 1_u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes % unit * 10 / unit;
            format!("{}.{tenths} {name}", bytes / unit)
        }
        None => format!("{bytes} bytes"),
    }
}
