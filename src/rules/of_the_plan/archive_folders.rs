//! A folder of archives of which nothing says which image is meant. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        if let Image::Source(ImageSource::Archive { archive, sha256: _, reference: None, id: _ }) = &service.image
            && archive.is_folder()
        {
            let message = format!("`{archive}` is a folder, and nothing says which image of its archives is meant");
            findings.push(
                Finding::error(Code::MissingField, field(name, "image").then("archive"), message)
                    .label("a folder needs `reference` beside it")
                    .help("add `reference`, the image's name in its archive; an archive itself is named without `/` at the end"),
            );
        }
    }
    findings
}
