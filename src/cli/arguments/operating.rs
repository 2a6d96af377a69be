//! The arguments of what is done to services between two deployments. Reads nothing, changes nothing.

use super::plan_name;
use crate::plan::values::{PlanName, ServiceName};
use clap::Args;

#[derive(Debug, Args)]
pub struct Services {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Services of it; all of them if none is said.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub services: Vec<ServiceName>,
}

fn service_name(text: &str) -> Result<ServiceName, String> {
    ServiceName::parse(text).map_err(|problem| problem.to_string())
}
