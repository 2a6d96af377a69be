//! Retrieves images: pulls and loads them, gives them our tags, and leaves every name of others where it was.

use super::super::attempts::{asked_again, from_first_place};
use super::super::driver::{resolved, texts};
use super::super::pull::{PulledName, authentication};
use super::super::retrieve::{Order, chosen, not_written, stream};
use super::super::{Access, deadline, docker, downloads};
use super::driver::Docker;
use super::pulled::Shown;
use crate::facts::EngineKind;
use crate::host::archive::Wanted;
use crate::host::command::Command;
use crate::host::files::{Nameless, create_private_directory, remove_if_there};
use crate::operation::PulledFrom;
use crate::plan::values::ImageId;
use crate::run::Failure;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

/// How much is kept of what the client shows of a pull, in bytes.
const LAST_SHOWN: usize = 16 * 1024;

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
        match self.image_details(id.hex())? {
            Some(_) => Ok(id),
            None => Err(Failure::new(format!("docker loaded the archive, but has no image {id} now"))),
        }
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
        let pulled = from_first_place(order, |place, share| self.pull_from(order, place, access(place)?, share))?;
        self.known_as(&pulled)
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
        let account = login.as_ref().map(|login| Nameless::holding(&authentication(login))).transpose();
        let account = account.map_err(not_written)?;
        let reference = downloads::pull_reference(&place.reference, place.digest.as_ref());
        let name = self.name_before(reference)?;
        let record = order.file(downloads::pulled_name)?;
        name.write(&record)?;
        let _pulled = Pulling::of(self, &name.reference);
        let pulled = self.attempt(order, place, account.as_ref(), share).and_then(|()| {
            let image = self.image_id(&name.reference)?;
            image.ok_or_else(|| Failure::new(format!("docker pulled {}, but has it not", name.reference)))
        });
        let tagged = pulled.and_then(|image| self.tag(order, &image).map(|()| image));
        // Also after a failure: the reference may have moved before it.
        let restored = self.restore(&name);
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
    ) -> Result<(), Failure> {
        let arguments = resolved(&docker::pull(place), order.known)?;
        let settings = account.map(|account| settings_with(order, account)).transpose()?;
        let asked = asked_again(order, (EngineKind::Docker, place), share, || {
            let (arrived, mut shown) = (order.arrived.clone(), Shown::default());
            arrived.is(0);
            let hear = move |piece: &[u8]| arrived.is(shown.take(piece));
            let call = self.retrieval(order, &arguments).on_a_terminal(hear).keep_the_last(LAST_SHOWN);
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
        for name in PulledName::all_in(downloads)? {
            // Whoever had the image may have removed it since.
            let before = name.before.as_ref().map(|image| self.image_id(image.hex())).transpose()?.flatten();
            let name = PulledName { before, ..name };
            let pulled = self.image_id(&name.reference)?;
            self.restore(&name)?;
            let Some(pulled) = pulled.filter(|now| name.before.is_some() && name.before.as_ref() != Some(now)) else {
                continue;
            };
            if self.images_as_it_calls_them()?.iter().any(|image| image.id == pulled.hex() && image.tags.is_empty()) {
                self.drop_tag(pulled.hex())?;
            }
        }
        Ok(())
    }

    /// What a pull may change of names.
    fn name_before(&self, reference: String) -> Result<PulledName, Failure> {
        let digests = self.names_by_digest(&reference)?.into_iter().map(|(_, name)| name).collect();
        Ok(PulledName { before: self.image_id(&reference)?, reference, digests })
    }

    /// Puts the name that a pull took back where it was, or away. A name by digest that Docker gave beside it goes.
    fn restore(&self, name: &PulledName) -> Result<(), Failure> {
        let PulledName { reference, before, digests } = name;
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(now) = self.image_id(reference)? else { return Ok(()) };
        let given = self.names_by_digest(reference)?;
        match before {
            Some(before) if now != *before => {
                self.done(self.call(&texts(&docker::add_tag(before.hex(), reference)), deadline::CHANGE))?;
            }
            Some(_) => {}
            None => self.removed(self.call(&texts(&docker::untag(reference)), deadline::CHANGE))?,
        }
        let given = given.into_iter().filter(|(image, name)| *image == now && !digests.contains(name));
        given
            .map(|(_, name)| name)
            .filter(|name| name != reference && !self.is_being_pulled(name))
            .try_for_each(|name| self.removed(self.call(&texts(&docker::untag(&name)), deadline::CHANGE)))
    }

    /// The names by digest in the repository of a reference, with their images.
    fn names_by_digest(&self, reference: &str) -> Result<Vec<(ImageId, String)>, Failure> {
        let output = self.done(self.call(&texts(&docker::names_by_digest(repository(reference))), deadline::LOOK))?;
        let lines = String::from_utf8_lossy(&output.stdout);
        let names = lines.lines().filter_map(|line| line.split_once(' '));
        let names = names.filter(|(_, name)| !name.ends_with("@<none>"));
        Ok(names.filter_map(|(image, name)| Some((ImageId::parse(image).ok()?, name.to_owned()))).collect())
    }

    fn is_being_pulled(&self, name: &str) -> bool {
        self.pulling.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// A call that retrieves the image.
    pub(super) fn retrieval(&self, order: &Order<'_>, arguments: &[String]) -> Command {
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
            let called = self.calls_it(image.hex())?.into_iter().next();
            let called = called.map(|called| self.image_id(&called)).transpose()?.flatten();
            called.map_or(Ok(()), |called| self.tag(order, &called))?;
        }
        Ok(there)
    }

    /// Tags the image that Docker calls so.
    pub(super) fn tag(&self, order: &Order<'_>, image: &ImageId) -> Result<(), Failure> {
        let known = self.known_as(image)?;
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        order.tags(&known).iter().try_for_each(|tag| {
            self.done(self.call(&texts(&docker::add_tag(image.hex(), tag)), deadline::CHANGE)).map(drop)
        })
    }

    /// What Docker calls the image that has this name, if there is one.
    fn image_id(&self, name: &str) -> Result<Option<ImageId>, Failure> {
        self.own_id(name)
    }
}

/// A name that is being pulled: nobody who pulls the same image by another one takes it away meanwhile.
struct Pulling<'a> {
    docker: &'a Docker,
    name: &'a str,
}

