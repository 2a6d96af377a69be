//! The starter plan that follows from the answers. Reads nothing, changes nothing.

use crate::plan::written::Written;
use std::collections::BTreeMap;

/// What stands for "I don't want one".
pub const NONE: &str = "none";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The plan's name.
    Name,
    /// The service's name.
    Service,
    /// Where its image comes from.
    Image,
    /// The published port.
    Port,
    /// How to tell that it works.
    Health,
    /// Its data directory, in the container.
    Data,
    /// The most memory that it may use.
    Memory,
    /// The secrets that it reads.
    Secrets,
    /// Who is told when it is unhealthy.
    Mail,
    /// The server that takes the mail.
    Smtp,
}

impl Question {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Service,
        Self::Image,
        Self::Port,
        Self::Health,
        Self::Data,
        Self::Memory,
        Self::Secrets,
        Self::Mail,
        Self::Smtp,
    ];

    /// The option that answers it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Name => "--name",
            Self::Service => "--service",
            Self::Image => "--image",
            Self::Port => "--port",
            Self::Health => "--health",
            Self::Data => "--data",
            Self::Memory => "--memory",
            Self::Secrets => "--secret",
            Self::Mail => "--mail",
            Self::Smtp => "--smtp",
        }
    }

    /// As it is asked.
    pub fn words(self) -> &'static str {
        match self {
            Self::Name => "Name of the plan",
            Self::Service => "Name of the service",
            Self::Image => "Image, with its registry, or an archive (docker.io/library/nginx:1.27, images/app.tar.zst)",
            Self::Port => "Published port (ADDRESS:PORT:PORT IN THE CONTAINER)",
            Self::Health => "Health check: a URL, HOST:PORT, or a command in the container",
            Self::Data => "Directory in the container whose data is to be kept",
            Self::Memory => "Most memory that it may use",
            Self::Secrets => "Secrets that it reads from /run/secrets, by name",
            Self::Mail => "Mail address to write to when it is unhealthy",
            Self::Smtp => "Mail server (without one, the server's own sendmail)",
        }
    }
}

/// What was answered so far.
#[derive(Debug, Clone, Default)]
pub struct Answers(BTreeMap<Question, String>);

impl Answers {
    /// Takes an answer down.
    pub fn put(&mut self, question: Question, answer: &str) {
        self.0.insert(question, answer.trim().to_owned());
    }

    /// The answer, if there is one.
    pub fn given(&self, question: Question) -> Option<&str> {
        self.0.get(&question).map(String::as_str)
    }

    /// The answer that is meant if none is given; `None` where one must be.
    pub fn default_of(&self, question: Question, folder: &str) -> Option<String> {
        match question {
            Question::Name => Some(name_from(folder)),
            Question::Service => Some("web".to_owned()),
            Question::Image => None,
            Question::Port => Some("127.0.0.1:8080:80".to_owned()),
            Question::Health => self.wanted(Question::Port).map(|port| {
                let published = port.split('/').next().unwrap_or_default().rsplit(':').nth(1).unwrap_or_default();
                format!("http://localhost:{published}/")
            }),
            Question::Memory => Some("256MiB".to_owned()),
            Question::Data | Question::Secrets | Question::Mail | Question::Smtp => Some(NONE.to_owned()),
        }
    }

    /// The answer, unless it is that there is to be none.
    pub fn wanted(&self, question: Question) -> Option<&str> {
        self.given(question).filter(|answer| *answer != NONE && !answer.is_empty())
    }

    /// The names of the secrets.
    pub fn secrets(&self) -> Vec<&str> {
        let names = self.wanted(Question::Secrets).unwrap_or_default().split([',', ' ']);
        names.filter(|name| !name.is_empty()).collect()
    }
}

/// A name made from a folder's.
fn name_from(folder: &str) -> String {
    let lower = folder.to_ascii_lowercase();
    let dashed: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = dashed.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    let name = name.get(..name.len().min(31)).unwrap_or_default().trim_end_matches('-');
    let usable = crate::plan::values::PlanName::parse(name).is_ok();
    if usable { name.to_owned() } else { "shop".to_owned() }
}

/// The plan.
pub fn plan(answers: &Answers) -> Written {
    let text = |question| Written::text(answers.given(question).unwrap_or_default());
    let service = answers.given(Question::Service).unwrap_or_default();
    let mut plan = Written::object()
        .with("$schema", Written::text("schema/plan.v1.json"))
        .with(
            "x-comment",
            Written::text("Editors show what a field means, by $schema. Keys that begin with x- are yours."),
        )
        .with("version", 1)
        .with("name", text(Question::Name))
        .with("services", Written::object().with(service, one_service(answers)));
    if let Some(maintenance) = maintenance(answers) {
        plan.put("maintenance", maintenance);
    }
    plan
}

fn one_service(answers: &Answers) -> Written {
    let image = answers.given(Question::Image).unwrap_or_default();
    let mut service = Written::object().with("image", image_of(image));
    let secrets: Vec<_> = answers
        .secrets()
        .into_iter()
        .map(|name| {
            let target = Written::text(format!("/run/secrets/{name}"));
            Written::object().with("secret", Written::text(name)).with("target", target)
        })
        .collect();
    if !secrets.is_empty() {
        service.put(
            "x-secrets",
            Written::text("A service that doesn't run as root needs its uid:gid as owner of the file."),
        );
        service.put("secrets", Written::list(secrets));
    }
    if let Some(target) = answers.wanted(Question::Data) {
        let (name, service_name) = (answers.given(Question::Name), answers.given(Question::Service));
        let source = format!("/srv/{}/{}", name.unwrap_or_default(), service_name.unwrap_or_default());
        let volume = Written::object()
            .with("source", Written::text(source))
            .with("target", Written::text(target))
            .with("owner", Written::text("0:0"))
            .with("mode", Written::text("0750"));
        service.put("x-volumes", Written::text("Owner and mode are for a directory that isn't there yet."));
        service.put("volumes", Written::list(vec![volume]));
    }
    if let Some(port) = answers.wanted(Question::Port) {
        service.put("ports", Written::texts([port]));
    }
    if let Some(health) = answers.wanted(Question::Health) {
        service.put("healthcheck", healthcheck(health));
    }
    service.put("memory", Written::text(answers.given(Question::Memory).unwrap_or_default()));
    service
}

fn image_of(text: &str) -> Written {
    const ARCHIVES: [&str; 6] = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".oci"];
    if ARCHIVES.iter().any(|ending| text.ends_with(ending)) {
        return Written::object().with("archive", Written::text(text));
    }
    Written::text(text)
}

fn healthcheck(text: &str) -> Written {
    let check = Written::object();
    if text.starts_with("http://") || text.starts_with("https://") {
        return check.with("http", Written::text(text));
    }
    let is_target = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if is_target && !text.contains(' ') {
        return check.with("tcp", Written::text(text));
    }
    check.with("exec", Written::texts(shlex::split(text).unwrap_or_else(|| vec![text.to_owned()])))
}

fn maintenance(answers: &Answers) -> Option<Written> {
    let to = answers.wanted(Question::Mail)?;
    let domain = to.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mut mail =
        Written::object().with("to", Written::texts([to])).with("from", Written::text(format!("landfall@{domain}")));
    if let Some(host) = answers.wanted(Question::Smtp) {
        mail.put("smtp", Written::object().with("host", Written::text(host)));
    }
    let schedule = Written::object().with("schedule", Written::text("*/5 * * * *"));
    Some(Written::object().with("healthcheck", schedule).with("mail", mail))
}
