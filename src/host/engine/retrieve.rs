//! Retrieves images: pulls, loads and builds them, and gives them our tags and no other.

use super::driver::{Podman, resolved, texts};
use super::podman;
use super::{ImageLayers, deadline, registry, said};
use crate::facts::ImageFact;
use crate::host::archive::{self, Archive, ArchivedImage, Limits, Wanted};
use crate::host::command::{Command, Output};
use crate::host::files::{FileProblem, create_private_directory, read_if_there, remove_if_there, write_atomically};
use crate::operation::{Argument, Known, Layout, RetrievedImage};
use crate::plan::model::{Image, ImageSource};
use crate::plan::values::{ImageId, ImageReference, Sha256};
use crate::run::{Cancel, Failure};
use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// An image to retrieve, and where.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The image, and who uses it.
    pub retrieved: &'a RetrievedImage,
    /// Where everything of the plan lies.
    pub layout: &'a Layout,
    /// What the run knows by now.
    pub known: &'a Known,
    /// Ends the work early.
    pub cancel: &'a Cancel,
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
struct PulledName {
    reference: String,
    before: Option<ImageId>,
}

/// What a plan expects of an archive.
#[derive(Default)]
struct Expected<'a> {
    sha256: Option<&'a Sha256>,
    reference: Option<&'a ImageReference>,
    id: Option<&'a ImageId>,
}

impl Podman {
    /// Pulls an image and tags it for its services. A tag of the registry's name is afterwards where it was before.
    ///
    /// `authority` is the certificate authority, in PEM form, that the plan says to trust for this registry.
    ///
    /// # Errors
    /// What Podman said, that it did not end in time, or that `cancel` was set.
    pub fn pull(&self, order: &Order<'_>, login: Option<&Login>, authority: Option<&[u8]>) -> Result<ImageId, Failure> {
        let Some(reference) = order.reference() else {
            return Err(Failure::new("the image comes from no registry: a defect of Landfall"));
        };
        order.make_downloads()?;
        if let Some(authority) = authority {
            let folder = order.file(podman::certificates)?;
            let written = create_private_directory(&folder);
            written.and_then(|()| write_atomically(&folder.join("ca.crt"), authority, 0o600)).map_err(not_written)?;
        }
        let mut call = self.retrieval(order)?;
        if let Some(login) = login {
            let file = order.file(podman::authentication)?;
            write_atomically(&file, &authentication(login), 0o600).map_err(not_written)?;
            call = call.env("REGISTRY_AUTH_FILE", file);
        }
        let before = self.image_id(&reference)?;
        let record = order.file(podman::pulled_name)?;
        let name = PulledName { reference: reference.clone(), before: before.clone() };
        let text = serde_json::to_vec(&name).map_err(|error| Failure::new(error.to_string()))?;
        write_atomically(&record, &text, 0o600).map_err(not_written)?;
        let registry = reference.split_once('/').map_or("", |(registry, _)| registry);
        let pulled = call.run().map_err(|problem| registry::failure(problem, registry));
        let pulled = pulled.and_then(|output| printed_id(&output));
        let tagged = pulled.and_then(|image| self.tag(order, &image).map(|()| image));
        // Also after a failure: the reference may have moved before it.
        let restored = self.restore(&reference, before.as_ref());
        let restored = restored.and_then(|()| remove_if_there(&record).map(drop).map_err(not_written));
        tagged.and_then(|image| restored.map(|()| image))
    }

