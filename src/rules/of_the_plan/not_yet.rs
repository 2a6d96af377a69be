//! What the plan format has and this version can't do yet. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{EngineChoice, Image, ImageSource, OnFailure, Plan};
use crate::plan::values::ServiceName;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings: Vec<_> = plan.services.iter().filter_map(|(name, service)| image(name, &service.image)).collect();
    match plan.engine {
        EngineChoice::Docker => {
            let at = Pointer::of(["engine"]);
            let place = Place::Value(at.clone());
            let finding = Finding::error(Code::DockerNotYet, at, "the engine `docker` is not available yet");
            let finding = finding.label("in the plan format, but not in this version");
            findings.push(finding.help("write `podman`").fix("write \"podman\"", place, "\"podman\""));
        }
        EngineChoice::Podman | EngineChoice::Auto => {}
    }
    match plan.on_failure {
        OnFailure::Previous => {
            let at = Pointer::of(["on_failure"]);
            let message = "going back to the previous plan is not available yet";
            let place = Place::Value(at.clone());
            let finding = Finding::error(Code::PreviousNotYet, at, message)
                .label("in the plan format, but not in this version")
                .help("write `containerless`");
            findings.push(finding.fix("write \"containerless\"", place, "\"containerless\""));
        }
        OnFailure::Containerless => {}
    }
    findings
}

fn image(name: &ServiceName, image: &Image) -> Option<Finding> {
    let at = field(name, "image");
    let help = "deliver the archive beside the plan (`archive`), or pull the image from a registry";
    match image {
        Image::Source(ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _ }) => Some(
            Finding::error(Code::SshImageNotYet, at.then("ssh"), "fetching an image by ssh is not available yet")
                .at_key()
                .label("in the plan format, but not in this version")
                .help(help),
        ),
        Image::Source(ImageSource::Url { url: _, sha256: _, id: _ }) => Some(
            Finding::error(Code::UrlImageNotYet, at.then("url"), "downloading an image is not available yet")
                .at_key()
                .label("in the plan format, but not in this version")
                .help(help),
        ),
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
            | ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        )
        | Image::Reference(_) => None,
    }
}
