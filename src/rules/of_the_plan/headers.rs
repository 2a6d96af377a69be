//! Headers of a health check's request. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::{Plan, Probe};
use crate::rules::place::field;
use serde_json::Value;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let Some(Probe::Http(check)) = service.healthcheck.as_ref().map(|check| &check.probe) else { continue };
        let headers = field(name, "healthcheck").then("http").then("headers");
        for (header, value) in &check.headers {
            let at = headers.then(header);
            if header.is_empty() || !header.chars().all(is_token) {
                let message = format!("`{}` is not a header's name", header.escape_debug());
                let finding = Finding::error(Code::WrongForm, at.clone(), message)
                    .at_key()
                    .label("letters, digits and `!#$%&'*+-.^_`|~`, without the colon");
                let bare = header.trim().trim_end_matches(':');
                let right = !bare.is_empty() && bare.chars().all(is_token) && !check.headers.contains_key(bare);
                findings.push(if right {
                    finding.fix(format!("write `{bare}`"), Place::Key(at.clone()), Value::from(bare))
                } else {
                    finding
                });
            }
            if value.chars().any(|character| character.is_control() && character != '\t') {
                let message = format!("the value of the header `{}` has a control character", header.escape_debug());
                findings.push(
                    Finding::error(Code::WrongForm, at, message)
                        .label("line breaks end a header")
                        .help("write it on one line"),
                );
            }
        }
    }
    findings
}

/// A character of a token (RFC 9110, section 5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}