    /// Puts the names that pulls of a killed run took back where they were, as far as the run's downloads have them on record.
    ///
    /// # Errors
    /// A record can't be read, what Podman said, or that it did not end in time.
    pub fn restore_names(&self, downloads: &Path) -> Result<(), Failure> {
        let entries = match std::fs::read_dir(downloads) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::new(format!("{} can't be read: {error}", downloads.display()))),
        };
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file());
        for path in paths.filter(|path| path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"name-"))) {
            let text = read_if_there(&path).map_err(|problem| Failure::new(problem.to_string()))?.unwrap_or_default();
            let Ok(PulledName { reference, before }) = serde_json::from_slice(&text) else { continue };
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

    /// Loads an image from an archive and tags it for its services.
    ///
    /// # Errors
    /// The archive is not what the plan says, or can't be read; what Podman said; that it did not end in time, or that
    /// `cancel` was set.
    pub fn load(&self, order: &Order<'_>, mut file: File) -> Result<ImageId, Failure> {
        order.make_downloads()?;
        let expected = order.expected();
        let (archive, image) = chosen(&mut file, &expected, order.cancel)?;
        let id = ImageId::parse(&image.id).map_err(|problem| Failure::new(problem.to_string()))?;
        let (tags, cancel) = (order.tags(&id), order.cancel.clone());
        // Where the load is killed, they are nobody's.
        let record = order.layout.layers(&order.known.run, tags.first().unwrap_or(&image.id));
        ImageLayers::of(&image, self.image_id(id.hex())?.is_none()).write(&record)?;
        let write = move |out: &mut dyn Write| {
            let wanted = Wanted { archive: &archive, image: &image, tags: &tags };
            stream(&mut file, &wanted, out, &cancel)
        };
        self.done(self.retrieval(order)?.stdin_writer(write))?;
        match self.image_id(id.hex())? {
            Some(_) => remove_if_there(&record).map(|_| id).map_err(not_written),
            None => Err(Failure::new(format!("podman loaded the archive, but has no image {id} now"))),
        }
    }

    /// Builds an image from the context that was copied to [`podman::build_context`], and tags it for its services.
    ///
    /// # Errors
    /// What Podman said, that it did not end in time, or that `cancel` was set.
    pub fn build(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        self.done(self.retrieval(order)?)?;
        let file = order.file(podman::image_id_file)?;
        let id = std::fs::read_to_string(&file)
            .map_err(|error| Failure::new(format!("podman built an image, but did not say which: {error}")))?;
        let id = ImageId::parse(id.trim()).map_err(|problem| Failure::new(problem.to_string()))?;
        self.tag(order, &id)?;
        Ok(id)
    }

    /// The call that retrieves the image; what it needs for a while lies in the run's downloads, and goes with them.
    fn retrieval(&self, order: &Order<'_>) -> Result<Command, Failure> {
        let arguments = resolved(&podman::retrieve(order.retrieved, order.layout), order.known)?;
        let call = self.call(&arguments, deadline::RETRIEVE);
        let call = match order.retrieved.image.timeout() {
            Some(timeout) => call.deadline(timeout.as_std()),
            None => call,
        };
        Ok(call.env("TMPDIR", order.downloads()).cancel(order.cancel))
    }

    fn tag(&self, order: &Order<'_>, image: &ImageId) -> Result<(), Failure> {
        let tags = order.tags(image);
        let arguments = texts(&podman::add_tags(image.hex(), tags.iter().map(String::as_str)));
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        self.done(self.call(&arguments, deadline::CHANGE)).map(drop)
    }

    /// The ID of the image that has this name, if there is one.
    fn image_id(&self, name: &str) -> Result<Option<ImageId>, Failure> {
        Ok(self.image_details(name)?.map(|details| details.id))
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

impl Order<'_> {
    /// The tags that this image gets.
    fn tags(&self, image: &ImageId) -> Vec<String> {
        let Self { retrieved, layout, known: _, cancel: _ } = self;
        retrieved.services.iter().map(|service| podman::tag(layout, service, image)).collect()
    }

    fn downloads(&self) -> PathBuf {
        self.layout.downloads(&self.known.run)
    }

    fn make_downloads(&self) -> Result<(), Failure> {
        create_private_directory(&self.downloads()).map_err(not_written)
    }

    /// One of the paths that are named after the first of the services.
    fn file(&self, name: fn(&Layout, &crate::plan::values::ServiceName) -> Argument) -> Result<PathBuf, Failure> {
        let service = self.retrieved.services.first();
        let path = service.and_then(|service| name(self.layout, service).resolve(self.known));
        path.map(PathBuf::from).ok_or_else(|| Failure::new("an image that no service uses: a defect of Landfall"))
    }

    /// The name under which the image is pulled, if it is.
    fn reference(&self) -> Option<String> {
        match &self.retrieved.image {
            Image::Reference(reference) => Some(podman::pull_reference(reference, None)),
            Image::Source(ImageSource::Registry { registry, digest, tls_verify: _, ca: _, id: _, timeout: _ }) => {
                Some(podman::pull_reference(registry, digest.as_ref()))
            }
            Image::Source(
                ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _ }
                | ImageSource::Url { url: _, sha256: _, id: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
        }
    }

    fn expected(&self) -> Expected<'_> {
        match &self.retrieved.image {
            Image::Source(ImageSource::Archive { archive: _, sha256, reference, id }) => {
                Expected { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() }
            }
            Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256, id }) => {
                Expected { sha256: sha256.as_ref(), reference: None, id: id.as_ref() }
            }
            Image::Source(ImageSource::Url { url: _, sha256, id }) => {
                Expected { sha256: Some(sha256), reference: None, id: id.as_ref() }
            }
            Image::Reference(_)
            | Image::Source(
                ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => Expected::default(),
        }
    }
}

/// The archive and the one image of it that is meant, each held against what is expected.
fn chosen(file: &mut File, expected: &Expected<'_>, cancel: &Cancel) -> Result<(Archive, ArchivedImage), Failure> {
    let Expected { sha256, reference, id } = expected;
    let failure = |problem: archive::ArchiveProblem| Failure::new(problem.to_string());
    let archive = archive::look(file, &Limits::default(), &|| cancel.is_cancelled()).map_err(failure)?;
    if let Some(sha256) = sha256.filter(|sha256| sha256.as_str() != archive.sha256) {
        return Err(Failure::new(format!("the archive's SHA-256 is {}, but the plan says {sha256}", archive.sha256)));
    }
    let reference = reference.map(ToString::to_string);
    let image = archive::choose(&archive, reference.as_deref()).map_err(failure)?.clone();
    match id.filter(|id| id.hex() != image.id) {
        Some(id) => Err(Failure::new(format!("the archive's image has the ID {}, but the plan says {id}", image.id))),
        None => Ok((archive, image)),
    }
}

fn stream(file: &mut File, wanted: &Wanted<'_>, out: &mut dyn Write, cancel: &Cancel) -> io::Result<()> {
    archive::stream(file, wanted, out, &|| cancel.is_cancelled()).map_err(|problem| match problem {
        // Podman's own words say more than that it reads no further.
        archive::ArchiveProblem::NotTaken { reason } => io::Error::new(ErrorKind::BrokenPipe, reason),
        problem => io::Error::other(problem.to_string()),
    })
}

fn not_written(problem: FileProblem) -> Failure {
    Failure::new(problem.to_string())
}

/// The file in which Podman looks up an account.
fn authentication(login: &Login) -> Vec<u8> {
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
#[path = "retrieve_tests.rs"]
mod tests;
