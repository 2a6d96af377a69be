//! Retrieves images: pulls, loads and builds them, gives them our tags, and leaves every name of others where it was.

use super::super::attempts::{asked_again, from_first_place};
use super::super::driver::{resolved, texts};
use super::super::pull::{PulledName, authentication};
use super::super::retrieve::{Order, chosen, not_written, stream};
use super::super::{Access, deadline, docker, downloads};
use super::driver::Docker;
use crate::facts::EngineKind;
use crate::host::archive::Wanted;
use crate::host::command::Command;
use crate::host::files::{InMemory, create_private_directory, remove_if_there};
use crate::operation::PulledFrom;
use crate::plan::values::ImageId;
use crate::run::Failure;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

impl Docker {
    /// Loads an image from an archive and tags it for its services.
    ///
    /// # Errors
    /// The archive is not what the plan says, or can't be read; what Docker said; that it did not end in time, or that the run
    /// is to end.
    pub fn load(&self, order: &Order<'_>, mut file: File) -> Result<ImageId, Failure> {
        order.make_downloads()?;
        let (archive, image) = chosen(&mut file, &order.expected(), order.cancel)?;
        let id = ImageId::parse(&image.id).map_err(|problem| Failure::new(problem.to_string()))?;
        let (tags, cancel) = (order.tags(&id), order.cancel.clone());
        let write = move |out: &mut dyn Write| {
            let wanted = Wanted { archive: &archive, image: &image, tags: &tags };
            stream(&mut file, &wanted, out, &cancel)
        };
        let arguments = resolved(&docker::retrieve(order.retrieved, order.layout), order.known)?;
        self.done(self.retrieval(order, &arguments).stdin_writer(write))?;
        match self.image_id(id.hex())? {
            Some(_) => Ok(id),
            None => Err(Failure::new(format!("docker loaded the archive, but has no image {id} now"))),
        }
    }

    /// Builds an image from the context that was copied for it, and tags it for its services.
    ///
    /// # Errors
    /// What Docker said, that it did not end in time, or that the run is to end.
    pub fn build(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        let arguments = resolved(&docker::retrieve(order.retrieved, order.layout), order.known)?;
        self.done(self.retrieval(order, &arguments))?;
        let id = std::fs::read_to_string(order.file(downloads::image_id_file)?)
            .map_err(|error| Failure::new(format!("docker built an image, but did not say which: {error}")))?;
        let id = ImageId::parse(id.trim()).map_err(|problem| Failure::new(problem.to_string()))?;
        self.tag(order, &id)?;
        Ok(id)
    }

    /// Pulls an image from the first of its places that delivers it, and tags it for its services. A tag of a registry's name is
    /// afterwards where it was before.
    ///
    /// # Errors
    /// What Docker said of each place; that none ended in time, or that the run is to end.
    pub fn pull(
        &self,
        order: &Order<'_>,
        access: &dyn Fn(&PulledFrom) -> Result<Access, Failure>,
    ) -> Result<ImageId, Failure> {
        order.make_downloads()?;
        from_first_place(order, |place, share| self.pull_from(order, place, access(place)?, share))
    }

    fn pull_from(
        &self,
        order: &Order<'_>,
        place: &PulledFrom,
        access: Access,
        share: Duration,
    ) -> Result<ImageId, Failure> {
        // Whom the daemon trusts is its own configuration: a plan that says otherwise is refused in step 1.
        let Access { login, authority: _ } = access;
        let account = login.as_ref().map(|login| InMemory::holding(&authentication(login))).transpose();
        let account = account.map_err(not_written)?;
        let reference = downloads::pull_reference(&place.reference, place.digest.as_ref());
        let before = self.image_id(&reference)?;
        let record = order.file(downloads::pulled_name)?;
        PulledName { reference: reference.clone(), before: before.clone() }.write(&record)?;
        let pulled = self.attempt(order, place, account.as_ref(), share).and_then(|()| {
            self.image_id(&reference)?.ok_or_else(|| Failure::new(format!("docker pulled {reference}, but has it not")))
        });
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
        account: Option<&InMemory>,
        share: Duration,
    ) -> Result<(), Failure> {
        let arguments = resolved(&docker::pull(place), order.known)?;
        let settings = account.map(|account| settings_with(order, account)).transpose()?;
        let asked = asked_again(order, (EngineKind::Docker, place), share, || {
            let call = self.retrieval(order, &arguments);
            Ok(match &settings {
                Some(settings) => call.env("DOCKER_CONFIG", settings),
                None => call,
            })
        });
        asked.map(drop)
    }

