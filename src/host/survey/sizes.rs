//! Asks other servers what the plan's images take there, side by side and for a short time. Reads only; who does not answer is asked
//! again when the image is retrieved, and told of then.

use crate::facts::{RemoteImage, RemoteSize};
use crate::few::{Few, InOrder};
use crate::host::awake;
use crate::host::command::patient;
use crate::host::engine::{Access, Engine, Login};
use crate::host::fetch::{self, SshAccess};
use crate::host::node::key_content;
use crate::host::registry::{self, Layers};
use crate::host::sources::Sources;
use crate::host::threads::beside;
use crate::operation::{PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::secrets::Secrets;
use crate::plan::values::PlanPath;
use crate::run::{Failure, WIDTH};
use std::sync::{Mutex, PoisonError};
use std::thread::scope;
use std::time::Duration;

/// How long they are asked, all together.
const LIMIT: Duration = Duration::from_secs(5);

/// Where everything is that is needed to ask.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) plan: &'a Plan,
    pub(super) secrets: &'a Secrets,
    pub(super) sources: &'a Sources,
}

/// The images on other servers that have told what they take.
pub(super) fn sizes(given: Given<'_>, engine: Option<&Engine>) -> Result<Vec<RemoteImage>, Failure> {
    let images = RetrievedImage::all_of(given.plan);
    let (waiting, told) = (Mutex::new(images.iter()), Mutex::new(Vec::new()));
    let until = awake::now() + patient(LIMIT);
    let work = || {
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(image) = next() {
            if let Some(size) = given.size(image, engine, until) {
                let image = RemoteImage { services: image.services.clone(), size };
                told.lock().unwrap_or_else(PoisonError::into_inner).push(image);
            }
        }
    };
    scope(|scope| {
        let workers = (0..WIDTH.min(images.len())).map(|_| beside(scope, work)).collect::<Result<Vec<_>, _>>();
        workers.map(drop)
    })?;
    let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    told.put_in_order_by(|one, other| one.services.cmp(&other.services));
    Ok(told)
}

impl Given<'_> {
    fn size(&self, retrieved: &RetrievedImage, engine: Option<&Engine>, until: Duration) -> Option<RemoteSize> {
        let RetrievedImage { image, services: _, places } = retrieved;
        let left = until.saturating_sub(awake::now());
        match image {
            Image::Source(ImageSource::Url { url, sha256: _, id: _, ca, timeout: _ }) => {
                let authority = self.authority(ca.as_ref())?;
                fetch::size_by_web(url, authority.as_deref(), left).map(RemoteSize::Archive)
            }
            Image::Source(ImageSource::Ssh { ssh, key, sha256: _, id: _, timeout: _ }) => {
                let key = self.plan.ssh_keys.get(key)?;
                let (private, known_hosts) = (self.secrets.get(&key.private_key.secret)?, key.known_hosts.clone());
                let access = SshAccess { key: key_content(private), known_hosts };
                fetch::size_by_ssh(ssh, &access, left).map(RemoteSize::Archive)
            }
            Image::Reference(_)
            | Image::Source(ImageSource::Registry {
                registry: _,
                digest: _,
                tls_verify: _,
                ca: _,
                id: _,
                timeout: _,
            }) => places.iter().find_map(|place| self.layers(place, engine, until)),
            Image::Source(
                ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
        }
    }

    /// As the first of its places tells it that answers, as in a pull.
    fn layers(&self, place: &PulledFrom, engine: Option<&Engine>, until: Duration) -> Option<RemoteSize> {
        let PulledFrom { reference, digest, tls_verify, ca, account } = place;
        let login = match account {
            Some((username, password)) => {
                let (registry, password) = (reference.registry().to_string(), self.secrets.get(password)?.clone());
                Some(Login { registry, username: username.clone(), password })
            }
            None => None,
        };
        let access = Access { login, authority: self.authority(ca.as_ref())? };
        let left = until.saturating_sub(awake::now());
        let told = registry::layers(reference, digest.as_ref(), *tls_verify, &access, left);
        let Layers { id, layers, configuration_bytes } =
            told.inspect_err(|failure| tracing::debug!(cause = failure.message, "the size is not known")).ok()?;
        let digests: Vec<&str> = layers.iter().map(|(digest, _)| digest.as_str()).collect();
        let there = engine.map(|engine| engine.layers_there(&digests)).unwrap_or_default();
        let configuration = (format!("sha256:{}", id.hex()), configuration_bytes);
        let missing =
            layers.into_iter().chain([configuration]).filter(|(digest, _)| !there.contains(digest)).gathered();
        Some(RemoteSize::Layers { id: id.hex().to_owned(), missing })
    }

    /// The certificate authority of this file, where one is named; `None` where it can't be had.
    fn authority(&self, file: Option<&PlanPath>) -> Option<Option<Vec<u8>>> {
        file.map(|file| self.sources.config(file)).transpose().ok()
    }
}
