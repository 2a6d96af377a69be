//! Turns a Compose file into a plan, with a note about everything that is not simply carried over. Reads nothing, changes
//! nothing: what it has to know of files and variables, it asks for.

mod credentials;
mod dependencies;
pub mod env_file;
mod environment;
mod field;
mod files;
mod health;
mod image;
mod ledger;
mod limits;
mod logging;
mod mount;
mod network;
mod ports;
mod process;
mod quantities;
mod reading;
mod repair;
mod service;
mod sources;
mod storage;
pub mod told;
mod top;
pub mod tree;
mod unavailable;
pub mod variables;

pub use credentials::{is_secret, password_in};
pub use ledger::{Fate, Leaf, Note};
pub use reading::{MAXIMUM_BYTES, Unreadable};

use crate::plan::values::{HostPath, PlanName, SecretName, ServiceName};
use crate::plan::written::Written;
use credentials::Credentials;
use ledger::Ledger;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use tree::Node;

/// What is chosen by whoever imports.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The plan's name; if not said, that of the file, else that of its folder.
    pub name: Option<PlanName>,
    /// The name of the Compose file's folder.
    pub folder: String,
    /// The way from the plan's folder to that of the Compose file: empty, or relative without `/` at its end.
    pub way: String,
    /// Where the data directories of named volumes lie; `/srv/<plan>` if not said.
    pub data_root: Option<HostPath>,
    /// The profiles whose services are wanted.
    pub profiles: Vec<String>,
}

/// What is to be found at a path.
pub enum Found {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file, with its bytes.
    File(Vec<u8>),
    /// Something that can't be read, with the reason.
    Unusable(String),
}

/// What a Compose file may refer to.
pub trait Surroundings {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;
    /// What is at a path relative to the Compose file.
    fn find(&self, path: &str) -> Found;
}

/// A Compose file as a plan.
#[derive(Debug)]
pub struct Converted {
    /// The plan, ready to be laid out.
    pub plan: Written,
    /// The secrets that the plan names, in the order in which they were found; those without a value still need one.
    pub secrets: Vec<(SecretName, Option<SecretString>)>,
    /// What is not simply carried over, in the order of the file.
    pub notes: Vec<Note>,
    /// What became of each single value of the file.
    pub leaves: Vec<Leaf>,
}

/// Turns the text of a Compose file into a plan.
///
/// # Errors
/// A text that is no Compose file, or that is too large.
pub fn convert(text: &str, choices: &Choices, surroundings: &dyn Surroundings) -> Result<Converted, Unreadable> {
    let mut root = sources::extended(reading::tree(text)?)?;
    let variables = Variables::of(surroundings);
    sources::fill_in(&mut root, &|name| variables.value(name))?;
    let ledger = Ledger::open(&mut root);
    let name = top::plan_name(choices, &root)?;
    let data_root = choices.data_root.as_ref().map_or_else(|| format!("/srv/{name}"), ToString::to_string);
    let mut conversion = Conversion {
        choices,
        variables,
        root: &root,
        name,
        data_root,
        services: Vec::new(),
        ledger,
        credentials: Credentials::default(),
        further_names: Vec::new(),
        said: BTreeSet::new(),
        directories: BTreeMap::new(),
    };
    sources::tell(&mut conversion, &root);
    let mut plan = top::convert(&mut conversion);
    repair::repair(&mut conversion, &mut plan);
    credentials::tell(&mut conversion);
    let secrets = conversion.credentials.named_in(&plan);
    let (notes, leaves) = conversion.ledger.close();
    Ok(Converted { plan, secrets, notes, leaves })
}

/// Variables of the surroundings, and those of `.env` beside the Compose file.
struct Variables<'a> {
    surroundings: &'a dyn Surroundings,
    file: BTreeMap<String, String>,
}

impl<'a> Variables<'a> {
    fn of(surroundings: &'a dyn Surroundings) -> Self {
        let mut file = BTreeMap::new();
        if let Found::File(bytes) = surroundings.find(".env") {
            let read = env_file::parse(&String::from_utf8_lossy(&bytes), &|name| surroundings.variable(name));
            file.extend(read.variables.into_iter().filter_map(|variable| Some((variable.name, variable.value?))));
        }
        Self { surroundings, file }
    }

    fn value(&self, name: &str) -> Option<String> {
        self.surroundings.variable(name).or_else(|| self.file.get(name).cloned())
    }
}

/// A service of the file that becomes one of the plan.
#[derive(Debug, Clone)]
struct Planned<'a> {
    /// Its name in the file.
    compose: &'a str,
    /// Its name in the plan.
    name: ServiceName,
    node: &'a Node,
    /// Whether it is done when its process has ended.
    one_shot: bool,
}

/// What is under way.
struct Conversion<'a> {
    choices: &'a Choices,
    variables: Variables<'a>,
    root: &'a Node,
    name: PlanName,
    data_root: String,
    services: Vec<Planned<'a>>,
    ledger: Ledger,
    credentials: Credentials,
    /// Names under which services are reached too: of which service, the name, and where it comes from.
    further_names: Vec<(ServiceName, String, usize)>,
    /// What is told once and no more.
    said: BTreeSet<&'static str>,
    /// The data directories, with the volume or folder that each was.
    directories: BTreeMap<String, String>,
}

impl<'a> Conversion<'a> {
    /// The service that has this name in the file, if it is one of the plan's.
    fn planned(&self, compose: &str) -> Option<&Planned<'a>> {
        self.services.iter().find(|planned| planned.compose == compose)
    }

    /// The path of a file beside the Compose file, as the plan has to name it.
    fn beside(&self, path: &str) -> String {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        match (path, self.choices.way.as_str()) {
            (path, _) if path.starts_with('/') => path.to_owned(),
            ("" | ".", "") => ".".to_owned(),
            ("" | ".", way) => way.to_owned(),
            (path, "") => path.to_owned(),
            (path, way) => format!("{way}/{path}"),
        }
    }

    /// Whether this is said for the first time.
    fn first(&mut self, what: &'static str) -> bool {
        self.said.insert(what)
    }
}
