//! Images that a folder of archives must have. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{ArchiveFact, Facts};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::values::ServiceName;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let judged = |(name, fact): (&ServiceName, &ArchiveFact)| {
        let ArchiveFact::NotFound { reason, cure } = fact else { return None };
        let Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) =
            &plan.services.get(name)?.image
        else {
            return None;
        };
        let message = format!("the image is not to be found in `{archive}`: {reason}");
        Some(Finding::error(Code::NotInFolder, field(name, "image").then("archive"), message).help(cure.clone()))
    };
    facts.archives.iter().filter_map(judged).collect()
}
