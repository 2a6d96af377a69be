//! The driver of Podman on a real one: what it is told takes effect, and what it leaves is what was there before.

mod containers;
mod images;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use landfall::host::engine::{Arrived, Order, Podman};
use landfall::operation::{Container, EngineChange, Known, Layout, NewSecret, RetrievedImage, SecretText};
use landfall::plan::model::{Image, Service};
use landfall::plan::values::{ImageId, RunId, ServiceName};
use landfall::run::{Cancel, Failure};
use serde_json::{Value, json};

use crate::support::Vsn;

/// A VSN, and the driver of its Podman in the middle of a run.
struct Bench {
    vsn: Vsn,
    podman: Podman,
    layout: Layout,
    known: Known,
}

impl Bench {
    fn new() -> Self {
        let vsn = Vsn::start();
        let podman = Podman::at(&vsn.program("podman"));
        let layout = Layout::new(&vsn.shared_folder("state"), &"shop".parse().unwrap());
        let known = Known::at_start(RunId::parse("20261121t101112").unwrap());
        fs::create_dir_all(layout.run(&known.run)).unwrap();
        Self { vsn, podman, layout, known }
    }

    /// With the tiny image loaded for `web`, the network, and what the container's boot guard needs.
    fn ready() -> Self {
        let mut bench = Self::new();
        let id = bench.load("tiny-v1.docker.tar").unwrap();
        bench.known.images.insert(web(), id);
        bench.perform(&EngineChange::CreateNetwork { network: "shop".parse().unwrap(), subnets: Vec::new() }).unwrap();
        bench.vsn.must(["mkdir", "-p", "/run/landfall/shop/boot"]);
        bench.vsn.must(["touch", "/run/landfall/shop/boot/web"]);
        bench
    }

    fn perform(&self, change: &EngineChange) -> Result<(), Failure> {
        self.podman.perform(change, &self.known, Vec::new())
    }

    fn retrieve<T>(&self, image: Value, how: impl FnOnce(&Order<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
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

    fn load(&self, archive: &str) -> Result<ImageId, Failure> {
        let path = self.vsn.image("tiny", archive);
        let file = fs::File::open(self.vsn.on_disk(&path)).unwrap();
        self.retrieve(json!({ "archive": archive }), |order| self.podman.load(order, file))
    }

    /// The container `shop-web` with these fields.
    fn container(&self, mut fields: Value) -> Container {
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

    fn secret(&self, number: usize, text: &str) {
        let value = SecretText::Value { secret: "password".parse().unwrap(), decode: None };
        let change = EngineChange::CreateSecret(NewSecret { name: self.layout.secret(number), text: value });
        self.podman.perform(&change, &self.known, text.as_bytes().to_vec()).unwrap();
    }

    fn create(&self, container: Container) -> Result<(), Failure> {
        self.perform(&EngineChange::CreateContainer(Box::new(container)))
    }

    fn start(&self) -> Result<(), Failure> {
        self.perform(&EngineChange::StartContainer {
            service: web(),
            container: "shop-web".to_owned(),
            boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
        })
    }

    /// What a shell in the container prints.
    fn inside(&self, script: &str) -> String {
        self.vsn.must(["podman", "exec", "shop-web", "sh", "-c", script])
    }

    /// All tags, sorted.
    fn tags(&self) -> Vec<String> {
        let mut tags: Vec<_> = self.podman.look().unwrap().images.into_iter().flat_map(|image| image.tags).collect();
        tags.sort();
        tags
    }
}

fn web() -> ServiceName {
    "web".parse().unwrap()
}
