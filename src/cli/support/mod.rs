//! `landfall support`: one file for whoever is asked for help, without the values of secrets. Changes nothing.

mod contents;
mod known;
mod logs;
mod records;
mod server;

use super::arguments::Support;
use super::deployed::{self, Refusal};
use super::inputs::{self, Trust, is_standard_input};
use super::screen::Screen;
use super::{in_force, sizes};
use crate::exit::Exit;
use crate::facts::Saved;
use crate::host::node::state;
use crate::host::parcel::{Packed, Parcel};
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::redaction::{Redacted, Redactor, Scanner};
use crate::run::Failure;
use contents::{Contents, LeftOut, Told};
use jiff::Timestamp;
use known::{Known, OnRecord};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where a file for standard output is made.
const SCRATCH: &str = "/var/tmp";

/// Makes the file.
pub fn support(arguments: &Support, state_dir: &Path, screen: &Screen) -> Exit {
    made(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn made(arguments: &Support, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let Support { name, output, since, secrets } = arguments;
    let layout = deployed::known(state_dir, name)?;
    let folder = writable(output, screen)?;
    let given = secrets.as_deref().map(|path| inputs::read_secrets(path, Trust::OwnersOnly).values());
    let given = given.transpose().map_err(Refusal::new)?;
    let now = Timestamp::now();
    let (saved, plan, any) = on_record(&layout);
    let record = OnRecord { saved: saved.as_ref(), plan: plan.as_ref(), any };
    let known = known::gather(&layout, &record, given.as_ref());
    let redactor = Redactor::new(&known.values);
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let parcel = Parcel::begin(&folder, seconds).map_err(failure)?;
    let folder = format!("landfall-support-{name}-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let mut contents = Contents::new(parcel, &redactor, folder);
    let about = json!({
        "landfall": env!("CARGO_PKG_VERSION"), "plan": name, "host": system::hostname().unwrap_or_default(),
        "made_at": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "by": system::operator(),
        "logs_since": since.before(now), "state_folder": layout.state(), "secrets_file": given.is_some(),
        "under_way": deployed::under_way(name),
    });
    let tools = Tools { layout: &layout, known: &known, redactor: &redactor };
    fill(&mut contents, &tools, plan.as_ref(), since.before(now))?;
    let Told { mut packed, files, left_out } = contents.finish(&known, &about)?;
    scan(&mut packed, &known)?;
    let size = packed.size().map_err(failure)?;
    let told = told(&layout, &known, &redactor, &left_out);
    if is_standard_input(output) {
        packed.print().map_err(failure)?;
    } else {
        packed.publish(output).map_err(failure)?;
    }
    screen.tell(&told);
    screen.line(&format!("{}: {files} files, {}, for root alone", output.display(), sizes::bytes(size)));
    Ok(Exit::Done)
}

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

/// The folder in which the file is made, where it can be.
fn writable(output: &Path, screen: &Screen) -> Result<PathBuf, Refusal> {
    if is_standard_input(output) {
        let shown = screen.shows_results();
        return if shown {
            Err(Refusal::new("a terminal can't show it: give `--output` a file"))
        } else {
            Ok(SCRATCH.into())
        };
    }
    // Told before all the work; whatever appears meanwhile is not replaced either.
    if output.symlink_metadata().is_ok() {
        return Err(Refusal::new(format!(
            "`{}` exists, and nothing is ever replaced: name another file",
            output.display()
        )));
    }
    Ok(server::folder_of(output))
}

/// What is on record: what is deployed, the plan that is in force or was before, and whether there is any record.
fn on_record(layout: &Layout) -> (Option<Saved>, Option<Plan>, bool) {
    let there = layout.saved().is_file() || layout.previous().is_file();
    let read = |path: PathBuf| state::read_saved(&path).ok().flatten();
    let saved = read(layout.saved());
    let record = saved.clone().or_else(|| if layout.saved().is_file() { None } else { read(layout.previous()) });
    let plan = record.as_ref().and_then(in_force::plan);
    (saved, plan, there)
}

/// What every part is made with.
struct Tools<'a> {
    layout: &'a Layout,
    known: &'a Known,
    redactor: &'a Redactor,
}

fn fill(contents: &mut Contents<'_>, tools: &Tools<'_>, plan: Option<&Plan>, since: Timestamp) -> Result<(), Failure> {
    let Tools { layout, known, redactor } = tools;
    records::add(contents, layout, known)?;
    let engine = server::add_engine(contents, layout)?;
    match &engine {
        Ok(engine) => {
            records::add_status(contents, layout, known)?;
            server::add_logs(contents, (engine, layout), since, (known, redactor))?;
        }
        Err(why) => ["status.json", "logs"].into_iter().for_each(|what| {
            contents.leave_out(what, format!("the engine can't be asked: {why}"));
        }),
    }
    let images = engine.ok().map(|engine| engine.fact().graph_root);
    server::add_server(contents, (layout, plan), images)?;
    for (what, why) in NEVER {
        contents.leave_out(*what, *why);
    }
    Ok(())
}

/// What is never in it.
const NEVER: &[(&str, &str)] = &[
    ("data directories", "what is in them is nobody's business"),
    ("secrets, keys and accounts", "they are secret"),
    ("generated scripts", "they follow from the plan"),
    ("containers, images, networks and logs of others", "they are not the plan's"),
];

/// Makes sure that no value is in the file, as it is on the disk.
fn scan(packed: &mut Packed, known: &Known) -> Result<(), Refusal> {
    let scanner = Scanner::new(&known.values);
    let found = packed.look_through(|name, bytes| {
        let place = String::from_utf8_lossy(name).into_owned();
        let of = |bytes: &[u8]| scanner.finds(bytes).map(str::to_owned);
        of(name)
            .map(|secret| (secret, "the name of a file".to_owned()))
            .or_else(|| of(bytes).map(|secret| (secret, place)))
    });
    let Some((secret, place)) = found.map_err(failure)? else { return Ok(()) };
    Err(Refusal::new(format!(
        "the value of `{secret}` is still in {place}, which is a defect of Landfall: nothing was written"
    )))
}

/// What whoever made the file should know.
fn told(layout: &Layout, known: &Known, redactor: &Redactor, left_out: &[LeftOut]) -> String {
    let Known { values: _, found: _, missing, nothing_known } = known;
    let mut told = String::new();
    for known::Missing { name, why, of_a_service: _ } in missing {
        told.push_str(&format!("the secret {name} is not looked for: {why}\n"));
    }
    told.extend(nothing_known.iter().map(|why| format!("{why}\n")));
    if !missing.is_empty() || nothing_known.is_some() {
        told.push_str("what could hold such a value is left out\n");
    }
    let always = |what: &str| NEVER.iter().any(|(never, _)| *never == what);
    let listed = left_out.iter().filter(|LeftOut { what, why: _ }| !always(what));
    told.extend(listed.map(|LeftOut { what, why }| format!("left out: {what}: {why}\n")));
    if deployed::under_way(layout.plan()).is_some() {
        told.push_str("a run is under way: what is in the file may be of before and of after it\n");
    }
    let Redacted { content, places: _ } = redactor.text(&told);
    content
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::known::Known;
    use super::scan;
    use crate::host::parcel::Parcel;
    use crate::redaction::Value;
    use pretty_assertions::assert_eq;
    use std::collections::BTreeSet;

    /// What becomes of a file with this in it, whoever forgot to take it out.
    fn scanned(name: &str, bytes: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut parcel = Parcel::begin(folder.path(), 0).unwrap();
        parcel.add("shop/harmless", b"nothing").unwrap();
        parcel.add(name, bytes).unwrap();
        let values = vec![Value { name: "db".to_owned(), bytes: b"hunter2".to_vec() }];
        let known = Known { values, found: BTreeSet::new(), missing: Vec::new(), nothing_known: None };
        scan(&mut parcel.pack().unwrap(), &known).err().map(|refusal| format!("{refusal:?}"))
    }

    #[test]
    fn a_value_that_was_overlooked_keeps_the_file_from_being_written() {
        let told = |place: &str| {
            let message =
                format!("the value of `db` is still in {place}, which is a defect of Landfall: nothing was written");
            Some(format!("Refusal {{ message: {message:?}, exit: Refused }}"))
        };
        assert_eq!(scanned("shop/log", b"hunter3"), None);
        assert_eq!(scanned("shop/log", b"it is hunter2!"), told("shop/log"));
        assert_eq!(scanned("shop/log", b"aHVudGVyMg=="), told("shop/log"));
        assert_eq!(scanned("shop/hunter2", b""), told("the name of a file"));
    }
}
