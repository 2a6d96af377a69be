//! Texts with secrets in them, in the environment and in configs. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{ConfigSource, Environment, Plan};
use crate::plan::template::Template;
use crate::rules::place::{element, field};
use serde_json::json;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (variable, value) in &service.environment {
            match value {
                Environment::Text(_) | Environment::Secret { secret: _ } => {}
                Environment::Template { template } => {
                    let at = field(name, "environment").then(variable).then("template");
                    findings.extend(one(template, at, "write the text itself: `\"NAME\": \"text\"`"));
                }
            }
        }
        for (index, config) in service.configs.iter().enumerate() {
            match &config.source {
                ConfigSource::File(_) | ConfigSource::Content(_) => {}
                ConfigSource::Template(template) => {
                    let at = element(name, "configs", index).then("template");
                    findings.extend(one(template, at, "write `content` instead of `template`"));
                }
            }
        }
    }
    findings
}

fn one(text: &str, at: Pointer, instead: &str) -> Option<Finding> {
    match Template::parse(text) {
        Err(problem) => Some(problem.at(at)),
        Ok(template) if template.secrets().is_empty() => Some({
            let finding = Finding::error(Code::NoEffect, at.clone(), "a template without a secret")
                .label("no `{{name}}` in it")
                .help(instead);
            // What is written `\\{{` in a template is `{{` in a plain text.
            if text.contains("{{") {
                return Some(finding);
            }
            match at.parent().filter(|_| at.segments().any(|segment| segment == "environment")) {
                // What is no template is a plain text: the variable's value, or a config's `content`.
                Some(variable) => finding.fix("write the text itself", Place::Value(variable), json!(text)),
                None => finding.fix("write `content`", Place::Key(at), json!("content")),
            }
        }),
        Ok(_) => None,
    }
}
