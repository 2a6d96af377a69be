//! Every kind of change that a run can make, and of look that it waits for. Reads nothing, changes nothing.

use super::{EngineChange, HostChange, Look};
use crate::plan::model::{Image, ImageSource, Plan, Registry};
use crate::plan::values::{Digest, ImageReference, PlanPath, RegistryName, SecretName, ServiceName};
use std::collections::BTreeMap;

/// One change, or one look that everything after depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Retrieves an image from where the plan says, and has the engine tag it for every service that uses it.
    Retrieve(RetrievedImage),
    /// Changes what the engine has: its containers, networks, images and secrets.
    Engine(EngineChange),
    /// Changes the server beside the engine: files, data directories, keys, the crontab, and what is on record.
    Host(HostChange),
    /// Changes nothing: looks whether something is as it must be, some of them until it is.
    Look(Look),
}

/// An image, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrievedImage {
    /// Where it comes from.
    pub image: Image,
    /// The services that use it, at least one.
    pub services: Vec<ServiceName>,
    /// Where it is pulled from: the first that delivers it counts. Empty where it comes from no registry.
    pub places: Vec<PulledFrom>,
}

/// A registry that an image is pulled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledFrom {
    /// What the image is called there.
    pub reference: ImageReference,
    /// The digest that it must have; that of the reference if not said.
    pub digest: Option<Digest>,
    /// Whether the registry's certificate is verified.
    pub tls_verify: bool,
    /// The certificate authority to trust for it; the server's if not said.
    pub ca: Option<PlanPath>,
    /// The account there: its name, and the secret that is its password.
    pub account: Option<(String, SecretName)>,
}

impl RetrievedImage {
    /// Each distinct image of a plan, once.
    pub fn all_of(plan: &Plan) -> Vec<Self> {
        let mut distinct: Vec<(&Image, Vec<ServiceName>)> = Vec::new();
        for (name, service) in &plan.services {
            match distinct.iter_mut().find(|(image, _)| **image == service.image) {
                Some((_, services)) => services.push(name.clone()),
                None => distinct.push((&service.image, vec![name.clone()])),
            }
        }
        distinct.into_iter().map(|(image, services)| Self::of(image, services, &plan.registries)).collect()
    }

    /// An image of a plan whose registries are these. Mirrors come first, in their order.
    pub fn of(image: &Image, services: Vec<ServiceName>, registries: &BTreeMap<RegistryName, Registry>) -> Self {
        let place = |reference: ImageReference, digest: Option<&Digest>, tls_verify, ca: Option<&PlanPath>| {
            let entry = registries.get(reference.registry());
            let account =
                entry.and_then(|entry| Some((entry.username.clone()?, entry.password.as_ref()?.secret.clone())));
            let ca = ca.or(entry.and_then(|entry| entry.ca.as_ref())).cloned();
            PulledFrom { reference, digest: digest.cloned(), tls_verify, ca, account }
        };
        let Some(reference) = image.reference() else {
            return Self { image: image.clone(), services, places: Vec::new() };
        };
        let (digest, tls_verify, ca) = match image {
            Image::Source(ImageSource::Registry { registry: _, digest, tls_verify, ca, id: _, timeout: _ }) => {
                (digest.as_ref(), *tls_verify, ca.as_ref())
            }
            Image::Source(_) | Image::Reference(_) => (None, true, None),
        };
        let mirrors = registries.get(reference.registry()).into_iter().flat_map(|entry| &entry.mirrors);
        let mirrors = mirrors.map(|mirror| place(mirror.mirrored(reference), digest, true, None));
        let places = mirrors.chain([place(reference.clone(), digest, tls_verify, ca)]).collect();
        Self { image: image.clone(), services, places }
    }
}

impl From<RetrievedImage> for Action {
    fn from(image: RetrievedImage) -> Self {
        Self::Retrieve(image)
    }
}

impl From<EngineChange> for Action {
    fn from(change: EngineChange) -> Self {
        Self::Engine(change)
    }
}

impl From<HostChange> for Action {
    fn from(change: HostChange) -> Self {
        Self::Host(change)
    }
}

impl From<Look> for Action {
    fn from(look: Look) -> Self {
        Self::Look(look)
    }
}
