//! Landfall's own state, read by the format that is documented and by nothing of Landfall's.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::look::Look;
use crate::scene;
use crate::support::{Entry, Kind, Vsn};

const STATE: &str = "var/lib/landfall/shop";

/// What is not as it is promised of every state that nothing is done to any more. `state` is what `status` says, if there is a plan.
pub fn breaches(vsn: &Vsn, look: &Look, state: Option<&str>) -> Vec<String> {
    let mut breaches = modes(look);
    breaches.extend(unknown_of_runs(look));
    breaches.extend(journals(vsn, look, true));
    breaches.extend(saved(look, state == Some("deployed")));
    let last = vsn.read(&format!("/{STATE}/last.json"));
    let last = last.map(|last| serde_json::from_slice::<Value>(&last));
    match (last, state) {
        (Some(Err(error)), _) => breaches.push(format!("last.json can't be read: {error}")),
        (Some(Ok(last)), state) => {
            let outcome = last["outcome"].as_str().unwrap_or_default();
            let fits = match state {
                Some("deployed") => ["deployed", "refused", "restored"].contains(&outcome),
                Some("failed") => ["rolled_back", "refused"].contains(&outcome),
                Some("containerless") => ["torn_down", "refused"].contains(&outcome),
                _ => outcome == "refused",
            };
            if !fits {
                breaches.push(format!("the last run was {outcome}, and the state is {state:?}"));
            }
        }
        (None, _) => {}
    }
    breaches
}

/// What of the state folder is not root's alone.
fn modes(look: &Look) -> Vec<String> {
    let is_ours = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let ours = look.disk.iter().filter(|entry| entry.path.strip_prefix(STATE).is_some_and(is_ours));
    let open = |entry: &&Entry| {
        // Whoever made the folder of all plans decides on its mode.
        let private =
            if entry.kind == Kind::Directory { entry.mode == 0o700 } else { [0o600, 0o700].contains(&entry.mode) };
        // A config is for the user of a container, who reads it through a mount: what lies above it is closed.
        let is_config = entry.path.starts_with(&format!("{STATE}/configs/")) && entry.kind != Kind::Directory;
        entry.owner != (0, 0) || !(private || is_config)
    };
    ours.filter(open)
        .map(|entry| format!("/{} {:o} {:?} is not root's alone", entry.path, entry.mode, entry.owner))
        .collect()
}

/// What lies in the state folder beside what is kept of each run, of the last one and its engine, and of what was saved before it and
/// accepted before that.
pub fn beside_runs(look: &Look) -> Vec<String> {
    let kept = ["", "accepted", "engine", "last.json", "previous.json", "runs"];
    let within = look.disk.iter().filter_map(|entry| entry.path.strip_prefix(STATE));
    let names = within.filter(|rest| rest.is_empty() || rest.starts_with('/')).map(|rest| rest.trim_start_matches('/'));
    names
        .filter(|name| !kept.contains(name) && !name.starts_with("runs/") && !is_accepted(name))
        .map(str::to_owned)
        .collect()
}

/// The accepted plan of a run, which can be deployed again.
fn is_accepted(name: &str) -> bool {
    let run = name.strip_prefix("accepted/").and_then(|name| name.strip_suffix(".json"));
    run.is_some_and(|run| landfall::plan::values::RunId::parse(run).is_ok())
}

/// What lies in the folders of runs and is not kept of any.
fn unknown_of_runs(look: &Look) -> Vec<String> {
    let kept = ["log", "journal", "journal.damaged", "program.json", "crontab.before"];
    let prefix = format!("{STATE}/runs/");
    let within = look.disk.iter().filter_map(|entry| entry.path.strip_prefix(&prefix)?.split_once('/'));
    let is_output = |name: &str| name.starts_with("shop-") && name.ends_with(".log") && !name.contains('/');
    let unknown = within.filter(|(_, name)| !kept.contains(name) && !is_output(name));
    unknown.map(|(run, name)| format!("{name} was left in the folder of the run {run}")).collect()
}

/// The breaches of the journals of all runs; `ended` says whether each must have its end.
pub fn journals(vsn: &Vsn, look: &Look, ended: bool) -> Vec<String> {
    let prefix = format!("{STATE}/runs/");
    let journals = look.disk.iter().filter(|entry| entry.path.starts_with(&prefix) && entry.path.ends_with("/journal"));
    let judge = |entry: &Entry| {
        let bytes = vsn.read(&format!("/{}", entry.path)).unwrap_or_default();
        let run = entry.path[prefix.len()..].split('/').next().unwrap();
        journal(&bytes, run, ended).err().map(|breach| format!("the journal of {run}: {breach}"))
    };
    journals.filter_map(judge).collect()
}

