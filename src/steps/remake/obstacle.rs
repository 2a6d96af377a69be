//! What hinders that a lost service is made anew. Reads nothing, changes nothing.

use super::Remake;
use crate::facts::{DirectoryFact, FileFact};
use crate::operation::{PulledFrom, RetrievedImage};
use crate::plan::model::{Image, ImageSource, Service};
use crate::plan::values::ServiceName;

impl Remake<'_> {
    /// Why a service can't be made anew from what is on record and what is here, in words that end with what to do; none if it can.
    pub fn obstacle(&self, name: &ServiceName) -> Option<String> {
        let (service, saved) = (self.pinned.services.get(name)?, self.saved.services.get(name)?);
        let wrong = service.volumes.iter().find_map(|volume| {
            let wrong = match self.facts.directories.get(&volume.source) {
                Some(DirectoryFact::Present { mountpoint: false, label_usable: _ }) if volume.mountpoint => {
                    "has no disk mounted"
                }
                Some(DirectoryFact::Present { mountpoint: _, label_usable: _ }) => return None,
                Some(DirectoryFact::Missing) | None => "is not there",
                Some(
                    DirectoryFact::WithinReach { at: _, by: _ }
                    | DirectoryFact::Symlink(_)
                    | DirectoryFact::NotADirectory(_),
                ) => "is not the directory that it was",
            };
            Some((&volume.source, wrong))
        });
        if let Some((directory, wrong)) = wrong {
            return Some(format!(
                "its data directory {directory} {wrong}: put it back, then type `landfall remake {}`",
                self.plan.name
            ));
        }
        let has = |secret: &&String| self.facts.look.secrets.iter().any(|there| there.name == **secret);
        if !saved.secrets.iter().all(|secret| has(&secret)) {
            return Some(
                "its secrets are gone from the engine's store: type `landfall deploy PLAN --secrets FILE`".to_owned(),
            );
        }
        if self.has_image(&saved.image_id) { None } else { self.image_is_out_of_reach(service) }
    }

    /// Why an image that is gone can't be had again without the secrets file, or without its author.
    fn image_is_out_of_reach(&self, service: &Service) -> Option<String> {
        let wants = |what: String| Some(format!("{what}: type `landfall deploy PLAN --secrets FILE`"));
        match &service.image {
            Image::Reference(_) | Image::Source(ImageSource::Registry { .. }) => {
                let retrieved = RetrievedImage::of(&service.image, Vec::new(), &self.plan.registries);
                let guarded = |place: PulledFrom| place.account.map(|(_, password)| (place.reference, password));
                let (reference, password) = retrieved.places.into_iter().find_map(guarded)?;
                let registry = reference.registry();
                wants(format!(
                    "its image {reference} is gone, and the registry {registry} wants the password `{password}`"
                ))
            }
            Image::Source(ImageSource::Ssh { ssh, key, .. }) => {
                wants(format!("its image is gone, and lies at {ssh}, where the key `{key}` is wanted"))
            }
            Image::Source(ImageSource::Build { build, .. }) => Some(match self.facts.files.get(build) {
                Some(FileFact::Folder) => format!(
                    "its image is gone, and only a deployment builds one, from {build}: type `landfall deploy PLAN`"
                ),
                _ => format!(
                    "its image is gone, and so is {build}, from which it was built: put that back, then type `landfall deploy PLAN`"
                ),
            }),
            Image::Source(ImageSource::Archive { .. } | ImageSource::Url { .. }) => None,
        }
    }
}
