//! What is deployed under a plan's name, and which image each service of it has. Reads only.

use super::learned::{By, Found};
use crate::facts::Saved;
use crate::host::engine::Engine;
use crate::host::node::state;
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::{Image, Plan};
use crate::plan::reading;
use crate::plan::values::ServiceName;
use crate::run::Failure;

/// What is deployed under the plan's name, and the engine that has it.
pub(super) enum Deployed {
    /// Root alone can see that.
    Hidden,
    /// Nothing is, or it can't be read.
    Nothing,
    /// The plan, its record and the engine.
    This(Box<(Plan, Saved, Engine)>),
}

impl Deployed {
    pub(super) fn under(layout: &Layout) -> Self {
        if !system::is_root() {
            return Self::Hidden;
        }
        let read = || {
            let saved = state::read_saved(&layout.saved()).ok()??;
            let plan = reading::plan("the saved plan", saved.plan.as_bytes()).content?;
            Some(Self::This(Box::new((plan, saved, state::engine(layout).ok()?))))
        };
        read().unwrap_or(Self::Nothing)
    }

    /// The image that a service was deployed with, if the plan that was deployed describes it in the same words.
    pub(super) fn image(&self, name: &ServiceName, image: &Image) -> Result<Found, Failure> {
        let elsewhere = "is known to root of the server that it was deployed on";
        let (plan, saved, engine) = match self {
            Self::Hidden => return Err(Failure::new(format!("what comes of it {elsewhere}: ask as root there"))),
            Self::Nothing => {
                return Err(Failure::new(format!("what comes of it {elsewhere}, and it is not deployed here")));
            }
            Self::This(deployed) => (&deployed.0, &deployed.1, &deployed.2),
        };
        let same = plan.services.get(name).is_some_and(|service| service.image == *image);
        let Some(service) = saved.services.get(name).filter(|_| same) else {
            let reason = "what comes of it is not known: what is deployed here comes from elsewhere";
            return Err(Failure::new(reason));
        };
        let told = engine.image_told(service.image_id.hex())?;
        let told =
            told.ok_or_else(|| Failure::new(format!("the engine has no image {} any more", service.image_id)))?;
        Ok(Found {
            by: Some(By::Engine),
            id: Some(service.image_id.clone()),
            platform: Some(format!("{}/{}", told.os, told.architecture)),
            created: told.created.parse().ok(),
            unpacked_bytes: Some(told.size_bytes),
            ..Found::default()
        })
    }
}
