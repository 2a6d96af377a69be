//! Small files that travel with the plan. Reads nothing, changes nothing.

use super::{examples, snippets};
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
///
/// Landfall keeps a copy, so the file beside the plan is needed at deployment only.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(title = "Config", extend("examples" = examples::configs(), "defaultSnippets" = snippets::configs()))]
#[schemars(rename = "Config", deny_unknown_fields, extend("oneOf" = [{"required": ["file"]}, {"required": ["content"]}, {"required": ["template"]}]))]
struct Fields {
    /// A file whose content is taken, relative to the plan file.
    ///
    /// Instead of it, `content` or `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"nginx.conf", example = &"configs/app.toml")]
    file: Option<PlanPath>,
    /// The content itself, byte for byte; nothing in it is interpolated. A last line needs its `\\n`.
    ///
    /// Instead of it, `file` or `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"colour = blue\n")]
    content: Option<String>,
    /// The content with secrets in it: `{{name}}` as it is, `{{url name}}` percent-encoded, `{{json name}}` as a JSON text.
    ///
    /// Instead of it, `file` or `content`. Nothing but names from the secrets file can stand between the braces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"token = {{json api_token}}\n")]
    template: Option<String>,
    /// The file's absolute path in the container.
    #[schemars(example = &"/etc/nginx/nginx.conf", example = &"/etc/app/app.toml")]
    target: ContainerPath,
    /// Who owns the file in the container, as `uid:gid` in numbers. By default root.
    #[serde(default = "super::root")]
    #[schemars(example = &"999:999", example = &"0:0")]
    owner: Owner,
    /// The file's permissions in octal. By default everybody in the container may read it.
    #[serde(default = "read_by_all")]
    #[schemars(example = &"0400", example = &"0444")]
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
