//! Fills the templates of the scripts in, strictly: every value becomes one word of Bash. Reads nothing, changes nothing.

use super::{ScriptProblem, quoted};
use crate::operation::{Layout, Script};
use crate::packed::{by_name, unpacked};
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// The templates by name, as `build.rs` packs them; a name that begins with `_` is a part of others.
fn packed() -> String {
    unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/templates")))
}

/// The programs' search path, the same that Landfall itself uses.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The templates, parsed.
pub(super) struct Templates(Handlebars<'static>);

/// What every template may use, besides its own values.
#[derive(Serialize)]
struct Values<'a, Own: Serialize> {
    /// The script's name, which is also that of its lock.
    script: &'a str,
    plan: String,
    path: &'static str,
    /// The plan's folder in `/run`.
    volatile: String,
    /// The plan's state folder.
    state: String,
    saved: String,
    stopped: String,
    jobs: String,
    /// What jobs remember between two firings.
    health: String,
    #[serde(flatten)]
    own: Own,
}

/// All templates of this program, once they are needed: to parse them takes some milliseconds.
static ALL: LazyLock<Result<Templates, ScriptProblem>> = LazyLock::new(Templates::parsed);

impl Templates {
    /// All templates of this program.
    ///
    /// # Errors
    /// [`ScriptProblem::Template`].
    pub(super) fn all() -> Result<&'static Self, ScriptProblem> {
        ALL.as_ref().map_err(ScriptProblem::clone)
    }

    fn parsed() -> Result<Self, ScriptProblem> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(quoted);
        registry.register_helper("words", Box::new(words));
        for (name, text) in by_name(&packed()) {
            registry
                .register_template_string(name, text)
                .map_err(|problem| ScriptProblem::Template { script: name.to_owned(), said: problem.to_string() })?;
        }
        Ok(Self(registry))
    }

    /// The script `name`, made from `template` with these values.
    ///
    /// # Errors
    /// See [`ScriptProblem`].
    pub(super) fn fill(
        &self,
        template: &str,
        name: &str,
        layout: &Layout,
        own: impl Serialize,
    ) -> Result<Script, ScriptProblem> {
        let values = Values {
            script: name,
            plan: layout.plan().to_string(),
            path: PATH,
            volatile: layout.volatile().display().to_string(),
            state: layout.state().display().to_string(),
            saved: layout.saved().display().to_string(),
            stopped: layout.stopped().display().to_string(),
            jobs: layout.jobs().display().to_string(),
            health: layout.health().display().to_string(),
            own,
        };
        let problem = |said: String| ScriptProblem::Template { script: name.to_owned(), said };
        let values = serde_json::to_value(values).map_err(|defect| problem(defect.to_string()))?;
        if let Some(text) = text_with_nul(&values) {
            return Err(ScriptProblem::Nul { script: name.to_owned(), text: text.to_owned() });
        }
        let text = self
            .0
            .render_with_context(template, &Context::from(values))
            .map_err(|defect| problem(defect.to_string()))?;
        Ok(Script { name: name.to_owned(), text })
    }
}

/// `{{words list}}`: every text of the list as a word of Bash, with spaces between.
fn words(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let wrong = || RenderErrorReason::Other("`words` takes one list of texts".to_owned());
    let list = helper.param(0).and_then(|list| list.value().as_array()).ok_or_else(wrong)?;
    let texts: Option<Vec<String>> = list.iter().map(|word| word.as_str().map(quoted)).collect();
    out.write(&texts.ok_or_else(wrong)?.join(" "))?;
    Ok(())
}

fn text_with_nul(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.contains('\0').then_some(text),
        Value::Array(values) => values.iter().find_map(text_with_nul),
        Value::Object(values) => values.values().find_map(text_with_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// Whether a value is filled in inside quotes of Bash, where it would not stay one word.
    fn fills_in_inside_quotes(line: &str) -> bool {
        let line = line.replace("\\{{", "");
        let mut quote = None;
        let mut before = ' ';
        for (place, character) in line.char_indices() {
            match (character, quote) {
                ('#', None) if before.is_whitespace() => return false,
                ('\'' | '"', None) => quote = Some(character),
                (character, Some(open)) if character == open => quote = None,
                ('{', Some(_)) => {
                    let value = line[place..].strip_prefix("{{").is_some_and(|tag| !tag.starts_with(['#', '/', '>']));
                    if value {
                        return true;
                    }
                }
                (_, None | Some(_)) => {}
            }
            before = character;
        }
        false
    }

    #[test]
    fn no_template_gets_around_the_quoting() {
        let packed = packed();
        let bare: Vec<(&str, usize, &str)> = by_name(&packed)
            .flat_map(|(name, text)| text.lines().enumerate().map(move |(number, line)| (name, number + 1, line)))
            .filter(|(_, _, line)| line.contains("{{{") || line.contains("{{&") || fills_in_inside_quotes(line))
            .collect();
        assert_eq!(bare, []);
    }

    #[test]
    fn all_templates_are_there() {
        let packed = packed();
        let names: Vec<_> = by_name(&packed).map(|(name, _)| name).collect();
        let parts = ["_booting", "_check", "_deployed", "_exec", "_locked", "_ports", "_record", "_start"];
        let scripts = ["boot", "cleanup", "healthcheck", "job", "mail", "recover"];
        assert_eq!(names, [parts.as_slice(), &scripts].concat());
    }

    #[test]
    fn a_value_inside_quotes_is_noticed() {
        let lines = ["a {{b}}", "a \"{{b}}\"", "a '{{b}}'", "'a'{{b}}", "\"it's {{b}}\"", "# it's {{b}}", "'\\{{b}}'"];
        let noticed: Vec<&str> = lines.into_iter().filter(|line| fills_in_inside_quotes(line)).collect();
        assert_eq!(noticed, ["a \"{{b}}\"", "a '{{b}}'", "\"it's {{b}}\""]);
    }

    #[test]
    fn a_value_that_is_missing_is_a_defect_that_is_told() {
        let layout = Layout::new("/var/lib/landfall".as_ref(), &crate::plan::values::PlanName::parse("shop").unwrap());
        let templates = Templates::all().unwrap();
        let Err(ScriptProblem::Template { script, said }) = templates.fill("job", "job-dump", &layout, ()) else {
            panic!("a template without its values was filled in");
        };
        assert_eq!(script, "job-dump");
        assert!(said.contains("in strict mode"), "{said}");
    }
}
