//! Images by what they are known by everywhere, from Docker and to Docker: its own IDs are others where it keeps images in containerd's
//! store. Changes nothing.

use super::super::details::Described;
use super::super::{ImageDetails, ImageTold};
use super::driver::Docker;
use crate::facts::ImageFact;
use crate::few::InOrder;
use crate::operation::{Known, Layout};
use crate::plan::values::{ImageId, ServiceName};
use crate::run::Failure;
use std::collections::BTreeMap;

impl Docker {
    /// All images.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn images(&self) -> Result<Vec<ImageFact>, Failure> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for ImageFact { id, tags } in self.images_as_it_calls_them()? {
            all.entry(self.known_by(&id)?).or_default().extend(tags);
        }
        let fact = |(id, mut tags): (String, Vec<String>)| {
            tags.put_in_order();
            ImageFact { id, tags }
        };
        Ok(all.into_iter().map(fact).collect())
    }

    /// What it knows of an image, by ID or name; `None` if it has none of that name. One that it has several times has the tags of all.
    ///
    /// # Errors
    /// Docker can't tell, or not in time.
    pub fn image_details(&self, image: &str) -> Result<Option<ImageDetails>, Failure> {
        let mut found: Option<ImageDetails> = None;
        for called in self.calls_it(image)? {
            let Some(details) = self.image(&called, Described::details)? else { continue };
            let details = self.completed(details)?;
            match &mut found {
                Some(found) => found.tags.extend(details.tags),
                None => found = Some(details),
            }
        }
        found.map(|details| Ok(ImageDetails { id: self.known_as(&details.id)?, ..details })).transpose()
    }

    /// What it knows of those of these images, by name, that it has, in one call.
    ///
    /// # Errors
    /// Docker can't tell, or not in time.
    pub fn details_of_images(&self, names: &[String]) -> Result<Vec<ImageDetails>, Failure> {
        let described: Vec<Described> = self.inspected(&["image", "inspect"], names)?;
        let known = |details| {
            let details = self.completed(details)?;
            Ok(ImageDetails { id: self.known_as(&details.id)?, ..details })
        };
        described.into_iter().filter_map(Described::details).map(known).collect()
    }

    /// The details of an image, with what it says of itself where Docker says nothing of it.
    fn completed(&self, details: ImageDetails) -> Result<ImageDetails, Failure> {
        Ok(match self.contents()? {
            Some(contents) => contents.completed(details),
            None => details,
        })
    }

    /// What it tells people of an image; `None` if it has none of that name.
    ///
    /// # Errors
    /// Docker can't tell, or not in time.
    pub fn image_told(&self, image: &str) -> Result<Option<ImageTold>, Failure> {
        let called = self.calls_it(image)?.into_iter().next();
        called.map_or(Ok(None), |called| self.image(&called, Some))
    }

    /// The ID that Docker itself calls the image by that has this name or such an ID, if there is one.
    pub(super) fn own_id(&self, name: &str) -> Result<Option<ImageId>, Failure> {
        Ok(self.image(name, Described::details)?.map(|details| details.id))
    }

    /// What an image is known by that Docker calls so.
    pub(super) fn known_as(&self, image: &ImageId) -> Result<ImageId, Failure> {
        let known = self.contents()?.and_then(|contents| contents.known_by(image));
        // What can't be told is known by nothing that a plan could say.
        Ok(known.unwrap_or_else(|| image.clone()))
    }

    /// The same, in digits: Docker calls a container's image so, too, when the image is gone.
    pub(super) fn known_by(&self, digits: &str) -> Result<String, Failure> {
        match ImageId::parse(&format!("sha256:{digits}")) {
            Ok(image) => Ok(self.known_as(&image)?.hex().to_owned()),
            Err(_) => Ok(digits.to_owned()),
        }
    }

    /// What Docker calls the image that is known by this ID, those with tags of ours first; a name is the same for both.
    pub(super) fn calls_it(&self, image: &str) -> Result<Vec<String>, Failure> {
        let unchanged = vec![image.to_owned()];
        let is_id = ImageId::parse(&format!("sha256:{image}")).is_ok();
        if !is_id || self.contents()?.is_none() {
            return Ok(unchanged);
        }
        let mut called = Vec::new();
        for ImageFact { id, tags } in self.images_as_it_calls_them()? {
            if self.known_by(&id)? == image {
                called.push((!tags.iter().any(|tag| tag.starts_with(Layout::REPOSITORIES)), id));
            }
        }
        called.put_in_order();
        let called: Vec<String> = called.into_iter().map(|(_, id)| id).collect();
        Ok(if called.is_empty() { unchanged } else { called })
    }

    /// What a run knows, with the service's image as Docker calls it.
    pub(super) fn as_it_calls_images(&self, known: &Known, service: &ServiceName) -> Result<Known, Failure> {
        let mut known = known.clone();
        if let Some(image) = known.images.get_mut(service) {
            let called = self.calls_it(image.hex())?.into_iter().next();
            if let Some(called) = called.and_then(|called| ImageId::parse(&format!("sha256:{called}")).ok()) {
                *image = called;
            }
        }
        Ok(known)
    }
}
