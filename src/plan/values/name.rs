//! Names that the author chooses: of plans, services, jobs, secrets and key files. Reads nothing, changes nothing.

use super::form::{Problem, Value, is_word, right, shown};
use crate::diagnostics::Code;

/// Names that engines give to networks, containers or modes of their own.
const TAKEN_BY_ENGINES: &[&str] = &["podman", "docker", "host", "bridge", "none", "container", "private", "ns"];

/// Jobs that every plan has, or that have a section of their own.
const TAKEN_BY_LANDFALL: &[&str] = &["cleanup", "healthcheck", "boot", "mail", "recover"];

const LONGEST: usize = 31;

/// The name of a plan: of its network, and the first part of its containers' names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanName(String);

/// The name of a service: what other services reach it by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

/// The name of a maintenance job of the plan's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName(String);

/// The name of a secret: a key of the secrets file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

/// The name of a private key's file in root's `.ssh` folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyFileName(String);

text!(PlanName);
text!(ServiceName);
text!(JobName);
text!(SecretName);
text!(KeyFileName);

impl PlanName {
    /// Reads a plan's name.
    ///
    /// # Errors
    /// A name of the wrong form, or one that engines keep for themselves.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        well_formed::<Self>("plan name", text)?;
        not_taken("plan name", text, TAKEN_BY_ENGINES, "engines use this name themselves")?;
        Ok(Self(text.to_owned()))
    }
}

impl ServiceName {
    /// Reads a service's name.
    ///
    /// # Errors
    /// A name of the wrong form, one that engines keep for themselves, or `localhost`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        well_formed::<Self>("service name", text)?;
        not_taken("service name", text, TAKEN_BY_ENGINES, "engines use this name themselves")?;
        not_taken("service name", text, &["localhost"], "in every container this name means the container itself")?;
        Ok(Self(text.to_owned()))
    }
}

impl JobName {
    /// Reads a job's name.
    ///
    /// # Errors
    /// A name of the wrong form, or that of one of Landfall's own jobs.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        well_formed::<Self>("job name", text)?;
        not_taken("job name", text, TAKEN_BY_LANDFALL, "Landfall uses this name for a job of its own")?;
        Ok(Self(text.to_owned()))
    }
}

impl SecretName {
    /// Reads a secret's name.
    ///
    /// # Errors
    /// A name of the wrong form.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if is_word(text, 63, |c| c.is_ascii_alphabetic() || c == '_', rest) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(Code::BadName, format!("secret name {} is not a name", shown(text)))
            .label("a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-`")
            .write(Some(text.replace(' ', "_")).filter(|near| near != text && Self::parse(near).is_ok())))
    }
}

impl KeyFileName {
    /// Files of the `.ssh` folder that mean something else to SSH.
    const TAKEN: &[&str] = &["authorized_keys", "known_hosts", "config", "environment", "rc"];

    /// Reads the name of a private key's file.
    ///
    /// # Errors
    /// A name of the wrong form, or of a file that SSH uses for something else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !is_word(text, 63, |c| c.is_ascii_alphanumeric(), rest) {
            return Err(Problem::new(Code::BadName, format!("key file name {} is not a file name", shown(text)))
                .label("a letter or digit, then up to 62 letters, digits, `_`, `.` and `-`")
                .help("write the name of a file in `/root/.ssh`, such as `id_ed25519`"));
        }
        not_taken("key file name", text, Self::TAKEN, "SSH uses this file for something else")?;
        if let Some(private) = text.strip_suffix(".pub") {
            return Err(Problem::new(Code::ReservedName, format!("key file name `{text}` is that of a public key"))
                .label("the private key's file is named here")
                .write(right::<Self>(text, private)));
        }
        Ok(Self(text.to_owned()))
    }
}

fn well_formed<K: Value>(kind: &str, text: &str) -> Result<(), Problem> {
    if is_plain_name(text) {
        return Ok(());
    }
    Err(Problem::new(Code::BadName, format!("{kind} {} is not a name", shown(text)))
        .label("a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`")
        .write(nearest_plain_name(text).and_then(|meant| right::<K>(text, meant))))
}

fn is_plain_name(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    is_word(text, LONGEST, |c| c.is_ascii_lowercase(), rest) && !text.ends_with('-')
}

fn nearest_plain_name(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase().replace(['_', '.', ' ', '/'], "-");
    let nearest = lower.trim_matches('-').to_owned();
    is_plain_name(&nearest).then_some(nearest)
}

fn not_taken(kind: &str, text: &str, taken: &[&str], reason: &str) -> Result<(), Problem> {
    if !taken.contains(&text) {
        return Ok(());
    }
    Err(Problem::new(Code::ReservedName, format!("{kind} `{text}` is taken")).label(reason).help("choose another name"))
}

value!(PlanName {
    format: "landfall-plan-name",
    pattern: plain_name!(),
    unless: r"^(podman|docker|host|bridge|none|container|private|ns)$",
    wrong: "a letter a-z, then up to 30 of a-z, 0-9 and -, the last of them not -; podman, docker, host, bridge, none, container, private and ns are taken",
    description: "The name of the plan: of its network, and the first part of its containers' names.",
    examples: ["shop", "mail-archive"],
});

value!(ServiceName {
    format: "landfall-service-name",
    pattern: plain_name!(),
    unless: r"^(podman|docker|host|bridge|none|container|private|ns|localhost)$",
    wrong: "a letter a-z, then up to 30 of a-z, 0-9 and -, the last of them not -; podman, docker, host, bridge, none, container, private, ns and localhost are taken",
    description: "The name of a service: other services reach it by this name.",
    examples: ["web", "db"],
});

value!(JobName {
    format: "landfall-job-name",
    pattern: plain_name!(),
    unless: r"^(cleanup|healthcheck|boot|mail|recover)$",
    wrong: "a letter a-z, then up to 30 of a-z, 0-9 and -, the last of them not -; cleanup, healthcheck, boot, mail and recover are taken",
    description: "The name of a maintenance job.",
    examples: ["dump", "rotate-tokens"],
});

value!(SecretName {
    format: "landfall-secret-name",
    pattern: r"^[A-Za-z_][A-Za-z0-9_.-]{0,62}$",
    wrong: "a letter or _, then up to 62 letters, digits, _, . and -",
    description: "The name of a secret: a key of the secrets file.",
    examples: ["db_password"],
});

value!(KeyFileName {
    format: "landfall-key-file-name",
    pattern: r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
    unless: r"^(authorized_keys|known_hosts|config|environment|rc)$|\.pub$",
    wrong: "the name of a file in /root/.ssh; not one that SSH uses for something else, not a public key",
    description: "The name of a private key's file in /root/.ssh.",
    examples: ["id_rsa", "id_ed25519"],
});
