//! The images of whichever engine performs a plan.

use super::super::{Access, ImageDetails, ImageTold, Order};
use super::Engine;
use crate::facts::{ImageFact, RegistryTrusts};
use crate::operation::PulledFrom;
use crate::plan::values::{ImageId, RegistryName};
use crate::run::Failure;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

impl Engine {
    /// The folder in which it keeps images.
    ///
    /// # Errors
    /// It can't be used.
    pub fn images_folder(&self) -> Result<PathBuf, Failure> {
        match self {
            Self::Podman(podman) => podman.storage().map(|storage| storage.graph),
            Self::Docker(docker) => docker.images_folder(),
        }
    }

    /// Those of an image's layers that a pull doesn't fetch again: of their digests, as registries tell them, lowest first. Nothing
    /// where that can't be seen.
    pub fn layers_there(&self, digests: &[&str]) -> BTreeSet<String> {
        match self {
            Self::Podman(podman) => podman.layers_there(digests),
            Self::Docker(docker) => docker.layers_there(digests),
        }
    }

    /// How its daemon asks these registries; nothing where a call decides it.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn trusts(&self, registries: &BTreeSet<RegistryName>) -> Result<RegistryTrusts, Failure> {
        match self {
            Self::Podman(_) => Ok(RegistryTrusts::new()),
            Self::Docker(docker) => docker.trusts(registries),
        }
    }

    /// What it knows of an image, by ID or name; `None` if it has none of that name.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn image_details(&self, image: &str) -> Result<Option<ImageDetails>, Failure> {
        match self {
            Self::Podman(podman) => podman.image_details(image),
            Self::Docker(docker) => docker.image_details(image),
        }
    }

    /// What it knows of those of these images, by name, that it has; one image may be told of more than once.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn details_of_images(&self, names: &[String]) -> Result<Vec<ImageDetails>, Failure> {
        match self {
            Self::Podman(podman) => podman.details_of_images(names),
            Self::Docker(docker) => docker.details_of_images(names),
        }
    }

    /// Removes tags in one call, and the images with their last ones.
    ///
    /// # Errors
    /// What the engine said of any of them, or that it did not end in time: some may be gone then.
    pub fn drop_tags(&self, tags: &[String]) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.drop_tags(tags),
            Self::Docker(docker) => docker.drop_tags(tags),
        }
    }

    /// What it tells people of an image; `None` if it has none of that name.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn image_told(&self, image: &str) -> Result<Option<ImageTold>, Failure> {
        match self {
            Self::Podman(podman) => podman.image_told(image),
            Self::Docker(docker) => docker.image_told(image),
        }
    }

    /// All images.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn images(&self) -> Result<Vec<ImageFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.images(),
            Self::Docker(docker) => docker.images(),
        }
    }

    /// Pulls an image from the first of its places that delivers it, and tags it for its services; `access` says what is needed
    /// for a place.
    ///
    /// # Errors
    /// What the engine said of each place; that none ended in time, or that the run is to end.
    pub fn pull(
        &self,
        order: &Order<'_>,
        access: &dyn Fn(&PulledFrom) -> Result<Access, Failure>,
    ) -> Result<ImageId, Failure> {
        match self {
            Self::Podman(podman) => podman.pull(order, access),
            Self::Docker(docker) => docker.pull(order, access),
        }
    }

    /// Loads an image from an archive and tags it for its services.
    ///
    /// # Errors
    /// The archive is not what the plan says, or can't be read; what the engine said; that it did not end in time, or that
    /// the run is to end.
    pub fn load(&self, order: &Order<'_>, file: File) -> Result<ImageId, Failure> {
        match self {
            Self::Podman(podman) => podman.load(order, file),
            Self::Docker(docker) => docker.load(order, file),
        }
    }

    /// Builds an image from the context that was copied to [`super::super::build_context`], and tags it for its services.
    ///
    /// # Errors
    /// What the engine said, that it did not end in time, or that the run is to end.
    pub fn build(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        match self {
            Self::Podman(podman) => podman.build(order),
            Self::Docker(docker) => docker.build(order),
        }
    }

    /// Puts the names that pulls of a killed run took back where they were, as far as the run's downloads have them on record.
    ///
    /// # Errors
    /// A record can't be read, what the engine said, or that it did not end in time.
    pub fn restore_names(&self, downloads: &Path) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.restore_names(downloads),
            Self::Docker(docker) => docker.restore_names(downloads),
        }
    }

    /// Takes an image again that has one of our tags already; whether there is such a one.
    ///
    /// # Errors
    /// What the engine said, or that it did not end in time.
    pub fn take_again(&self, order: &Order<'_>, image: &ImageId) -> Result<bool, Failure> {
        match self {
            Self::Podman(podman) => podman.take_again(order, image),
            Self::Docker(docker) => docker.take_again(order, image),
        }
    }
}
