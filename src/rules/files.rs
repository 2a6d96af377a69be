//! The files and folders that travel with the plan. Reads nothing, changes nothing.

use super::place::field;
use crate::diagnostics::{Code, Finding, Pointer, Severity};
use crate::facts::FileFact;
use crate::plan::model::{ConfigSource, Image, ImageSource, Plan, Probe};
use crate::plan::values::PlanPath;
use std::collections::BTreeMap;

/// What a path of the plan must lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A file.
    File,
    /// A folder: a build's context.
    Folder,
    /// A folder of image archives.
    Archives,
}

/// Every file and folder that the plan names, what it must be, and where the plan names it.
pub fn named(plan: &Plan) -> Vec<(PlanPath, Expected, Pointer)> {
    let mut found = Vec::new();
    for (name, service) in &plan.services {
        found.extend(of_image(&service.image, &field(name, "image")));
        for (index, config) in service.configs.iter().enumerate() {
            match &config.source {
                ConfigSource::File(path) => {
                    found.push((path.clone(), Expected::File, field(name, "configs").then(index).then("file")));
                }
                ConfigSource::Content(_) | ConfigSource::Template(_) => {}
            }
        }
        if let Some(Probe::Http(check)) = service.healthcheck.as_ref().map(|check| &check.probe) {
            let at = field(name, "healthcheck").then("http").then("ca");
            found.extend(check.ca.clone().map(|path| (path, Expected::File, at)));
        }
    }
    for (host, registry) in &plan.registries {
        let at = Pointer::of(["registries", &host.to_string(), "ca"]);
        found.extend(registry.ca.clone().map(|path| (path, Expected::File, at)));
    }
    let smtp = plan.maintenance.mail.as_ref().and_then(|mail| mail.smtp.as_ref());
    if let Some(path) = smtp.and_then(|smtp| smtp.ca.clone()) {
        found.push((path, Expected::File, Pointer::of(["maintenance", "mail", "smtp", "ca"])));
    }
    found
}

fn of_image(image: &Image, at: &Pointer) -> Option<(PlanPath, Expected, Pointer)> {
    match image {
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => {
            let expected = if archive.is_folder() { Expected::Archives } else { Expected::File };
            Some((archive.path().clone(), expected, at.then("archive")))
        }
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            Some((build.clone(), Expected::Folder, at.then("build")))
        }
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca, timeout: _ },
        ) => ca.clone().map(|path| (path, Expected::File, at.then("ca"))),
        Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }) | Image::Reference(_) => None,
    }
}

/// Whether every file and folder of the plan is there and can be used. `missing` is how grave it is if one is not there: a
/// check elsewhere than on the server can only warn. What is not in `files` was not looked at, and is not judged.
pub fn of_the_files(plan: &Plan, files: &BTreeMap<PlanPath, FileFact>, missing: Severity) -> Vec<Finding> {
    let judged = |(path, expected, at): (PlanPath, Expected, Pointer)| {
        let error = |code, message: String| Finding::error(code, at.clone(), message);
        match (files.get(&path)?, expected) {
            (FileFact::Missing, _) => {
                let mut finding = error(Code::FileMissing, format!("there is no `{path}`"))
                    .label("not found")
                    .help("the path is relative to the plan file");
                finding.severity = missing;
                Some(finding)
            }
            (FileFact::Unusable { reason, cure }, _) => {
                Some(error(Code::FileUnusable, format!("`{path}` can't be used: {reason}")).help(cure.clone()))
            }
            (FileFact::Folder, Expected::File) => {
                Some(error(Code::FileUnusable, format!("`{path}` is a folder")).help("name a file"))
            }
            (FileFact::File { sha256: _, size: _ }, Expected::Folder) => Some(
                error(Code::FileUnusable, format!("`{path}` is a file"))
                    .help("name the folder that is the build's context"),
            ),
            (FileFact::File { sha256: _, size: _ }, Expected::Archives) => {
                Some(error(Code::FileUnusable, format!("`{path}` is a file")).help("name it without `/` at its end"))
            }
            (FileFact::File { sha256: _, size: _ }, Expected::File)
            | (FileFact::Folder, Expected::Folder | Expected::Archives) => None,
        }
    };
    named(plan).into_iter().filter_map(judged).collect()
}
