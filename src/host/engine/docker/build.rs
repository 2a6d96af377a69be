//! Builds images. Docker's builder makes an image of each line of a Containerfile, and leaves those that no image was made of in the end:
//! they are removed here.
#![allow(clippy::disallowed_methods, reason = "a build writes the image's ID into a file")]

use super::super::driver::{resolved, texts};
use super::super::retrieve::Order;
use super::super::{deadline, docker, downloads, said};
use super::driver::Docker;
use crate::few::Few;
use crate::host::command::{CommandProblem, Output};
use crate::plan::values::ImageId;
use crate::run::Failure;
use std::collections::BTreeSet;

/// How much of a build's output is kept, from its end.
const OUTPUT_BYTES: usize = 4 << 20;

/// What the builder prints before the ID of an image that it has made, or that it begins with.
const MADE: &str = " ---> ";

impl Docker {
    /// Builds an image from the context that was copied for it, and tags it for its services. Of what it is not made of nothing stays,
    /// whether it comes to be or not.
    ///
    /// # Errors
    /// What Docker said, that it did not end in time, or that the run is to end.
    pub fn build(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        let arguments = resolved(&docker::retrieve(order.retrieved, order.layout), order.known)?;
        let before = self.ids_of_images()?;
        let call = self.retrieval(order, &arguments).keep_the_last(OUTPUT_BYTES);
        let command = call.name();
        let Output { stdout, stderr, code } = call.run_to_any_code().map_err(said::failure)?;
        let built = if code == 0 {
            self.built(order)
        } else {
            Err(said::failure(CommandProblem::Failed { command, code, stderr_tail: stderr }))
        };
        self.drop_steps(&String::from_utf8_lossy(&stdout), &before, built.as_ref().ok());
        let id = built?;
        self.tag(order, &id)?;
        self.known_as(&id)
    }

    /// The ID that the build has written down.
    fn built(&self, order: &Order<'_>) -> Result<ImageId, Failure> {
        let id = std::fs::read_to_string(order.file(downloads::image_id_file)?)
            .map_err(|error| Failure::new(format!("docker built an image, but did not say which: {error}")))?;
        ImageId::parse(id.trim()).map_err(|problem| Failure::new(problem.to_string()))
    }

    /// Removes what a build has made on its way, from the last to the first. What the image is made of, Docker keeps.
    fn drop_steps(&self, printed: &str, before: &BTreeSet<String>, image: Option<&ImageId>) {
        for step in steps(printed).into_iter().rev() {
            let is_ours = !before.iter().any(|there| there.starts_with(step));
            if is_ours && image.is_none_or(|image| !image.hex().starts_with(step)) {
                let removed = self.done(self.call(&texts(&docker::untag(step)), deadline::REMOVE));
                // One that the image is made of can't be removed, and goes with it.
                drop(removed.inspect_err(|kept| tracing::debug!(step, cause = kept.message, "it stays")));
            }
        }
    }

    /// The IDs of all images, those included that others are made of.
    fn ids_of_images(&self) -> Result<BTreeSet<String>, Failure> {
        let all = ["images", "--all", "--quiet", "--no-trunc"].map(str::to_owned);
        let output = self.done(self.call(&all, deadline::LOOK))?;
        let listed = String::from_utf8_lossy(&output.stdout);
        Ok(listed.lines().map(|id| id.trim().trim_start_matches("sha256:").to_owned()).gathered())
    }
}

/// The beginnings of the IDs of the images that a build says it made or began with, in its order.
fn steps(printed: &str) -> Vec<&str> {
    let ids = printed.lines().filter_map(|line| line.strip_prefix(MADE));
    ids.filter(|id| id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).collect()
}

#[cfg(test)]
mod tests {
    use super::steps;
    use pretty_assertions::assert_eq;

    /// As 20.10.24 prints it.
    #[test]
    fn the_images_that_a_build_makes_on_its_way_are_read_from_what_it_prints() {
        let printed = "Sending build context to Docker daemon  2.1MB\nStep 1/3 : FROM scratch\n ---> \nStep 2/3 : COPY a /a\n \
                       ---> 3ac73fcdb33f\nStep 3/3 : RUN echo ' ---> '\n ---> Running in 0a1b2c3d4e5f\nRemoving intermediate container \
                       0a1b2c3d4e5f\n ---> 7a6030b6ac0a\nSuccessfully built 7a6030b6ac0a\n";
        assert_eq!(steps(printed), ["3ac73fcdb33f", "7a6030b6ac0a"]);
    }
}
