//! The arguments of what is done to services between two deployments. Reads nothing, changes nothing.

use super::{Format, plan_name};
use crate::plan::values::{PlanName, ServiceName};
use clap::{ArgGroup, Args};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Services {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Services of it; all of them if none is said.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub services: Vec<ServiceName>,
    /// Print the operations instead of performing them; only reads.
    #[arg(long)]
    pub dry_run: bool,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["image", "from", "secrets"]))]
pub struct Replace {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// The service.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub service: ServiceName,
    /// The new image: a reference, or the path of an archive (`./app.tar`).
    #[arg(long, value_name = "SOURCE", conflicts_with = "from")]
    pub image: Option<String>,
    /// Another plan file of the same name: the service becomes what that one describes.
    #[arg(long, value_name = "PLAN")]
    pub from: Option<PathBuf>,
    /// The secrets file, or `-` for standard input: the service gets its secrets anew from it.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// Also restart the services that depend on it, in order, once it is healthy.
    #[arg(long)]
    pub restart_dependents: bool,
    /// Print the operations instead of performing them; only reads.
    #[arg(long)]
    pub dry_run: bool,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Remake {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// For the boot job, which starts what is made: only make it, and print what is still lost, with the reason.
    #[arg(long)]
    pub at_boot: bool,
}

fn service_name(text: &str) -> Result<ServiceName, String> {
    ServiceName::parse(text).map_err(|problem| problem.to_string())
}
