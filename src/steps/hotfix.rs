//! What a hotfix is: a service as it was replaced since the deployment. Reads nothing, changes nothing.

use crate::facts::Saved;
use crate::plan::model::{Plan, Service};

/// The plan as it is deployed: as it was accepted, with the services that were replaced since.
pub fn with_hotfixes(mut plan: Plan, saved: &Saved) -> Plan {
    for (name, hotfix) in &saved.hotfixes {
        // What was written by a version that describes services in another way is left as the plan has it.
        let described: Option<Service> = serde_json::from_value(hotfix.service.clone()).ok();
        if let (Some(described), Some(service)) = (described, plan.services.get_mut(name)) {
            *service = described;
        }
    }
    plan
}
