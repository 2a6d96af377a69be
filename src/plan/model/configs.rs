//! Small files that travel with the plan. Reads nothing, changes nothing.

use crate::plan::values::{ContainerPath, Mode, Owner, PlanPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A small file that travels with the plan and is mounted read-only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Config {
    /// Where its content comes from.
    pub source: ConfigSource,
    /// The file in the container.
    pub target: ContainerPath,
    /// Its owner.
    pub owner: Owner,
    /// Its mode.
    pub mode: Mode,
}

/// Where a config's content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigSource {
    /// A file beside the plan.
    File(PlanPath),
    /// The plan itself.
    Content(String),
    /// The plan itself, with secrets filled in.
    Template(String),
}

/// A small file that travels with the plan, mounted read-only: exactly one of `file`, `content` and `template`.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Config", deny_unknown_fields, extend("oneOf" = [{"required": ["file"]}, {"required": ["content"]}, {"required": ["template"]}]))]
struct Fields {
    /// A file, relative to the plan file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<PlanPath>,
    /// The content itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// The content, with secrets in it: `{{name}}`, `{{url name}}`, `{{json name}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    /// The file in the container.
    target: ContainerPath,
    /// Its owner, as `uid:gid`.
    #[serde(default = "super::root")]
    owner: Owner,
    /// Its mode.
    #[serde(default = "read_by_all")]
    mode: Mode,
}

fn read_by_all() -> Mode {
    Mode::ALL_READ
}

impl TryFrom<Fields> for Config {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { file, content, template, target, owner, mode } = fields;
        let source = match (file, content, template) {
            (Some(file), None, None) => ConfigSource::File(file),
            (None, Some(content), None) => ConfigSource::Content(content),
            (None, None, Some(template)) => ConfigSource::Template(template),
            (None | Some(_), None | Some(_), None | Some(_)) => {
                return Err("a config needs exactly one of `file`, `content` and `template`");
            }
        };
        Ok(Self { source, target, owner, mode })
    }
}

impl From<Config> for Fields {
    fn from(config: Config) -> Self {
        let Config { source, target, owner, mode } = config;
        let (file, content, template) = match source {
            ConfigSource::File(file) => (Some(file), None, None),
            ConfigSource::Content(content) => (None, Some(content), None),
            ConfigSource::Template(template) => (None, None, Some(template)),
        };
        Self { file, content, template, target, owner, mode }
    }
}

impl JsonSchema for Config {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Fields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Fields::json_schema(generator)
    }
}
