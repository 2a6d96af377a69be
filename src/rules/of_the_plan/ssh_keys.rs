//! SSH keys and the hosts that they are for. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::Problem;
use crate::rules::place::field;
use base64::{Engine, engine::general_purpose::STANDARD};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let Image::Source(ImageSource::Ssh { key, ssh, sha256: _, id: _, timeout: _ }) = &service.image else {
            continue;
        };
        if let Some(described) = plan.ssh_keys.get(key) {
            let host = ssh.host().to_string();
            if !described.known_hosts.iter().any(|line| may_name(line, &host)) {
                let at = Pointer::of(["ssh_keys", key.as_str()]);
                findings.push(
                    Finding::error(Code::BadKnownHosts, at, format!("no line of `known_hosts` names `{host}`"))
                        .at_key()
                        .label("nobody could tell that server from another")
                        .also(field(name, "image").then("ssh"), "fetched from there")
                        .help(format!(
                            "add what `ssh-keyscan {host}` prints, compared with what that server's administrator says"
                        )),
                );
            }
        } else {
            let known: Vec<_> = plan.ssh_keys.keys().map(|known| format!("`{known}`")).collect();
            let help = match known.as_slice() {
                [] => format!("add `ssh_keys` with `{key}` to the plan"),
                known => format!("the keys are {}", known.join(", ")),
            };
            let at = field(name, "image").then("key");
            findings.push(
                Finding::error(Code::UnknownKey, at, format!("there is no SSH key `{key}`"))
                    .label("not among the plan's `ssh_keys`")
                    .help(help),
            );
        }
    }
    for (name, key) in &plan.ssh_keys {
        for (index, line) in key.known_hosts.iter().enumerate() {
            if let Err(problem) = known_host(line) {
                findings.push(problem.at(Pointer::of(["ssh_keys", name.as_str(), "known_hosts"]).then(index)));
            }
        }
    }
    findings
}

/// Whether a line is for this host; of one with a hashed name nobody knows.
fn may_name(line: &str, host: &str) -> bool {
    let names = line.split_ascii_whitespace().next().unwrap_or_default();
    names.starts_with('|') || names.split(',').any(|name| name.eq_ignore_ascii_case(host))
}

/// One line: hosts, kind of key, key, and perhaps a comment.
fn known_host(line: &str) -> Result<(), Problem> {
    let problem = |what: &str| Problem::new(Code::BadKnownHosts, format!("the line for `known_hosts` {what}"));
    let form = "`HOST KIND KEY`, as `ssh-keyscan HOST` prints it";
    if line.chars().any(char::is_control) {
        return Err(problem("has a control character").label("one line without its line break").help(form));
    }
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    let (hosts, kind, key) = match words.as_slice() {
        [marker, ..] if marker.starts_with('@') => {
            return Err(problem(&format!("begins with `{marker}`"))
                .label("it would change whom the VSN trusts beyond this host")
                .help("name the host and its own key"));
        }
        [comment, ..] if comment.starts_with('#') => {
            return Err(problem("is a comment").label("trusts nobody").help(form));
        }
        [hosts, kind, key, ..] => (hosts, kind, key),
        [] | [_] | [_, _] => return Err(problem("has too few words").label("three words at least").help(form)),
    };
    if hosts.contains(['*', '?', '!']) {
        return Err(problem(&format!("has the pattern `{hosts}`"))
            .label("a pattern trusts hosts that nobody has named")
            .help("name the host"));
    }
    let blob = STANDARD.decode(key).unwrap_or_default();
    let says = blob.get(4..).is_some_and(|rest| rest.starts_with(kind.as_bytes()));
    if says {
        Ok(())
    } else {
        Err(problem(&format!("has no key of the kind `{kind}`")).label("the key says its kind itself").help(form))
    }
}
