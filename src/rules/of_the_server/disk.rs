//! Disk space for the images and for the state. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{ArchiveFact, Facts, FileFact};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::Size;
use std::collections::BTreeSet;

/// For the journal, the scripts, and the log of a container that fails.
const LEAST_STATE: u64 = 16 << 20;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let archives = archives(plan, facts);
    let (wanted, at) = match plan.requires.free_disk {
        Some(size) => (Size::bytes(size), Some(Pointer::of(["requires", "free_disk"]))),
        None => (0, None),
    };
    let (needed, free) = (archives.saturating_add(wanted), facts.machine.free_disk);
    if free < needed {
        let message = format!("{} are free for images, {} are needed", shown(free), shown(needed));
        let finding = match at {
            Some(at) => Finding::error(Code::NotEnoughDisk, at, message),
            None => Finding::host(Code::NotEnoughDisk, message),
        };
        findings.push(finding.label(format!("{} for the archives alone", shown(archives))).help(
            "make room where the engine keeps its images, or write `\"staging\": \"after\"` to drop the old images first",
        ));
    }
    if facts.machine.free_state < LEAST_STATE {
        let message = format!("{} are free in the state folder", shown(facts.machine.free_state));
        findings.push(
            Finding::host(Code::NotEnoughDisk, message)
                .label(format!("at least {} are needed", shown(LEAST_STATE)))
                .help("make room: a run that can't be recorded is not begun"),
        );
    }
    if let Some(problem) = &facts.machine.state_problem {
        findings.push(
            Finding::host(Code::StateFolderUnusable, format!("the state can't be kept: {problem}")).help(
                "cure that, or name another folder with `--state-dir`: a run that can't be recorded is not begun",
            ),
        );
    }
    findings
}

/// What is unpacked is at least as large as what is packed.
fn archives(plan: &Plan, facts: &Facts) -> u64 {
    let archive = |image: &Image| match image {
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => Some(archive.path().clone()),
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        )
        | Image::Reference(_) => None,
    };
    let mut paths = BTreeSet::new();
    let mut in_folders = BTreeSet::new();
    for (service, path) in plan.services.iter().filter_map(|(name, service)| Some((name, archive(&service.image)?))) {
        match facts.archives.get(service) {
            Some(ArchiveFact::Found { name, size }) => drop(in_folders.insert((path, name, *size))),
            Some(ArchiveFact::NotFound { reason: _, cure: _ }) | None => drop(paths.insert(path)),
        }
    }
    let size = |fact: &FileFact| match fact {
        FileFact::File { sha256: _, size } => *size,
        FileFact::Missing | FileFact::Unusable { reason: _, cure: _ } | FileFact::Folder => 0,
    };
    let named = paths.iter().filter_map(|path| facts.files.get(path)).map(size);
    named.chain(in_folders.iter().map(|(_, _, size)| *size)).fold(0, u64::saturating_add)
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
