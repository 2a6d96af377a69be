//! What is told of a plan of the history before it is deployed again, and after. Reads only.

use crate::cli::back;
use crate::cli::diff::{self, Shown};
use crate::cli::origin::Origin;
use crate::facts::Facts;
use crate::few::Few;
use crate::names_secrets;
use crate::operation::{Action, Layout, RetrievedImage};
use crate::plan::model::Plan;
use crate::plan::values::{ImageId, SecretName, ServiceName};
use crate::run::Ending;
use crate::steps::Again;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is told before anything is changed.
pub struct Before {
    /// What differs from what is deployed.
    pub difference: Shown,
    /// What it goes back to, which images are retrieved again and which are not, and that data stays as it is.
    pub lines: Vec<String>,
    json: Value,
}

impl Before {
    /// What is told of a plan from there; nothing of a plan file.
    ///
    /// # Errors
    /// What is deployed, or what the plan names, can't be read.
    pub fn of(
        origin: &Origin<'_>,
        (plan, again, facts): (&Plan, Option<&Again>, &Facts),
        layout: &Layout,
        colour: bool,
    ) -> Result<Option<Self>, String> {
        let (Some(accepted), Some(again)) = (origin.accepted(), again) else { return Ok(None) };
        let image = |(name, service): (&ServiceName, &crate::plan::model::Service)| {
            Some((name.clone(), service.image.pinned_id()?.clone()))
        };
        let images: BTreeMap<ServiceName, ImageId> = again.exact.services.iter().filter_map(image).gathered();
        let difference = diff::from_what_is_deployed(plan, (&accepted.folder, &images), layout, colour)?;
        let saved = &accepted.saved;
        let secrets: Vec<SecretName> = names_secrets(plan).into_keys().collect();
        let retrieved = RetrievedImage::all_of(&again.exact);
        let is_here = |image: &RetrievedImage| image.services.iter().any(|name| again.here.contains_key(name));
        let mut lines = vec![format!("this deploys the plan of run {} again ({})", saved.run, back::called(saved))];
        lines.extend(retrieved.iter().map(|image| line(image, is_here(image))));
        if !secrets.is_empty() {
            let names: Vec<_> = secrets.iter().map(|name| format!("`{name}`")).collect();
            lines
                .push(format!("the secrets file of today is to have {}: the history has no secrets", names.join(", ")));
        }
        lines.push(back::data_stays(plan, facts));
        let of_image = |image: &RetrievedImage| {
            let (services, id, here) = (&image.services, image.image.pinned_id(), is_here(image));
            json!({ "services": services, "image": image.image, "id": id, "here": here })
        };
        let json = json!({
            "to": saved.run,
            "deployed_at": saved.deployed_at,
            "by": saved.deployed_by,
            "git_commit": saved.git_commit,
            "folder": accepted.folder,
            "images": retrieved.iter().map(of_image).collect::<Vec<_>>(),
            "secrets": secrets,
            "difference": difference.json,
        });
        Ok(Some(Self { difference, lines, json }))
    }

    /// The same as data.
    pub fn into_json(self) -> Value {
        self.json
    }
}

fn line(image: &RetrievedImage, here: bool) -> String {
    let services: Vec<_> = image.services.iter().map(ToString::to_string).collect();
    let services = services.join(", ");
    match image.image.pinned_id() {
        Some(id) if here => format!("the image {} of {services} is still here", id.short()),
        Some(id) => {
            format!("an image is to be retrieved again, and to be {}: {}", id.short(), Action::Retrieve(image.clone()))
        }
        None => {
            format!("an image is to be built again, which may make another one: {}", Action::Retrieve(image.clone()))
        }
    }
}

/// What is told of a rollback that has ended, beside how.
pub fn told(origin: &Origin<'_>, ending: &Ending) -> Option<String> {
    let saved = &origin.accepted()?.saved;
    match ending {
        Ending::Done { known: _, warnings: _ } => Some(format!(
            "the plan of run {} is deployed again ({}); data is not rolled back with the containers",
            saved.run,
            back::called(saved)
        )),
        Ending::TornDown
        | Ending::Refused { cause: _ }
        | Ending::RolledBack { cause: _ }
        | Ending::Restored { cause: _ }
        | Ending::Incomplete { cause: _, left: _ } => None,
    }
}
