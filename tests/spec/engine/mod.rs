//! The drivers of the engines on real ones: what they are told takes effect, and what they leave is what was there before.

pub mod containers;
pub mod images;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use landfall::facts::EngineKind;
use landfall::host::engine::{Arrived, Docker, Engine, Order, Podman};
use landfall::operation::{Container, EngineChange, Known, Layout, NewSecret, RetrievedImage, SecretText};
use landfall::plan::model::{Image, Service};
use landfall::plan::values::{ImageId, RunId, ServiceName};
use landfall::run::{Cancel, Failure};
use serde_json::{Value, json};

use crate::support::Vsn;

/// A VSN, and the driver of its engine in the middle of a run.
pub struct Bench {
    pub vsn: Vsn,
    pub engine: Engine,
    pub layout: Layout,
    pub known: Known,
}

impl Bench {
    pub fn new() -> Self {
        let vsn = Vsn::start();
        let layout = Layout::new(&vsn.shared_folder("state"), &"shop".parse().unwrap());
        let engine = driver(&vsn, &vsn.program(vsn.engine()), &layout);
        let known = Known::at_start(RunId::parse("20261121t101112").unwrap());
        fs::create_dir_all(layout.run(&known.run)).unwrap();
        Self { vsn, engine, layout, known }
    }

    /// With the tiny image loaded for `web`, the network, and what the container's boot guard needs.
    pub fn ready() -> Self {
        let mut bench = Self::new();
        let id = bench.load("tiny-v1.docker.tar").unwrap();
        bench.known.images.insert(web(), id);
        bench.perform(&EngineChange::CreateNetwork { network: "shop".parse().unwrap(), subnets: Vec::new() }).unwrap();
        bench.vsn.must(["mkdir", "-p", "/run/landfall/shop/boot"]);
        bench.vsn.must(["touch", "/run/landfall/shop/boot/web"]);
        bench
    }

    pub fn perform(&self, change: &EngineChange) -> Result<(), Failure> {
        self.engine.perform(change, &self.known, Vec::new())
    }

    pub fn retrieve<T>(&self, image: Value, how: impl FnOnce(&Order<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let image = serde_json::from_value::<Image>(image).unwrap();
        let retrieved = RetrievedImage::of(&image, vec![web(), "db".parse().unwrap()], &BTreeMap::new());
        let cancel = Cancel::never();
        how(&Order {
            retrieved: &retrieved,
            layout: &self.layout,
            known: &self.known,
            cancel: &cancel,
            arrived: &Arrived::default(),
        })
    }

    pub fn load(&self, archive: &str) -> Result<ImageId, Failure> {
        let path = self.vsn.image("tiny", archive);
        let file = fs::File::open(self.vsn.on_disk(&path)).unwrap();
        self.retrieve(json!({ "archive": archive }), |order| self.engine.load(order, file))
    }

    /// The container `shop-web` with these fields.
    pub fn container(&self, mut fields: Value) -> Container {
        fields["image"] = json!("registry.example/shop/web:1");
        Container {
            name: "shop-web".to_owned(),
            plan: "shop".parse().unwrap(),
            service: web(),
            config: "c0ffee".to_owned(),
            described: serde_json::from_value::<Service>(fields).unwrap(),
            secret_files: Vec::new(),
            secret_variables: Vec::new(),
            configs: Vec::new(),
            boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
        }
    }

    pub fn secret(&self, number: usize, text: &str) {
        let value = SecretText::Value { secret: "password".parse().unwrap(), decode: None };
        let change = EngineChange::CreateSecret(NewSecret { name: self.layout.secret(number), text: value });
        self.engine.perform(&change, &self.known, text.as_bytes().to_vec()).unwrap();
    }

    pub fn create(&self, container: Container) -> Result<(), Failure> {
        self.perform(&EngineChange::CreateContainer(Box::new(container)))
    }

    pub fn start(&self) -> Result<(), Failure> {
        self.perform(&EngineChange::StartContainer {
            service: web(),
            container: "shop-web".to_owned(),
            boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
        })
    }

    /// What a shell in the container prints.
    pub fn inside(&self, script: &str) -> String {
        self.vsn.must([self.vsn.engine(), "exec", "shop-web", "sh", "-c", script])
    }

    /// All tags, sorted.
    pub fn tags(&self) -> Vec<String> {
        let mut tags: Vec<_> = self.engine.look().unwrap().images.into_iter().flat_map(|image| image.tags).collect();
        tags.sort();
        tags
    }
}

/// The driver of the VSN's engine whose program is this one.
fn driver(vsn: &Vsn, program: &Path, layout: &Layout) -> Engine {
    match vsn.engine_kind() {
        EngineKind::Podman => Engine::Podman(Podman::at(program)),
        EngineKind::Docker => Engine::Docker(Docker::at(program, layout)),
    }
}

pub fn web() -> ServiceName {
    "web".parse().unwrap()
}