impl<'a> Pulling<'a> {
    fn of(docker: &'a Docker, name: &'a str) -> Self {
        docker.pulling.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Self { docker, name }
    }
}

impl Drop for Pulling<'_> {
    fn drop(&mut self) {
        self.docker.pulling.lock().unwrap_or_else(PoisonError::into_inner).remove(self.name);
    }
}

/// A reference without its tag and its digest.
fn repository(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    // A colon before the last slash is a port's.
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        Some(_) | None => name,
    }
}

/// A folder of the client's settings whose one file lies in this process's memory: nobody finds an account on a disk, whatever
/// happens to the process.
fn settings_with(order: &Order<'_>, account: &Nameless) -> Result<std::path::PathBuf, Failure> {
    let folder = order.file(downloads::settings)?;
    create_private_directory(&folder).map_err(not_written)?;
    let file = folder.join("config.json");
    remove_if_there(&file).map_err(not_written)?;
    symlink(account.path(), &file)
        .map_err(|error| Failure::new(format!("{} can't be made: {error}", file.display())))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::repository;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_repository_of_a_reference_has_neither_tag_nor_digest() {
        let digest = format!("r.example:5000/shop/web@sha256:{}", "0".repeat(64));
        let references = ["r.example:5000/shop/web:1", "r.example:5000/shop/web", digest.as_str()];
        assert_eq!(references.map(repository), ["r.example:5000/shop/web"; 3]);
    }
}
