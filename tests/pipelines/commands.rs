//! The commands of the pipelines in `docs/ci`, as the hosting service would run them: with which shell, in which environment.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// A command of a pipeline, with what the file says about its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is called in the file.
    pub name: String,
    /// The program that reads it, with its arguments before the text.
    pub shell: &'static [&'static str],
    /// The text.
    pub text: String,
    /// Variables that the file sets; `${{ … }}` is the service's to fill in.
    pub variables: Vec<(String, String)>,
}

/// How GitHub runs a step whose shell is `bash`.
const GITHUB: &[&str] = &["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"];
/// How a GitLab runner runs a job.
const GITLAB: &[&str] = &["bash", "-e", "-o", "pipefail", "-c"];
/// How Jenkins runs `sh`.
const JENKINS: &[&str] = &["sh", "-xe", "-c"];

pub fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci").join(file)).unwrap()
}

/// A YAML file without anchors and tags as JSON; every scalar is a text, but for nothing.
pub fn yaml(text: &str) -> Value {
    let mut events = Parser::new_from_str(text).map(|event| event.unwrap().0).filter(|event| {
        !matches!(event, Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamEnd)
    });
    let first = events.next().unwrap();
    value(first, &mut events)
}

fn value<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, _, _) if text.is_empty() => Value::Null,
        Event::Scalar(text, _, _, _) => Value::from(text.into_owned()),
        Event::SequenceStart(_, _) => {
            let mut list = Vec::new();
            loop {
                match events.next().unwrap() {
                    Event::SequenceEnd => return list.into(),
                    event => list.push(value(event, events)),
                }
            }
        }
        Event::MappingStart(_, _) => {
            let mut map = Map::new();
            loop {
                match events.next().unwrap() {
                    Event::MappingEnd => return map.into(),
                    Event::Scalar(name, _, _, _) => {
                        let next = events.next().unwrap();
                        map.insert(name.into_owned(), value(next, events));
                    }
                    event => panic!("a name that is no text: {event:?}"),
                }
            }
        }
        event => panic!("not read here: {event:?}"),
    }
}

fn variables(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// The `run` steps of the workflow, job by job.
pub fn github() -> Vec<Step> {
    let workflow = yaml(&text("github-workflow.yml"));
    assert_eq!(workflow["defaults"]["run"]["shell"], "bash");
    let mut steps = Vec::new();
    for job in ["plan", "deployed"] {
        for step in workflow["jobs"][job]["steps"].as_array().unwrap() {
            let Some(text) = step["run"].as_str() else { continue };
            let variables = [variables(&workflow["env"]), variables(&step["env"])].concat();
            let name = step["name"].as_str().unwrap().to_owned();
            steps.push(Step { name, shell: GITHUB, text: text.to_owned(), variables });
        }
    }
    assert_eq!(steps.len(), text("github-workflow.yml").matches("run: ").count(), "a step was not found");
    steps
}

/// The jobs of the pipeline; the lines of a script are one text for the shell.
pub fn gitlab() -> Vec<Step> {
    let pipeline = yaml(&text("gitlab-ci.yml"));
    let mut steps = Vec::new();
    for job in ["check", "dry-run", "diff", "comment", "deployed"] {
        let lines = pipeline[job]["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        let text = lines.collect::<Vec<_>>().join("\n");
        steps.push(Step { name: job.to_owned(), shell: GITLAB, text, variables: variables(&pipeline["variables"]) });
    }
    assert_eq!(steps.len(), text("gitlab-ci.yml").matches("script:").count(), "a job was not found");
    steps
}

/// The `sh` steps of the Jenkinsfile, each by the stage that it is in.
pub fn jenkins() -> Vec<Step> {
    let file = text("Jenkinsfile");
    let (_, environment) = file.split_once("environment {").unwrap();
    let lines = environment.split_once('}').unwrap().0.lines().filter_map(|line| line.split_once(" = "));
    let variables: Vec<_> =
        lines.map(|(name, value)| (name.trim().to_owned(), value.trim_matches('\'').to_owned())).collect();
    let mut steps = Vec::new();
    for stage in file.split("stage('").skip(1) {
        let (name, rest) = stage.split_once("')").unwrap();
        for (at, _) in rest.match_indices("sh '") {
            let quoted = &rest[at + 3..];
            let quote = if quoted.starts_with("'''") { "'''" } else { "'" };
            let text = quoted[quote.len()..].split(quote).next().unwrap().replace("\\\\", "\\");
            steps.push(Step { name: name.to_owned(), shell: JENKINS, text, variables: variables.clone() });
        }
    }
    assert_eq!(steps.len(), file.lines().filter(|line| line.trim_start().starts_with("sh '")).count());
    steps
}
