//! Builds images, unless the one that runs was built from the same.

use super::perform::resolved;
use super::{Node, state};
use crate::facts::Saved;
use crate::host::engine::{Order, build_context};
use crate::host::files;
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::reading;
use crate::plan::values::{ImageId, PlanPath};
use crate::run::Failure;
use std::collections::BTreeMap;
use std::path::Path;

impl Node {
    /// Builds an image from the context at this path; where what is deployed was built from the same, that image is taken again.
    pub(super) fn build(&self, order: &Order<'_>, context: &PlanPath) -> Result<ImageId, Failure> {
        let image = &order.retrieved.image;
        let content = self.deployment()?.accepted.files.get(context);
        let saved = state::read_saved(&self.layout.saved())?;
        let built = content.zip(saved).and_then(|(content, saved)| built_from(image, content, &saved));
        if let Some(built) = built
            && self.engine.take_again(order, &built)?
        {
            tracing::info!(image = built.hex(), "was built from the same context, and is taken again");
            return Ok(built);
        }
        self.copy_context(order, context)?;
        self.engine.build(order)
    }

    /// Copies a build's context to where no user can change it any more, and verifies every entry on the way.
    fn copy_context(&self, order: &Order<'_>, build: &PlanPath) -> Result<(), Failure> {
        let defect = || Failure::new("an image that no service uses, which is a defect of Landfall");
        let service = order.retrieved.services.first().ok_or_else(defect)?;
        let destination = resolved(&build_context(order.layout, service), order.known)?;
        let destination = Path::new(&destination);
        for folder in destination.parent().into_iter().chain([destination]) {
            files::create_private_directory(folder).map_err(|problem| Failure::new(problem.to_string()))?;
        }
        self.deployment()?.sources.copy_context(build, destination)
    }
}

/// The image of what is deployed that was built in the same way from a context with this content.
fn built_from(image: &Image, content: &str, saved: &Saved) -> Option<ImageId> {
    let plan: Plan = reading::plan("the saved plan", saved.plan.as_bytes()).content?;
    let build = Build::of(image)?;
    let is_same = |there: &Build<'_>| {
        let was = saved.files.get(there.context).is_some_and(|was| was == content);
        was && (there.file, there.args, there.target) == (build.file, build.args, build.target)
    };
    let mut services = plan.services.iter();
    let (name, _) = services.find(|(_, service)| Build::of(&service.image).as_ref().is_some_and(is_same))?;
    let built = &saved.services.get(name)?.image_id;
    // What is pinned to another may come of an image below it that has changed.
    image.pinned_id().is_none_or(|pinned| pinned == built).then(|| built.clone())
}

/// What an image is built from.
struct Build<'a> {
    context: &'a PlanPath,
    file: &'a PlanPath,
    args: &'a BTreeMap<String, String>,
    target: Option<&'a str>,
}

impl<'a> Build<'a> {
    fn of(image: &'a Image) -> Option<Self> {
        let Image::Source(ImageSource::Build { build: context, file, args, target, id: _, timeout: _ }) = image else {
            return None;
        };
        Some(Self { context, file, args, target: target.as_deref() })
    }
}
