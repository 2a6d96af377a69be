//! Where the output goes. Reads nothing, changes nothing.

use super::Conversion;
use super::image::put;
use super::service::Field;
use super::tree::Node;
use crate::plan::written::Written;

/// Takes the logging over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned: _, name, node } = field;
    if name != "logging" {
        return false;
    }
    let written = node.member("driver").and_then(Node::text).unwrap_or("json-file");
    let driver = match written {
        "json-file" | "local" | "k8s-file" => "file",
        "journald" => "journald",
        "syslog" => "syslog",
        "none" => "none",
        other => {
            let message = format!("a plan has no logging driver `{other}`");
            conversion.ledger.lost(node, message, "a plan has `file`, `journald`, `syslog` and `none`");
            return true;
        }
    };
    let mut logging = Written::object();
    for (name, value) in conversion.members(node) {
        match name.as_str() {
            "driver" => {
                conversion.ledger.carried(value);
                if driver != "file" {
                    logging.put("driver", Written::text(driver).out_of(value.id));
                }
            }
            "options" => options(conversion, driver, value, &mut logging),
            other => conversion.ledger.lost(value, format!("logging has no `{other}`"), ""),
        }
    }
    put(service, "logging", (!logging.is_empty()).then(|| logging.out_of(node.id)));
    true
}

fn options<'a>(conversion: &mut Conversion<'a>, driver: &str, node: &'a Node, logging: &mut Written) {
    for (name, value) in conversion.members(node) {
        match (name.as_str(), driver) {
            ("max-size", "file") => put(logging, "max_size", conversion.size(value)),
            ("max-file", "file") if value.text() == Some("1") => {
                conversion.ledger.needless(value, "Podman keeps one file");
            }
            ("max-file", "file") => {
                conversion.ledger.lost(value, "Podman keeps one file, and begins it anew", "give `max_size` more room");
            }
            ("tag", "journald" | "syslog") => {
                if let Some(text) = conversion.text(value) {
                    conversion.ledger.carried(value);
                    logging.put("tag", Written::text(text).out_of(value.id));
                }
            }
            ("compress" | "mode" | "max-buffer-size", "file") => {
                conversion.ledger.needless(value, "how the engine writes its file is its own matter");
            }
            _ => {
                let help = "a plan has `max_size` for files, and `tag` for `journald` and `syslog`";
                conversion.ledger.lost(value, format!("the logging of a plan has no `{name}`"), help);
            }
        }
    }
}