    /// Puts the names that pulls of a killed run took back where they were, as far as the run's downloads have them on record.
    ///
    /// # Errors
    /// A record can't be read, what Docker said, or that it did not end in time.
    pub fn restore_names(&self, downloads: &Path) -> Result<(), Failure> {
        for PulledName { reference, before } in PulledName::all_in(downloads)? {
            // Whoever had the image may have removed it since.
            let before = before.map(|image| self.image_id(image.hex())).transpose()?.flatten();
            let Some(pulled) = self.image_id(&reference)?.filter(|now| before.as_ref() != Some(now)) else { continue };
            self.restore(&reference, before.as_ref())?;
            if before.is_some() && self.images()?.iter().any(|image| image.id == pulled.hex() && image.tags.is_empty())
            {
                self.drop_tag(pulled.hex())?;
            }
        }
        Ok(())
    }

    /// Puts the name that a pull took back where it was, or away.
    fn restore(&self, reference: &str, before: Option<&ImageId>) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let arguments = match (before, self.image_id(reference)?) {
            (Some(before), now) if now.as_ref() != Some(before) => docker::add_tag(before.hex(), reference),
            (None, Some(_)) => docker::untag(reference),
            (Some(_) | None, _) => return Ok(()),
        };
        self.done(self.call(&texts(&arguments), deadline::CHANGE)).map(drop)
    }

    /// A call that retrieves the image.
    fn retrieval(&self, order: &Order<'_>, arguments: &[String]) -> Command {
        let call = self.call(arguments, deadline::RETRIEVE);
        let call = match order.retrieved.image.timeout() {
            Some(timeout) => call.deadline(timeout.as_std()),
            None => call,
        };
        call.cancel(order.cancel)
    }

    /// Takes an image again that has one of our tags already; whether there is such a one.
    ///
    /// # Errors
    /// What Docker said, or that it did not end in time.
    pub fn take_again(&self, order: &Order<'_>, image: &ImageId) -> Result<bool, Failure> {
        let tags = order.tags(image);
        let there = self.image_details(image.hex())?;
        let there = there.is_some_and(|details| details.tags.iter().any(|tag| tags.contains(tag)));
        if there {
            self.tag(order, image)?;
        }
        Ok(there)
    }

    fn tag(&self, order: &Order<'_>, image: &ImageId) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        order.tags(image).iter().try_for_each(|tag| {
            self.done(self.call(&texts(&docker::add_tag(image.hex(), tag)), deadline::CHANGE)).map(drop)
        })
    }

    /// The ID of the image that has this name, if there is one.
    fn image_id(&self, name: &str) -> Result<Option<ImageId>, Failure> {
        Ok(self.image_details(name)?.map(|details| details.id))
    }
}

/// A folder of the client's settings whose one file lies in this process's memory: nobody finds an account on a disk, whatever
/// happens to the process.
fn settings_with(order: &Order<'_>, account: &InMemory) -> Result<std::path::PathBuf, Failure> {
    let folder = order.file(downloads::settings)?;
    create_private_directory(&folder).map_err(not_written)?;
    let file = folder.join("config.json");
    remove_if_there(&file).map_err(not_written)?;
    symlink(account.path(), &file)
        .map_err(|error| Failure::new(format!("{} can't be made: {error}", file.display())))?;
    Ok(folder)
}
