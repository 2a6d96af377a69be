//! Retrieves images: loads and builds them, and gives them our tags and no other.

use super::driver::{Podman, resolved, texts};
use super::{Arrived, ImageDetails, ImageLayers, deadline, downloads, podman};
use crate::host::archive::{self, Archive, ArchivedImage, Limits, Wanted};
use crate::host::command::Command;
use crate::host::files::{FileProblem, create_private_directory, remove_if_there};
use crate::operation::{Argument, Known, Layout, RetrievedImage};
use crate::plan::model::{Image, ImageSource};
use crate::plan::values::{ImageId, ImageReference, ServiceName, Sha256};
use crate::run::{Cancel, Failure};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
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
    /// Where it is told how much of it has come.
    pub arrived: &'a Arrived,
}

/// What a plan expects of an archive.
#[derive(Default)]
pub(super) struct Expected<'a> {
    sha256: Option<&'a Sha256>,
    reference: Option<&'a ImageReference>,
    id: Option<&'a ImageId>,
}

impl Podman {
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
        ImageLayers::of(&image, !self.has_image(&id)?).write(&record)?;
        let write = move |out: &mut dyn Write| {
            let wanted = Wanted { archive: &archive, image: &image, tags: &tags };
            stream(&mut file, &wanted, out, &cancel)
        };
        self.done(self.retrieval(order, &self.arguments(order)?)?.stdin_writer(write))?;
        if self.has_image(&id)? {
            remove_if_there(&record).map(|_| id).map_err(not_written)
        } else {
            Err(Failure::new(format!("podman loaded the archive, but has no image {id} now")))
        }
    }

    /// Whether it has an image: its storage has it on record, or it tells itself.
    fn has_image(&self, id: &ImageId) -> Result<bool, Failure> {
        match self.stores_image(id.hex()) {
            Some(there) => Ok(there),
            None => Ok(self.image_id(id.hex())?.is_some()),
        }
    }

    /// Builds an image from the context that was copied to [`downloads::build_context`], and tags it for its services.
    ///
    /// # Errors
    /// What Podman said, that it did not end in time, or that `cancel` was set.
    pub fn build(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        self.done(self.retrieval(order, &self.arguments(order)?)?)?;
        let file = order.file(downloads::image_id_file)?;
        let id = std::fs::read_to_string(&file)
            .map_err(|error| Failure::new(format!("podman built an image, but did not say which: {error}")))?;
        let id = ImageId::parse(id.trim()).map_err(|problem| Failure::new(problem.to_string()))?;
        self.tag(order, &id)?;
        Ok(id)
    }

    /// Takes an image again that has one of our tags already; whether there is such a one.
    ///
    /// # Errors
    /// What Podman said, or that it did not end in time.
    pub fn take_again(&self, order: &Order<'_>, image: &ImageId) -> Result<bool, Failure> {
        let tags = order.tags(image);
        let is_ours = |details: ImageDetails| details.tags.iter().any(|tag| tags.contains(tag));
        let there = self.image_details(image.hex())?.is_some_and(is_ours);
        if there {
            self.tag(order, image)?;
        }
        Ok(there)
    }

    fn arguments(&self, order: &Order<'_>) -> Result<Vec<String>, Failure> {
        resolved(&podman::retrieve(order.retrieved, order.layout), order.known)
    }

    /// A call that retrieves the image; what it needs for a while lies in the run's downloads, and goes with them.
    pub(super) fn retrieval(&self, order: &Order<'_>, arguments: &[String]) -> Result<Command, Failure> {
        let call = self.call(arguments, deadline::RETRIEVE);
        let call = match order.retrieved.image.timeout() {
            Some(timeout) => call.deadline(timeout.as_std()),
            None => call,
        };
        Ok(call.env("TMPDIR", order.downloads()).cancel(order.cancel))
    }

    pub(super) fn tag(&self, order: &Order<'_>, image: &ImageId) -> Result<(), Failure> {
        let tags = order.tags(image);
        let arguments = texts(&podman::add_tags(image.hex(), tags.iter().map(String::as_str)));
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        self.done(self.call(&arguments, deadline::CHANGE)).map(drop)
    }

    /// The ID of the image that has this name, if there is one.
    pub(super) fn image_id(&self, name: &str) -> Result<Option<ImageId>, Failure> {
        Ok(self.image_details(name)?.map(|details| details.id))
    }
}

impl Order<'_> {
    /// The tags that this image gets.
    pub(super) fn tags(&self, image: &ImageId) -> Vec<String> {
        let Self { retrieved, layout, known: _, cancel: _, arrived: _ } = self;
        retrieved.services.iter().map(|service| layout.tag(service, image)).collect()
    }

    fn downloads(&self) -> PathBuf {
        self.layout.downloads(&self.known.run)
    }

    pub(super) fn make_downloads(&self) -> Result<(), Failure> {
        create_private_directory(&self.downloads()).map_err(not_written)
    }

    /// Where what is fetched from another server goes; its folder is there then.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn fetched(&self) -> Result<PathBuf, Failure> {
        self.make_downloads()?;
        self.file(downloads::fetched)
    }

    /// One of the paths that are named after the first of the services.
    pub(super) fn file(&self, name: fn(&Layout, &ServiceName) -> Argument) -> Result<PathBuf, Failure> {
        let path = self.argument(name)?.resolve(self.known);
        path.map(PathBuf::from).ok_or_else(|| Failure::new("an image that no service uses: a defect of Landfall"))
    }

    /// The same, as a part of a command.
    pub(super) fn argument(&self, name: fn(&Layout, &ServiceName) -> Argument) -> Result<Argument, Failure> {
        let service = self.retrieved.services.first().map(|service| name(self.layout, service));
        service.ok_or_else(|| Failure::new("an image that no service uses: a defect of Landfall"))
    }

    pub(super) fn expected(&self) -> Expected<'_> {
        match &self.retrieved.image {
            Image::Source(ImageSource::Archive { archive: _, sha256, reference, id }) => {
                Expected { sha256: sha256.as_ref(), reference: reference.as_ref(), id: id.as_ref() }
            }
            Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256, id, timeout: _ }) => {
                Expected { sha256: sha256.as_ref(), reference: None, id: id.as_ref() }
            }
            Image::Source(ImageSource::Url { url: _, sha256, id, ca: _, timeout: _ }) => {
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
pub(super) fn chosen(
    file: &mut File,
    expected: &Expected<'_>,
    cancel: &Cancel,
) -> Result<(Archive, ArchivedImage), Failure> {
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

pub(super) fn stream(file: &mut File, wanted: &Wanted<'_>, out: &mut dyn Write, cancel: &Cancel) -> io::Result<()> {
    archive::stream(file, wanted, out, &|| cancel.is_cancelled()).map_err(|problem| match problem {
        // Podman's own words say more than that it reads no further.
        archive::ArchiveProblem::NotTaken { reason } => io::Error::new(ErrorKind::BrokenPipe, reason),
        problem => io::Error::other(problem.to_string()),
    })
}

pub(super) fn not_written(problem: FileProblem) -> Failure {
    Failure::new(problem.to_string())
}
