//! Health checks. Reads nothing, changes nothing.

use super::image::put;
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, Fate};
use crate::plan::written::Written;

/// Takes a health check over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    if name != "healthcheck" {
        return false;
    }
    put(service, "healthcheck", check(conversion, node));
    true
}

fn check<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let members = conversion.members(node);
    let disabled = node.member("disable").and_then(Node::switch) == Some(true);
    let none = node
        .member("test")
        .is_some_and(|test| matches!(test.elements().first().or(Some(test)).and_then(Node::text), Some("NONE")));
    if disabled || none {
        // The image's own check is off in a plan, too.
        conversion.ledger.carried(node);
        return None;
    }
    let exec = match node.member("test") {
        Some(test) => command(conversion, test),
        None => {
            let help = "write what the image's own check runs: `\"exec\": […]`, or ask by `http` or `tcp`";
            for (name, value) in members {
                conversion.ledger.lost(
                    value,
                    format!("`{name}` changes the image's own check, which is off in a plan"),
                    help,
                );
            }
            return None;
        }
    };
    let Some(exec) = exec else {
        for (name, value) in members.iter().filter(|(name, _)| name != "test") {
            conversion.ledger.lost(value, format!("`{name}` is of a check that can't be carried over"), "");
        }
        return None;
    };
    let mut check = Written::object().with("exec", exec);
    for (name, value) in members {
        match name.as_str() {
            "test" => {}
            "interval" | "timeout" | "start_period" => put(&mut check, name, conversion.duration(value)),
            "retries" => put(&mut check, "retries", retries(conversion, value)),
            "disable" => conversion.ledger.needless(value, "it is the default"),
            "start_interval" => {
                let message = "at start a plan's checks begin after 20 ms and get rarer by themselves";
                conversion.ledger.needless(value, message);
            }
            own if own.starts_with("x-") => conversion.ledger.needless(value, "it is the author's own"),
            other => conversion.ledger.lost(value, format!("a health check has no `{other}`"), ""),
        }
    }
    if node.member("timeout").is_none() {
        check.put("timeout", Written::text("30s"));
    }
    Some(check.out_of(node.id))
}

fn retries<'a>(conversion: &mut Conversion<'a>, node: &'a Node) -> Option<Written> {
    let text = conversion.text(node)?;
    match text.parse::<i64>() {
        Ok(0) => {
            conversion.ledger.needless(node, "zero stands for the default");
            None
        }
        Ok(number @ 1..=1000) => {
            conversion.ledger.carried(node);
            Some(Written::from(number).out_of(node.id))
        }
        Ok(_) | Err(_) => {
            conversion.ledger.lost(node, format!("`{text}` is not a number from 1 to 1000"), "");
            None
        }
    }
}

fn command<'a>(conversion: &mut Conversion<'a>, test: &'a Node) -> Option<Written> {
    let shell = |line: &str| Written::texts(["/bin/sh", "-c", line]).out_of(test.id);
    if let Kind::Scalar(_) = &test.kind {
        let line = conversion.text(test)?;
        conversion.ledger.carried(test);
        return Some(shell(line));
    }
    let words: Vec<_> = conversion.elements(test).iter().filter_map(Node::text).collect();
    let exec = match words.as_slice() {
        ["CMD-SHELL", line] => shell(line),
        ["CMD", words @ ..] if !words.is_empty() => Written::texts(words).out_of(test.id),
        _ => {
            let help = "write `[\"CMD\", \"program\", \"argument\"]`, or one text for a shell";
            conversion.ledger.lost(test, "the test begins with neither `CMD` nor `CMD-SHELL`", help);
            return None;
        }
    };
    conversion.ledger.carried(test);
    if let Some(lost) = test.elements().iter().find(|element| element.text().is_none()) {
        conversion.ledger.remark(lost, Fate::Lost, "it is no text", "");
    }
    Some(exec)
}
