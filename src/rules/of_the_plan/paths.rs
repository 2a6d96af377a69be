//! Paths that lead out of where they must stay. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::rules::place::field;
use std::path::{Component, Path};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let Image::Source(ImageSource::Build { build, file, args: _, target: _, id: _, timeout: _ }) = &service.image
        else {
            continue;
        };
        let stays = |component| matches!(component, Component::Normal(_) | Component::CurDir);
        if !Path::new(file.as_str()).components().all(stays) {
            let message = format!("the Containerfile `{file}` lies outside the context `{build}`");
            findings.push(
                Finding::error(Code::PathEscapes, field(name, "image").then("file"), message)
                    .label("relative to the context, without `..`")
                    .help("move it into the context"),
            );
        }
    }
    findings
}
