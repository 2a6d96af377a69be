//! Texts with secrets in them, in the environment and in configs. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{ConfigSource, Environment, Plan};
use crate::plan::template::Template;
use crate::plan::values::Problem;
use crate::rules::place::{element, field};

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
        Err(Problem { message, label, help, code }) => Some(Finding::error(code, at, message).label(label).help(help)),
        Ok(template) if template.secrets().is_empty() => Some(
            Finding::error(Code::NoEffect, at, "a template without a secret")
                .label("no `{{name}}` in it")
                .help(instead),
        ),
        Ok(_) => None,
    }
}
