//! Data directories, and what root reads beside the plan. Reads nothing, changes nothing.

use super::{Case, lies_in, only};
use crate::diagnostics::{Code, Finding};
use crate::plan::model::Volume;
use crate::plan::values::HostPath;
use crate::rules::files::named;
use crate::rules::place::element;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = volumes(case);
    findings.extend(beside_the_plan(case));
    findings
}

/// A source has no symbolic link on its way: that is a mistake of its own (LF114), judged where the directories are.
fn volumes(case: &Case<'_>) -> Vec<Finding> {
    let policy = &case.site.policy;
    let Some(roots) = &policy.data_roots else { return Vec::new() };
    let to_read = policy.read_only_roots.as_deref().unwrap_or_default();
    let mut findings = Vec::new();
    for (name, service) in &case.plan.services {
        for (index, volume) in service.volumes.iter().enumerate() {
            let Volume { source, target: _, read_only, owner: _, mode: _, mountpoint: _ } = volume;
            let allowed = lies_in(source.as_path(), roots) || *read_only && lies_in(source.as_path(), to_read);
            if allowed {
                continue;
            }
            let at = (Code::DirectoryNotAllowed, element(name, "volumes", index).then("source"));
            let message = format!("`{source}` is not where the site lets plans have data");
            let cure = match lies_in(source.as_path(), to_read) {
                true => "mount it `\"read_only\": true`",
                false => "use a directory that is allowed",
            };
            findings.push(case.forbidden("data_roots", at, message, cure).label(folders(roots)));
        }
    }
    findings
}

/// Configs, certificates and build contexts: root reads them for whoever wrote the plan. Archives have folders of their own.
fn beside_the_plan(case: &Case<'_>) -> Vec<Finding> {
    let Some(folders) = &case.site.policy.file_folders else { return Vec::new() };
    let judged = named(case.plan).into_iter().filter(|(_, _, at)| at.last() != Some("archive"));
    let outside = judged.filter(|(path, _, _)| {
        let leads_to = case.places.of(path);
        !case.places.beside_the_plan(&leads_to) && !lies_in(&leads_to, folders)
    });
    let finding = |(path, at)| {
        let leads_to = case.places.of(&path);
        let message = match leads_to.as_path() == std::path::Path::new(path.as_str()) {
            true => format!("`{path}` is not where the site lets plans have files read"),
            false => {
                format!("`{path}` leads to `{}`, where the site lets plans have no files read", leads_to.display())
            }
        };
        let finding =
            case.forbidden("file_folders", (Code::FileNotAllowed, at), message, "put it into the plan's own folder");
        finding.label("neither in the plan's folder nor in one that is allowed")
    };
    outside.map(|(path, _, at)| finding((path, at))).collect()
}

/// What is allowed, for a label.
pub(super) fn folders(allowed: &[HostPath]) -> String {
    match allowed {
        [] => only(allowed),
        [one] => format!("only `{one}` and what lies below it is allowed here"),
        _ => format!("{}, and what lies below them", only(allowed)),
    }
}