/// A journal is lines of sixteen hexadecimal digits of the SHA-256 of a JSON text, a blank and that text; nothing but zeros follows.
fn journal(bytes: &[u8], run: &str, ended: bool) -> Result<(), String> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at(end);
    let mut told = Told::default();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match record(line) {
            Ok(record) => told.follow(&record, run)?,
            // The last line may be torn until somebody goes on writing.
            Err(_) if !ended && line.last() != Some(&b'\n') => return Ok(()),
            Err(breach) => return Err(format!("{breach}: {}", String::from_utf8_lossy(line))),
        }
    }
    if rest.iter().any(|byte| *byte != 0) {
        return Err("something follows the zeros".to_owned());
    }
    // A run that was ended before it had begun has written nothing.
    if ended && told.began && !told.ended { Err("it has no end".to_owned()) } else { Ok(()) }
}

fn record(line: &[u8]) -> Result<Value, String> {
    let line = line.strip_suffix(b"\n").ok_or("a line without its end")?;
    let (digits, json) = line.split_at_checked(17).ok_or("a short line")?;
    let sum: String = Sha256::digest(json).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    if digits != format!("{sum} ").as_bytes() {
        return Err(format!("the sum of the line is {sum}"));
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

/// How far a journal has told its story.
#[derive(Default)]
struct Told {
    began: bool,
    falling: bool,
    ended: bool,
    open: BTreeSet<String>,
}

impl Told {
    fn follow(&mut self, record: &Value, run: &str) -> Result<(), String> {
        let kind = record["record"].as_str().unwrap_or_default();
        let operation = record["operation"].as_str().unwrap_or_default().to_owned();
        let lawful = match kind {
            "began" => !self.began && record["run"] == run && record["plan"] == "shop",
            // What a fall is broken off at, it begins again.
            "intent" => self.began && !self.ended && (self.open.insert(operation) || self.falling),
            "done" | "failed" => self.began && !self.ended && self.open.remove(&operation),
            "falling" => self.began && !self.ended,
            "going_back" => self.falling && !self.ended,
            "ended" => self.began && !self.ended,
            _ => false,
        };
        self.began |= kind == "began";
        self.ended |= kind == "ended";
        if kind == "falling" {
            self.falling = true;
            self.open.clear();
        }
        if lawful { Ok(()) } else { Err(format!("out of order: {record}")) }
    }
}

/// The version whose plan is saved word for word.
pub fn saved_version(look: &Look) -> Option<&'static str> {
    let saved: Value = serde_json::from_slice(look.saved.as_deref()?).ok()?;
    let is_saved = |plan: &Value| saved["plan"] == format!("{plan:#}\n");
    let is_of = |version: &&str| {
        let plan = scene::plan(version);
        is_saved(&plan) || is_saved(&scene::going_back(plan))
    };
    ["v1", "v2"].into_iter().find(is_of)
}

/// The saved plan is there exactly when the plan is deployed, and is one of those that were accepted, byte for byte.
fn saved(look: &Look, deployed: bool) -> Vec<String> {
    let Some(saved) = &look.saved else {
        return if deployed { vec!["deployed, but nothing is saved".to_owned()] } else { Vec::new() };
    };
    if !deployed {
        return vec!["something is saved, but not deployed".to_owned()];
    }
    let saved: Value = match serde_json::from_slice(saved) {
        Ok(saved) => saved,
        Err(error) => return vec![format!("saved.json can't be read: {error}")],
    };
    let Some(version) = saved_version(look) else {
        return vec![format!("the saved plan was never accepted: {}", saved["plan"])];
    };
    let mut breaches = Vec::new();
    if look.answers.0 != version {
        breaches.push(format!("{version} is saved, and {} answers", look.answers.0));
    }
    for (service, recorded) in saved["services"].as_object().into_iter().flatten() {
        let container = look.containers.iter().find(|container| recorded["container"] == container.name.as_str());
        let seen = container.map(|container| {
            let label = container.described.pointer("/Config/Labels/landfall.config").cloned().unwrap_or_default();
            (container.image.clone(), label)
        });
        let expected = (recorded["image_id"].as_str().unwrap_or_default().to_owned(), recorded["config"].clone());
        // What came back after a power cut has no container of its one-shot: that has completed.
        let may_lack_it = service == "migrate" && recorded["run"].is_string();
        if seen.as_ref() != Some(&expected) && !(seen.is_none() && may_lack_it) {
            breaches.push(format!("of {service}, {expected:?} is saved, and {seen:?} is there"));
        }
    }
    breaches
}
