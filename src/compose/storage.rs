//! Volumes: named ones become data directories, files become configs. Reads nothing, changes nothing.

use super::mount::{Mount, Source, mount};
use super::service::Field;
use super::tree::{Kind, Node};
use super::{Conversion, Fate, Found, Planned, quantities};
use crate::plan::values::{ContainerPath, HostPath, Mode, PlanPath, Size, Value};
use crate::plan::written::{Form, Written};

/// Endings of names that files have and folders don't.
const FILES: &str = "conf cfg cnf ini json yml yaml toml xml pem crt cert key sql \
    sh txt env properties htpasswd php js py html rules";

/// Files of the system that containers are given in order to share its time or its accounts.
const OF_THE_SYSTEM: [&str; 7] = [
    "/etc/localtime",
    "/etc/timezone",
    "/etc/passwd",
    "/etc/group",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/machine-id",
];

/// Takes the volumes and directories in memory of a service over.
pub fn field<'a>(conversion: &mut Conversion<'a>, field: Field<'_, 'a>, service: &mut Written) -> bool {
    let Field { planned, name, node } = field;
    match name {
        "volumes" => {
            for element in conversion.elements(node) {
                one(conversion, planned, element, service);
            }
        }
        "tmpfs" => {
            for element in node.one_or_more() {
                if let Some(text) = conversion.text(element) {
                    let (target, options) = text.split_once(':').unwrap_or((text, ""));
                    let options: Vec<_> = options.split(',').filter(|option| !option.is_empty()).collect();
                    in_memory(conversion, element, (target, &options), service);
                }
            }
            if node.is_leaf() && node.scalar().is_none() {
                conversion.ledger.needless(node, "nothing is written here");
            }
        }
        _ => return false,
    }
    true
}

fn add(service: &mut Written, list: &str, element: Written) {
    let mut elements = match service.member(list).map(|list| list.form.clone()) {
        Some(Form::List(elements)) => elements,
        Some(Form::Text(_) | Form::Number(_) | Form::Switch(_) | Form::Object(_)) | None => Vec::new(),
    };
    elements.push(element);
    service.put(list, Written::list(elements));
}

fn one<'a>(conversion: &mut Conversion<'a>, planned: &Planned<'a>, element: &'a Node, service: &mut Written) {
    let Some(Mount { source, target, read_only }) = mount(conversion, element) else { return };
    match source {
        Source::InMemory { size, mode } => {
            let options: Vec<_> = size.iter().chain(&mode).map(String::as_str).collect();
            in_memory(conversion, element, (&target, &options), service);
        }
        Source::Anonymous => {
            let last = target.rsplit('/').next().unwrap_or("data");
            let source = format!("{}/{}/{last}", conversion.data_root, planned.name);
            let source = of_its_own(conversion, &source, &format!("{}:{target}", planned.name));
            let message = format!("the volume without a name becomes the data directory `{source}`, which is kept");
            conversion.ledger.remark(element, Fate::Changed, message, "use `tmpfs` if nothing of it is to be kept");
            directory(conversion, planned, element, (&source, &target, read_only), service);
        }
        Source::Named(name) => {
            let source = source_of(conversion, &name);
            who_owns_it(conversion, planned, element);
            directory(conversion, planned, element, (&source, &target, read_only), service);
        }
        Source::Path(path) => {
            if let Some(source) = of_path(conversion, element, (&path, &target, read_only), service) {
                directory(conversion, planned, element, (&source, &target, read_only), service);
            }
        }
    }
}

/// A directory that nothing else of the file has: neither a volume with a name, nor another folder that ends alike.
fn of_its_own(conversion: &mut Conversion<'_>, wanted: &str, what: &str) -> String {
    if conversion.first("directories of named volumes") {
        for (name, _) in conversion.root.member("volumes").map(Node::members).unwrap_or_default() {
            conversion.directories.insert(source_of(conversion, name), format!("volume {name}"));
        }
    }
    let mut directory = wanted.to_owned();
    let mut number = 1;
    while conversion.directories.get(&directory).is_some_and(|known| known != what) {
        number += 1;
        directory = format!("{wanted}-{number}");
    }
    conversion.directories.insert(directory.clone(), what.to_owned());
    directory
}

