//! Pulls images from registries and their mirrors, and leaves every name of others where it was.

use super::attempts::{asked_again, from_first_place};
use super::driver::{Podman, resolved, texts};
use super::retrieve::{Order, not_written};
use super::{deadline, downloads, podman, said};
use crate::facts::{EngineKind, ImageFact};
use crate::host::command::Output;
use crate::host::files::{
    Nameless, create_private_directory, read_if_there, remove_if_there, remove_tree, write_atomically,
};
use crate::operation::PulledFrom;
use crate::plan::values::ImageId;
use crate::run::Failure;
use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::Duration;

/// What is needed to pull from one place.
#[derive(Default)]
pub struct Access {
    /// The account there.
    pub login: Option<Login>,
    /// The certificate authority to trust for it, in PEM form.
    pub authority: Option<Vec<u8>>,
}

/// An account at a registry.
pub struct Login {
    /// The registry, `registry.example:5000`.
    pub registry: String,
    /// The account.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

/// A name that a pull takes, and the image that had it before: on record until it is put back.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct PulledName {
    pub(super) reference: String,
    pub(super) before: Option<ImageId>,
    /// The names by digest that images of the same repository had before, where a pull gives one of its own accord.
    #[serde(default)]
    pub(super) digests: Vec<String>,
}

impl PulledName {
    /// Puts it on record.
    pub(super) fn write(&self, record: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).map_err(|error| Failure::new(error.to_string()))?;
        write_atomically(record, &text, 0o600).map_err(not_written)
    }

    /// Those that pulls of a killed run took, as far as the run's downloads have them on record.
    pub(super) fn all_in(downloads: &Path) -> Result<Vec<Self>, Failure> {
        let entries = match std::fs::read_dir(downloads) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::new(format!("{} can't be read: {error}", downloads.display()))),
        };
        let is_name = |path: &PathBuf| {
            path.is_file() && path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"name-"))
        };
        let mut names = Vec::new();
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_name) {
            let text = read_if_there(&path).map_err(|problem| Failure::new(problem.to_string()))?.unwrap_or_default();
            // What is not whole was not begun.
            names.extend(serde_json::from_slice::<Self>(&text).ok());
        }
        Ok(names)
    }
}

impl Podman {
    /// Pulls an image from the first of its places that delivers it, and tags it for its services. A tag of a registry's name is
    /// afterwards where it was before.
    ///
    /// `access` says what is needed for a place. Each place has an equal part of the time that is left.
    ///
    /// # Errors
    /// What Podman said of the last place, and of those before it; that none ended in time, or that the run is to end.
    pub fn pull(
        &self,
        order: &Order<'_>,
        access: &dyn Fn(&PulledFrom) -> Result<Access, Failure>,
    ) -> Result<ImageId, Failure> {
        order.make_downloads()?;
        from_first_place(order, |place, share| self.pull_from(order, place, &access(place)?, share))
    }

    fn pull_from(
        &self,
        order: &Order<'_>,
        place: &PulledFrom,
        access: &Access,
        share: Duration,
    ) -> Result<ImageId, Failure> {
        let Access { login, authority } = access;
        if let Some(authority) = authority {
            let folder = order.file(downloads::certificates)?;
            let written = create_private_directory(&folder);
            written.and_then(|()| write_atomically(&folder.join("ca.crt"), authority, 0o600)).map_err(not_written)?;
        }
        // Nobody finds it on a disk, whatever happens to this process.
        let account = login.as_ref().map(|login| Nameless::holding(&authentication(login))).transpose();
        let account = account.map_err(not_written)?;
        let reference = downloads::pull_reference(&place.reference, place.digest.as_ref());
        let before = self.image_id(&reference)?;
        let record = order.file(downloads::pulled_name)?;
        PulledName { reference: reference.clone(), before: before.clone(), digests: Vec::new() }.write(&record)?;
        let pulled = self.attempt(order, place, account.as_ref(), share).and_then(|output| printed_id(&output));
        let tagged = pulled.and_then(|image| self.tag(order, &image).map(|()| image));
        // Also after a failure: the reference may have moved before it.
        let restored = self.restore(&reference, before.as_ref());
        let restored = restored.and_then(|()| remove_if_there(&record).map(drop).map_err(not_written));
        tagged.and_then(|image| restored.map(|()| image))
    }

