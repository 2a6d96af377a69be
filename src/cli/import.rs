//! `landfall import`: turns a Compose file into a plan, and tells what could not be carried over.

use super::arguments::{Format, Import};
use super::screen::Screen;
use crate::compose::{self, Choices, Converted, Fate, Found, MAXIMUM_BYTES, Surroundings, Unreadable, told};
use crate::diagnostics::report;
use crate::exit::Exit;
use crate::host::files::{self, FileProblem, NewFile};
use crate::plan::values::SecretName;
use crate::plan::written::Written;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The most that is read of a file that the Compose file names.
const NAMED_BYTES: u64 = 4 << 20;

/// Reads the Compose file, and writes or prints the plan.
pub fn import(arguments: &Import, screen: &Screen) -> Exit {
    let Import { compose, output, secrets_output, name, data_root, profile, strict, format } = arguments;
    let shown = if compose == Path::new("-") { "<stdin>".to_owned() } else { compose.display().to_string() };
    let telling = Telling { file: &shown, format: *format, screen };
    let text = match read(compose) {
        Ok(text) => text,
        Err(problem) => return telling.refuse(&problem),
    };
    let folder = absolute_folder(compose);
    let choices = Choices {
        name: name.clone(),
        folder: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        way: output.as_deref().map_or_else(String::new, |output| way(&absolute_folder(output), &folder)),
        data_root: data_root.clone(),
        profiles: profile.clone(),
    };
    let converted = match compose::convert(&text, &choices, &Beside { folder }) {
        Ok(converted) => converted,
        Err(Unreadable { position, message, help }) => {
            let help = if help.is_empty() { help } else { format!("\n    help: {help}") };
            return telling.refuse(&format!("{shown}:{}:{}: {message}{help}", position.line, position.column));
        }
    };
    if *strict && converted.notes.iter().any(|note| note.fate == Fate::Lost) {
        telling.tell(&converted, (None, None));
        screen.line("refused: not everything can be carried over, and nothing was written");
        return Exit::Refused;
    }
    let plan = converted.plan.laid_out();
    let secrets = secrets_file(&converted.secrets);
    let mut new = Vec::new();
    new.extend(output.clone().map(|path| NewFile { path, bytes: plan.clone().into_bytes(), mode: 0o666 }));
    new.extend(secrets_output.clone().map(|path| NewFile { path, bytes: secrets.expose_secret().into(), mode: 0o600 }));
    if let Err(problem) = files::write_new_files(&new) {
        let exists = matches!(problem, FileProblem::Exists { path: _ });
        telling.refuse(&problem.to_string());
        return if exists { Exit::Refused } else { Exit::Failed };
    }
    telling.tell(&converted, (output.as_deref(), secrets_output.as_deref()));
    telling.check(&plan, output.as_deref());
    Exit::Done
}

fn read(path: &Path) -> Result<String, String> {
    // One byte more than is taken, so that the conversion tells that it is too large.
    let limit = MAXIMUM_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    } else {
        bytes =
            files::open_untrusted(path).and_then(|mut file| file.read(limit)).map_err(|problem| problem.to_string())?;
    }
    String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", path.display()))
}

fn absolute_folder(file: &Path) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    absolute.parent().map(Path::to_owned).unwrap_or(absolute)
}

/// The way from one folder to another, relative, and empty if they are the same.
fn way(from: &Path, to: &Path) -> String {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to).collect();
    way.to_string_lossy().into_owned()
}

fn secrets_file(secrets: &[(SecretName, Option<SecretString>)]) -> SecretString {
    let mut file = Written::object();
    for (name, value) in secrets {
        if let Some(value) = value {
            file.put(name.as_str(), Written::text(value.expose_secret()));
        }
    }
    file.laid_out().into()
}

/// What is on this machine.
struct Beside {
    folder: PathBuf,
}

impl Surroundings for Beside {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn find(&self, path: &str) -> Found {
        match files::open_untrusted(&self.folder.join(path)).and_then(|mut file| file.read(NAMED_BYTES)) {
            Ok(bytes) => Found::File(bytes),
            Err(FileProblem::Missing { path: _ }) => Found::Nothing,
            Err(FileProblem::NotARegularFile { path: _, kind: "a folder" }) => Found::Folder,
            Err(problem) => Found::Unusable(problem.to_string()),
        }
    }
}

/// How the outcome is told.
struct Telling<'a> {
    file: &'a str,
    format: Format,
    screen: &'a Screen,
}

impl Telling<'_> {
    fn refuse(&self, problem: &str) -> Exit {
        match self.format {
            Format::Human => self.screen.line(&format!("{problem}\nrefused: nothing was written")),
            Format::Json => self.document(&json!({ "plan": null, "secrets": null, "notes": [], "cause": problem })),
        }
        Exit::Refused
    }

    fn document(&self, document: &Value) {
        self.screen.result(&format!("{document:#}\n"));
    }

    fn tell(&self, converted: &Converted, (plan, secrets): (Option<&Path>, Option<&Path>)) {
        let Converted { plan: written, secrets: found, notes, leaves: _ } = converted;
        let valueless: Vec<_> =
            found.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
        if self.format == Format::Json {
            let document =
                plan.is_none().then(|| serde_json::from_str::<Value>(&written.laid_out()).unwrap_or_default());
            self.document(&json!({
                "plan": plan, "secrets": secrets, "secrets_without_value": valueless,
                "notes": told::json(self.file, notes), "document": document,
            }));
            return;
        }
        if plan.is_none() {
            self.screen.result(&written.laid_out());
        }
        self.screen.tell(&told::human(self.file, notes));
        let names: Vec<_> = [plan, secrets].into_iter().flatten().map(|path| path.display().to_string()).collect();
        let wrote = if names.is_empty() { String::new() } else { format!("wrote {}; ", names.join(" and ")) };
        self.screen.line(&format!("{wrote}{}", told::counted(notes)));
        if !valueless.is_empty() {
            self.screen.line(&format!("without a value yet: {}", valueless.join(", ")));
        }
        if secrets.is_none() && found.len() > valueless.len() {
            let help = "the values of the secrets were not written: `--secrets-output FILE` does that";
            self.screen.line(help);
        }
    }

    /// What the author has to do before the plan is valid, which is seldom anything.
    fn check(&self, plan: &str, path: Option<&Path>) {
        let name = path.map_or_else(|| "<stdout>".to_owned(), |path| path.display().to_string());
        let checked = crate::check((&name, plan.as_bytes()), None);
        if !checked.report().is_valid() {
            self.screen.tell(&report::human(&checked.report(), &self.screen.style()));
            self.screen.line("the plan needs these changes before it can be deployed");
        }
    }
}
