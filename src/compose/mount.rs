//! Reads one mount, in its short and its long form. Reads nothing, changes nothing.

use super::tree::{Kind, Node};
use super::{Conversion, Fate};

/// What is mounted where.
pub struct Mount {
    /// What is mounted.
    pub source: Source,
    /// Where in the container.
    pub target: String,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
pub enum Source {
    /// A volume by its name.
    Named(String),
    /// A volume without a name.
    Anonymous,
    /// A folder or file of the server.
    Path(String),
    /// A directory in memory, with `size=…` and `mode=…`.
    InMemory {
        /// The most it may hold.
        size: Option<String>,
        /// Its mode.
        mode: Option<String>,
    },
}

/// Reads a mount. What can't be carried over is listed; where nothing of it can, there is none.
pub fn mount<'a>(conversion: &mut Conversion<'a>, element: &'a Node) -> Option<Mount> {
    match &element.kind {
        Kind::Scalar(_) => {
            let text = conversion.text(element)?;
            Some(short(conversion, element, text))
        }
        Kind::Map(_) => long(conversion, element),
        Kind::List(_) => {
            conversion.ledger.lost(element, "a list stands where a volume is expected", "");
            None
        }
    }
}

fn named_or_path(source: &str) -> Source {
    if source.starts_with(['/', '.', '~']) { Source::Path(source.to_owned()) } else { Source::Named(source.to_owned()) }
}

/// `[SOURCE:]TARGET[:OPTIONS]`
fn short(conversion: &mut Conversion<'_>, element: &Node, text: &str) -> Mount {
    let Some((source, rest)) = text.split_once(':') else {
        return Mount { source: Source::Anonymous, target: text.to_owned(), read_only: false };
    };
    let (target, options) = rest.split_once(':').unwrap_or((rest, ""));
    let mut read_only = false;
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option {
            "ro" => read_only = true,
            "rw" => {}
            "z" | "Z" => {
                let message =
                    "labels of existing data are never changed; directories that Landfall creates get the right one";
                conversion.ledger.remark(element, Fate::Changed, message, "");
            }
            "cached" | "delegated" | "consistent" | "nocopy" | "copy" => {
                let message = format!("the option `{option}` has no effect on a directory of the VSN");
                conversion.ledger.remark(element, Fate::Needless, message, "");
            }
            _ => {
                let message = format!("a volume of a plan has no option `{option}`");
                conversion.ledger.remark(element, Fate::Lost, message, "a plan has `read_only`, `owner` and `mode`");
            }
        }
    }
    Mount { source: named_or_path(source), target: target.to_owned(), read_only }
}

fn long<'a>(conversion: &mut Conversion<'a>, element: &'a Node) -> Option<Mount> {
    let text = |name: &str| element.member(name).and_then(Node::text).map(str::to_owned);
    let (kind, source) = (text("type").unwrap_or_else(|| "volume".to_owned()), text("source"));
    let Some(target) = text("target") else {
        conversion.ledger.lost(element, "it does not say where it is mounted", "name the directory in `target`");
        return None;
    };
    if kind == "volume" && element.member("volume").and_then(|volume| volume.member("subpath")).is_some() {
        let help = "give the part a data directory of its own";
        conversion.ledger.lost(element, "a part of a volume can't be mounted", help);
        return None;
    }
    let tmpfs = |name: &str| {
        let value = element.member("tmpfs").and_then(|tmpfs| tmpfs.member(name)).and_then(Node::text)?;
        Some(format!("{name}={value}"))
    };
    let source = match (kind.as_str(), source) {
        ("volume", Some(name)) => Source::Named(name),
        ("volume", None) => Source::Anonymous,
        ("bind", Some(path)) => {
            named_or_path(if path.starts_with(['/', '.', '~']) { path } else { format!("./{path}") }.as_str())
        }
        ("tmpfs", _) => Source::InMemory { size: tmpfs("size"), mode: tmpfs("mode") },
        (kind, _) => {
            let message = format!("a plan has no volumes of the type `{kind}`");
            conversion.ledger.lost(element, message, "use a data directory of the VSN");
            return None;
        }
    };
    let mut read_only = false;
    for (name, value) in element.members() {
        match name.as_str() {
            "type" | "source" | "target" => conversion.ledger.carried(value),
            "tmpfs" if kind == "tmpfs" => details(conversion, value, &["size", "mode"]),
            "read_only" => read_only = conversion.switch(value).unwrap_or_default(),
            "volume" | "bind" | "tmpfs" | "consistency" => details(conversion, value, &[]),
            other => conversion.ledger.lost(value, format!("a volume of a plan has no `{other}`"), ""),
        }
    }
    Some(Mount { source, target, read_only })
}

/// Options of one kind of volume, some of which are used.
fn details<'a>(conversion: &mut Conversion<'a>, node: &'a Node, used: &[&str]) {
    for (name, value) in node.members() {
        match name.as_str() {
            name if used.contains(&name) => conversion.ledger.carried(value),
            "nocopy" => conversion.ledger.needless(value, "nothing is ever copied into a data directory"),
            "create_host_path" => conversion.ledger.needless(value, "a missing data directory is created"),
            "selinux" => {
                let message =
                    "labels of existing data are never changed; directories that Landfall creates get the right one";
                conversion.ledger.changed(value, message, "");
            }
            other => conversion.ledger.lost(value, format!("a volume of a plan has no `{other}`"), ""),
        }
    }
    if node.is_leaf() {
        conversion.ledger.needless(node, "it has no effect on a directory of the VSN");
    }
}