    /// Asks the registry, and again for a while where it is one that has to be asked later.
    fn attempt(
        &self,
        order: &Order<'_>,
        place: &PulledFrom,
        account: Option<&Nameless>,
        share: Duration,
    ) -> Result<Output, Failure> {
        let certificates = order.argument(downloads::certificates)?;
        let arguments = resolved(&podman::pull(place, certificates), order.known)?;
        let folder = order.file(downloads::pulled)?;
        let output = asked_again(order, (EngineKind::Podman, place), share, || {
            // What an attempt before this one has not finished is not what comes now.
            remove_tree(&folder).and_then(|_| create_private_directory(&folder)).map_err(not_written)?;
            order.arrived.is_in(&folder);
            let call = self.retrieval(order, &arguments)?.env("TMPDIR", &folder);
            Ok(match account {
                Some(account) => call.env("REGISTRY_AUTH_FILE", account.path()),
                None => call,
            })
        });
        remove_tree(&folder).map_err(not_written)?;
        output
    }

    /// Puts the names that pulls of a killed run took back where they were, as far as the run's downloads have them on record.
    ///
    /// # Errors
    /// A record can't be read, what Podman said, or that it did not end in time.
    pub fn restore_names(&self, downloads: &Path) -> Result<(), Failure> {
        for PulledName { reference, before, digests: _ } in PulledName::all_in(downloads)? {
            // Whoever had the image may have removed it since.
            let before = before.map(|image| self.image_id(image.hex())).transpose()?.flatten();
            let now = self.image_id(&reference)?.filter(|now| before.as_ref() != Some(now));
            match (&before, now) {
                (_, None) => {}
                (None, Some(_)) => self.drop_tag(&reference, &["rmi".to_owned(), reference.clone()])?,
                (Some(_), Some(pulled)) => {
                    self.restore(&reference, before.as_ref())?;
                    let nameless = |image: &ImageFact| image.id == pulled.hex() && image.tags.is_empty();
                    if self.images()?.iter().any(nameless) {
                        self.drop_tag(pulled.hex(), &["rmi".to_owned(), pulled.hex().to_owned()])?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Puts the name that a pull took back where it was, or away.
    fn restore(&self, reference: &str, before: Option<&ImageId>) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.image_id(reference)?;
        let arguments = match (before, now) {
            (Some(before), now) if now.as_ref() != Some(before) => podman::add_tags(before.hex(), [reference]),
            (None, Some(now)) => podman::untag(now.hex(), reference),
            (Some(_) | None, _) => return Ok(()),
        };
        self.done(self.call(&texts(&arguments), deadline::CHANGE)).map(drop)
    }
}

/// The file in which Podman looks up an account.
pub(super) fn authentication(login: &Login) -> Vec<u8> {
    let Login { registry, username, password } = login;
    let account = format!("{username}:{}", password.expose_secret());
    let account = base64::engine::general_purpose::STANDARD.encode(account);
    serde_json::json!({ "auths": { registry.as_str(): { "auth": account } } }).to_string().into_bytes()
}

/// The image ID that is the last line of what a call printed.
fn printed_id(output: &Output) -> Result<ImageId, Failure> {
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    ImageId::parse(last.trim()).map_err(|_| {
        let said = said::gist(&output.stderr).unwrap_or_else(|| "nothing".to_owned());
        Failure::new(format!("podman did not say which image it pulled; it said {said}"))
    })
}

#[cfg(test)]
#[path = "pull_tests.rs"]
mod tests;
