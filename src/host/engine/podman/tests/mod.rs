//! What Podman is told, as lists: nothing runs here.

use super::{command, exec, inspect_image_of, logs, retrieve};
use crate::operation::{
    Argument, ConfigMount, Container, DroppedContainer, EngineChange, Layout, NewSecret, RetrievedImage, SecretMount,
    SecretText, SecretVariable,
};
use crate::plan::model::{Image, Service};
use crate::plan::values::ServiceName;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

mod containers;
mod images;
mod others;

fn layout() -> Layout {
    Layout::new(Path::new("/var/lib/landfall"), &"shop".parse().unwrap())
}

fn web() -> ServiceName {
    "web".parse().unwrap()
}

/// The command as the dry run prints it, one argument each.
fn told(change: &EngineChange) -> Vec<String> {
    texts(&command(change).unwrap())
}

fn texts(arguments: &[Argument]) -> Vec<String> {
    arguments.iter().map(ToString::to_string).collect()
}

/// The container of a service with these fields beside its image.
fn container(fields: Value) -> Container {
    let mut service = fields;
    service["image"] = json!("registry.example/shop/web:1");
    Container {
        name: "shop-web".to_owned(),
        plan: "shop".parse().unwrap(),
        service: web(),
        config: "c0ffee".to_owned(),
        described: serde_json::from_value::<Service>(service).unwrap(),
        secret_files: Vec::new(),
        secret_variables: Vec::new(),
        configs: Vec::new(),
        boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
    }
}

/// How it is created.
fn created(container: Container) -> Vec<String> {
    told(&EngineChange::CreateContainer(Box::new(container)))
}

/// The values of an option, in order.
fn values<'a>(arguments: &'a [String], option: &str) -> Vec<&'a str> {
    let pairs = arguments.windows(2).filter(|pair| pair[0] == option);
    pairs.map(|pair| pair[1].as_str()).collect()
}

fn secret_file(target: &str) -> SecretMount {
    SecretMount {
        secret: layout().secret(0),
        target: target.parse().unwrap(),
        owner: "999:998".parse().unwrap(),
        mode: "0440".parse().unwrap(),
    }
}
