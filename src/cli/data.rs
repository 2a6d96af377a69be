//! `landfall data`: the data directories of a plan, what lies in them, and who still writes to them. Changes nothing.

use super::arguments::{Data, Format};
use super::deployed::{self, Refusal};
use super::in_force;
use super::screen::Screen;
use super::sizes::bytes;
use super::table::Table;
use crate::exit::Exit;
use crate::few::Few;
use crate::host::node::state;
use crate::host::usage::{self, Directory, Size, Writer};
use crate::plan::model::Plan;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// A data directory.
#[derive(Debug, Serialize)]
struct Told {
    path: String,
    /// The services that have it.
    services: Vec<String>,
    /// Whether none of them may write to it.
    read_only: bool,
    /// `uid:gid`; none where there is no such directory.
    owner: Option<String>,
    mode: Option<String>,
    bytes: u64,
    /// How many files and folders are in it.
    entries: u64,
    /// Whether all of it could be looked at.
    complete: bool,
    /// Processes that have files of it open for writing at this moment.
    writers: Vec<Writer>,
    /// Why it can't be looked at, if so.
    problem: Option<String>,
}

/// Shows the data directories.
pub fn data(arguments: &Data, state_dir: &Path, screen: &Screen) -> Exit {
    shown(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn shown(Data { name, format }: &Data, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let layout = deployed::known(state_dir, name)?;
    let saved = state::read_saved(&layout.saved())?;
    let deployed = saved.is_some();
    // What was deployed before: data stays when everything else goes.
    let Some(saved) = saved.map_or_else(|| state::read_saved(&layout.previous()), |saved| Ok(Some(saved)))? else {
        return Err(Refusal::new(format!(
            "{name} has never been deployed here, so that nothing is on record of its data: `landfall check PLAN` lists the \
             directories of a plan"
        )));
    };
    let plan = in_force::plan(&saved);
    let plan = plan
        .ok_or_else(|| Refusal::new(format!("the plan of {name} that is on record can't be read by this version")))?;
    let directories = directories(&plan);
    screen.result(&match format {
        Format::Human if directories.is_empty() => format!("{name} has no data directories\n"),
        Format::Human => human(&directories),
        Format::Json => format!("{:#}\n", json!({ "plan": name, "deployed": deployed, "directories": directories })),
    });
    Ok(Exit::Done)
}

/// How long the directories that a teardown leaves are measured.
const MEASURING: Duration = Duration::from_secs(5);

/// The data directories of a plan that are there, a line each: what stays when everything else goes.
pub fn kept(plan: &Plan) -> Vec<String> {
    let until = Instant::now() + MEASURING;
    let paths: BTreeSet<String> =
        plan.services.values().flat_map(|service| &service.volumes).map(|volume| volume.source.to_string()).gathered();
    let line = |path: String| {
        let Directory { uid, gid, mode } = usage::directory(Path::new(&path)).ok()??;
        let Size { bytes: size, entries: _, complete, files: _ } = usage::size(Path::new(&path), Some(until));
        let over = if complete { "" } else { "over " };
        Some(format!("{path} ({over}{}, {uid}:{gid}, {mode:04o})", bytes(size)))
    };
    paths.into_iter().filter_map(line).collect()
}

fn directories(plan: &Plan) -> Vec<Told> {
    let mut users: BTreeMap<String, (Vec<String>, bool)> = BTreeMap::new();
    for (name, service) in &plan.services {
        for volume in &service.volumes {
            let (services, read_only) = users.entry(volume.source.to_string()).or_insert((Vec::new(), true));
            services.push(name.to_string());
            *read_only &= volume.read_only;
        }
    }
    let sizes: Vec<Size> = users.keys().map(|path| usage::size(Path::new(path), None)).collect();
    let writers = usage::writers(&sizes.iter().map(|size| &size.files).collect::<Vec<_>>());
    let all = users.into_iter().zip(sizes).zip(writers);
    all.map(|(((path, (services, read_only)), size), writers)| {
        let (found, problem) = match usage::directory(Path::new(&path)) {
            Ok(found) => (found, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let Size { bytes, entries, complete, files: _ } = size;
        let owner = found.as_ref().map(|Directory { uid, gid, mode: _ }| format!("{uid}:{gid}"));
        let mode = found.map(|found| format!("{:04o}", found.mode));
        Told { path, services, read_only, owner, mode, bytes, entries, complete, writers, problem }
    })
    .collect()
}

fn human(directories: &[Told]) -> String {
    let mut table = Table::new(&["directory", "size", "entries", "owner", "mode", "services"]);
    for told in directories {
        let Told { path, services, read_only, owner, mode, bytes: size, entries, complete, writers, problem } = told;
        let there = owner.is_some();
        let over = if *complete { "" } else { "over " };
        let size = if there { format!("{over}{}", bytes(*size)) } else { "-".to_owned() };
        let entries = if there { entries.to_string() } else { "-".to_owned() };
        let services = format!("{}{}", services.join(" "), if *read_only { " (read-only)" } else { "" });
        let owner = owner.as_deref().unwrap_or("-");
        table.row([path.as_str(), &size, &entries, owner, mode.as_deref().unwrap_or("-"), &services]);
        if let Some(problem) = problem {
            table.below(&format!("can't be looked at: {problem}"));
        } else if !there {
            table.below("is not there");
        }
        for Writer { pid, program, files } in writers {
            let files = if *files == 1 { "1 file".to_owned() } else { format!("{files} files") };
            table.below(&format!("{program}, process {pid}, has {files} open for writing"));
        }
    }
    let mut text = table.finish();
    let busy = directories.iter().filter(|told| !told.writers.is_empty()).count();
    text.push_str(&match busy {
        0 => "nobody writes to them at this moment\n".to_owned(),
        busy => format!("{busy} of {} are being written to: a copy of them would not be whole\n", directories.len()),
    });
    text
}