/// Told once: the engine fills a new volume from the image, Landfall does not.
fn who_owns_it(conversion: &mut Conversion<'_>, planned: &Planned<'_>, element: &Node) {
    if owner(planned).is_none() && conversion.first("owner of a new directory") {
        let message = "a new data directory is empty and belongs to root, where a new volume of Compose takes content and \
            owner from the image";
        let help = "give the volumes of services that don't run as root an `owner`, such as `\"999:999\"`; \
            copy existing data to the directories before the first deployment";
        conversion.ledger.remark(element, Fate::Changed, message, help);
    }
}

fn owner(planned: &Planned<'_>) -> Option<String> {
    let user = planned.node.member("user")?.text()?;
    let (uid, gid) = user.split_once(':').unwrap_or((user, user));
    let number = |text: &str| text.parse::<u32>().is_ok();
    (number(uid) && number(gid)).then(|| format!("{uid}:{gid}"))
}

fn directory(
    conversion: &mut Conversion<'_>,
    planned: &Planned<'_>,
    element: &Node,
    (source, target, read_only): (&str, &str, bool),
    service: &mut Written,
) {
    let Some(source) = conversion.value::<HostPath>(element, source) else { return };
    let Some(target) = conversion.value::<ContainerPath>(element, target.trim_end_matches('/')) else { return };
    let mut volume = Written::object().with("source", source.as_part()).with("target", target.as_part());
    if read_only {
        volume.put("read_only", true);
    } else if let Some(owner) = owner(planned) {
        volume.put("owner", Written::text(owner));
    }
    add(service, "volumes", volume.out_of(element.id));
}

/// Where the data of a named volume lies: where its own options say, or in a directory of its name.
fn source_of(conversion: &Conversion<'_>, name: &str) -> String {
    let options = conversion.root.member("volumes").and_then(|volumes| volumes.member(name)?.member("driver_opts"));
    let device = options.and_then(bound).filter(|device| device.starts_with('/'));
    device.map_or_else(|| format!("{}/{name}", conversion.data_root), |device| device.trim_end_matches('/').to_owned())
}

/// The directory that a volume is bound to by the options of the local driver.
fn bound(options: &Node) -> Option<&str> {
    let is_bind =
        options.member("o").and_then(Node::text).is_some_and(|o| o.split(',').any(|o| matches!(o, "bind" | "rbind")));
    let is_local = options.member("type").is_none_or(|kind| kind.text() == Some("none"));
    options.member("device").and_then(Node::text).filter(|_| is_bind && is_local)
}

/// What is mounted from the server: the directory, if it is one; a file becomes a config.
fn of_path(
    conversion: &mut Conversion<'_>,
    element: &Node,
    (path, target, read_only): (&str, &str, bool),
    service: &mut Written,
) -> Option<String> {
    let absolute = path.starts_with('/');
    let plain = Some(path.trim_end_matches('/')).filter(|plain| !plain.is_empty()).unwrap_or("/");
    if plain.ends_with(".sock") {
        let help = "a container that rules the engine rules the VSN; do without, or run that program on the VSN itself";
        conversion.ledger.lost(element, format!("`{path}` is a socket, and the engine's belongs to root"), help);
        return None;
    }
    if OF_THE_SYSTEM.contains(&plain) {
        let help = "set `TZ` in `environment` for the time zone";
        conversion.ledger.lost(
            element,
            format!("`{path}` is a file of the system's, and a volume is a directory"),
            help,
        );
        return None;
    }
    if path.starts_with('~') || matches!(plain, "." | "./" | ".." | "$PWD") {
        let help = "build what the service needs into its image, or put it beside the plan as `configs`";
        conversion.ledger.lost(element, format!("`{path}` is a folder of whoever develops, not of the VSN"), help);
        return None;
    }
    let found = if absolute { Found::Nothing } else { conversion.variables.surroundings.find(path) };
    let is_file = match found {
        Found::File(_) | Found::Unusable(_) => true,
        Found::Folder => false,
        Found::Nothing => !path.ends_with('/') && looks_like_a_file(plain),
    };
    if is_file {
        config(conversion, element, (plain, target, read_only), service);
        return None;
    }
    if absolute {
        return Some(plain.to_owned());
    }
    let inside: Vec<_> = plain.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let source = format!("{}/{}", conversion.data_root, inside.join("/"));
    let source = of_its_own(conversion, &source, plain.trim_start_matches("./"));
    let message = format!("the folder `{path}` beside the Compose file becomes the data directory `{source}`");
    let help = "copy what it holds to there before the first deployment";
    conversion.ledger.remark(element, Fate::Changed, message, help);
    Some(source)
}

