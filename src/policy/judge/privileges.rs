//! What a container may do beyond an ordinary one. Reads nothing, changes nothing.

use super::{Case, only};
use crate::diagnostics::{Code, Finding};
use crate::plan::model::Service;
use crate::plan::values::{ServiceName, User};
use crate::rules::place::{element, field, service as place_of};

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let one = |(name, service): (&ServiceName, &Service)| {
        let mut findings = capabilities(case, name, service);
        findings.extend(devices(case, name, service));
        findings.extend(new_privileges(case, name, service));
        findings.extend(root(case, name, service));
        findings
    };
    case.plan.services.iter().flat_map(one).collect()
}

fn capabilities(case: &Case<'_>, name: &ServiceName, service: &Service) -> Vec<Finding> {
    let Some(allowed) = &case.site.policy.cap_add else { return Vec::new() };
    // `ALL` stands for every capability that there will ever be: nothing but itself covers it.
    let covered = |capability| allowed.contains(capability) || allowed.iter().any(|allowed| allowed.is_all());
    let other = service.cap_add.iter().enumerate().filter(|(_, capability)| !covered(*capability));
    let finding = |(index, capability)| {
        let at = (Code::PrivilegeNotAllowed, element(name, "cap_add", index));
        let message = format!("the site lets no service add the capability `{capability}`");
        case.forbidden("cap_add", at, message, "do without it").label(only(allowed))
    };
    other.map(finding).collect()
}

fn devices(case: &Case<'_>, name: &ServiceName, service: &Service) -> Vec<Finding> {
    let Some(allowed) = &case.site.policy.devices else { return Vec::new() };
    let covered = |device| allowed.iter().any(|allowed| allowed.covers(device));
    let other = service.devices.iter().enumerate().filter(|(_, device)| !covered(device));
    let finding = |(index, device): (usize, &crate::plan::values::Device)| {
        let at = (Code::DeviceNotAllowed, element(name, "devices", index));
        let what = format!("`{}` with the permissions `{}`", device.host(), device.permissions());
        let message = format!("the site lets no service have the device {what}");
        case.forbidden("devices", at, message, "do without it").label(only(allowed))
    };
    other.map(finding).collect()
}

fn new_privileges(case: &Case<'_>, name: &ServiceName, service: &Service) -> Option<Finding> {
    let asked = !service.no_new_privileges && !case.site.policy.new_privileges;
    asked.then(|| {
        let at = (Code::PrivilegeNotAllowed, field(name, "no_new_privileges"));
        let message = "the site lets no service gain privileges".to_owned();
        case.forbidden("new_privileges", at, message, "leave it out").label("set-user-id programs would work")
    })
}

/// A user's name is the image's business: it can stand for root there.
fn root(case: &Case<'_>, name: &ServiceName, service: &Service) -> Option<Finding> {
    let number = |user: &User| user.user().parse::<u32>().ok().filter(|number| *number != 0);
    if case.site.policy.container_root || service.user.as_ref().and_then(number).is_some() {
        return None;
    }
    let cure = "write the number of a user that is not 0";
    Some(match &service.user {
        Some(user) => {
            let at = (Code::PrivilegeNotAllowed, field(name, "user"));
            let message = format!("the user `{user}` may be root, and the site lets no service run as root");
            case.forbidden("container_root", at, message, cure).label("a number other than 0 is needed")
        }
        None => {
            let at = (Code::PrivilegeNotAllowed, place_of(name));
            let message = format!("the service `{name}` has no `user`, and the site lets none run as root");
            case.forbidden("container_root", at, message, cure)
                .at_key()
                .label("add `user`: the image's own may be root")
        }
    })
}
