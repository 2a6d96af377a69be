//! The command line of what writes plans. Reads nothing, changes nothing.

use super::{Format, plan_name};
use crate::plan::values::{HostPath, PlanName};
use clap::Args;
use std::path::PathBuf;

/// `none` as the value of an option says that there is to be none.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder of the plan; it need not exist. Existing files are never replaced.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// The plan's name; if not said, made from the folder's.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The service's name.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The image: a reference with its registry, or an archive, relative to the plan.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// The published port, such as `127.0.0.1:8080:80`.
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
    /// The health check: a URL as the server sees it, `HOST:PORT`, or a command in the container.
    #[arg(long, value_name = "CHECK")]
    pub health: Option<String>,
    /// The directory in the container whose data is kept, in `/srv/PLAN/SERVICE`.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<String>,
    /// The most memory that the service may use, such as `256MiB`.
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// A secret that the service reads from `/run/secrets/NAME`; it gets a random value. Can be given several times.
    #[arg(long, value_name = "NAME")]
    pub secret: Vec<String>,
    /// The mail address to write to when the service is unhealthy.
    #[arg(long, value_name = "ADDRESS")]
    pub mail: Option<String>,
    /// The mail server; without one, the server's own sendmail.
    #[arg(long, value_name = "HOST")]
    pub smtp: Option<String>,
    /// Ask nothing, also on a terminal: take the defaults for what no option says.
    #[arg(long)]
    pub defaults: bool,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The Compose file, or `-` for standard input.
    #[arg(value_name = "COMPOSE")]
    pub compose: PathBuf,
    /// The plan file to write; without it, the plan is printed. An existing file is never replaced.
    #[arg(long, value_name = "PLAN")]
    pub output: Option<PathBuf>,
    /// The secrets file to write, with the passwords that were found. An existing file is never replaced.
    #[arg(long, value_name = "FILE")]
    pub secrets_output: Option<PathBuf>,
    /// The plan's name; if not said, that of the Compose file, else that of its folder.
    #[arg(long, value_name = "NAME", value_parser = plan_name)]
    pub name: Option<PlanName>,
    /// Where the data directories of named volumes lie; if not said, `/srv/NAME`.
    #[arg(long, value_name = "FOLDER", value_parser = host_path)]
    pub data_root: Option<HostPath>,
    /// A profile whose services are wanted too; `*` for all. Can be given several times.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// Write nothing, and end with status 3, if anything could not be carried over.
    #[arg(long)]
    pub strict: bool,
    /// How it is told what became of the file's fields.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

fn host_path(text: &str) -> Result<HostPath, String> {
    HostPath::parse(text).map_err(|problem| problem.to_string())
}