fn looks_like_a_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| FILES.split(' ').any(|known| known == ending))
        || matches!(name, "Caddyfile" | "crontab" | "hosts")
}

fn config(
    conversion: &mut Conversion<'_>,
    element: &Node,
    (path, target, read_only): (&str, &str, bool),
    service: &mut Written,
) {
    let file = conversion.beside(path);
    let Some(file) = conversion.value::<PlanPath>(element, &file) else { return };
    let Some(target) = conversion.value::<ContainerPath>(element, target) else { return };
    if !read_only {
        let message = format!("the file `{path}` travels with the plan, and the container can only read it");
        let help = "put it into a data directory if the container has to write it";
        conversion.ledger.remark(element, Fate::Changed, message, help);
    }
    add(
        service,
        "configs",
        Written::object().with("file", file.as_part()).with("target", target.as_part()).out_of(element.id),
    );
}

fn in_memory(
    conversion: &mut Conversion<'_>,
    element: &Node,
    (target, options): (&str, &[&str]),
    service: &mut Written,
) {
    let Some(target) = conversion.value::<ContainerPath>(element, target.trim_end_matches('/')) else { return };
    let mut detailed = Written::object().with("target", target.clone().as_part());
    for option in options {
        let problem = match option.split_once('=') {
            Some(("size", size)) => match quantities::bytes(size).map(quantities::written_size) {
                Some(size) if Size::parse(&size).is_ok() => {
                    detailed.put("size", Written::text(size));
                    continue;
                }
                Some(_) | None => format!("`{size}` is not a size"),
            },
            Some(("mode", mode)) => match <Mode as Value>::parse(mode) {
                Ok(mode) => {
                    detailed.put("mode", Written::text(mode));
                    continue;
                }
                Err(problem) => problem.message,
            },
            Some(_) | None => format!("a directory in memory has no option `{option}`"),
        };
        conversion.ledger.remark(element, Fate::Lost, problem, "a plan has `size` and `mode` for it");
    }
    let value = if detailed.members().len() == 1 { target } else { detailed };
    add(service, "tmpfs", value.out_of(element.id));
}

/// What is declared beside the services.
pub fn declared<'a>(conversion: &mut Conversion<'a>, node: &'a Node) {
    for (name, volume) in conversion.members(node) {
        let source = source_of(conversion, name);
        if !is_used(conversion, name) {
            conversion.ledger.needless(volume, "no service of the plan uses it");
            continue;
        }
        if volume.is_leaf() && volume.scalar().is_none() {
            conversion.ledger.carried(volume);
            continue;
        }
        for (field, value) in conversion.members(volume) {
            match field.as_str() {
                "driver" if value.text() == Some("local") => conversion.ledger.carried(value),
                "driver_opts" if bound(value).is_some() => conversion.ledger.carried(value),
                "external" if value.switch() == Some(false) => conversion.ledger.needless(value, "it is the default"),
                "external" => {
                    let message =
                        format!("the plan's data directory is `{source}`; the volume of the engine is another place");
                    conversion.ledger.changed(value, message, "copy its data to there before the first deployment");
                }
                "name" => {
                    let message = format!("a data directory has no name but its path, which is `{source}`");
                    conversion.ledger.needless(value, message);
                }
                "labels" => conversion.ledger.lost(value, "a data directory has no labels", ""),
                "driver" | "driver_opts" => {
                    let help =
                        format!("mount it at `{source}` by `/etc/fstab`, and give the volume `\"mountpoint\": true`");
                    conversion.ledger.lost(value, "a volume of a plan is a directory of the VSN", help);
                }
                own if own.starts_with("x-") => conversion.ledger.needless(value, "it is the author's own"),
                other => conversion.ledger.lost(value, format!("a data directory has no `{other}`"), ""),
            }
        }
    }
}

fn is_used(conversion: &Conversion<'_>, name: &str) -> bool {
    let services = conversion.services.iter().filter_map(|planned| planned.node.member("volumes"));
    services.flat_map(Node::elements).any(|element| match &element.kind {
        Kind::Scalar(scalar) => scalar.text.split(':').next() == Some(name) && scalar.text.contains(':'),
        Kind::Map(_) => element.member("source").and_then(Node::text) == Some(name),
        Kind::List(_) => false,
    })
}
