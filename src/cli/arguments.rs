//! The command line. Reads nothing, changes nothing.

mod deploying;
mod every_day;
mod new_plans;
mod operating;

pub use deploying::{Deploy, Rollback};
pub use every_day::{Data, Exec, Health, History, Jobs, Logs, Support};
pub use new_plans::{Import, Init};
pub use operating::{Remake, Replace, Services};

use crate::diagnostics::{Code, explained::NoSuchCode};
use crate::host::registry::Platform;
use crate::operation::Layout;
use crate::plan::values::{PlanName, Sha256};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Deploys a JSON plan of service containers on this server, and rolls back to a containerless state on any error.
#[derive(Debug, Parser)]
#[command(
    name = "landfall",
    version,
    max_term_width = 100,
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, \
    3 refused and nothing changed, 4 rolled back to containerless, 5 the rollback could not finish, 6 another run holds \
    the lock, 7 failed and everything is again as it was, 8 a plan is not as it should be, 9 there is a difference."
)]
pub struct Arguments {
    /// Tell more of what happens; twice, everything. `LANDFALL_LOG` sets it by module.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// The folder of all plans' state.
    #[arg(long, value_name = "FOLDER", default_value = Layout::STATE, global = true)]
    pub state_dir: PathBuf,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validate plans and their secrets: offline, without root, all findings at once.
    Check(Check),
    /// Deploy a plan: validate, stop and drop, create and start, maintenance jobs, check and finish.
    Deploy(Deploy),
    /// Show what differs between a plan and what is deployed under its name, or another plan file.
    Diff(Diff),
    /// Show what is deployed, how healthy it is, and how the last run ended.
    Status(Status),
    /// Show what the services wrote, merged by time.
    Logs(Logs),
    /// Run the services' health checks now, and show what each one says.
    Health(Health),
    /// Run a command in the container of a service.
    Exec(Exec),
    /// Show what cron does for a plan, when it did so last and what came of it; `--run` has it done now.
    Jobs(Jobs),
    /// Show the data directories of a plan: how large they are, whose, and who writes to them.
    Data(Data),
    /// Show every run of a plan: when, who, what, and what came of it.
    History(History),
    /// Deploy an accepted plan of the history again: the one before, or that of a run. Data is not rolled back.
    Rollback(Rollback),
    /// Write one file for whoever is asked for help: records, logs, engine and server, without the values of secrets.
    Support(Support),
    /// Start what `stop` stopped, in order of dependency, each once what it depends on is healthy.
    Start(Services),
    /// Stop services on purpose: they stay stopped, also after a boot, until `start` or the next deployment.
    Stop(Services),
    /// Stop services and start them again, in order of dependency.
    Restart(Services),
    /// Replace one service of what is deployed, a hotfix: the new one becomes healthy, or the old one comes back.
    Replace(Replace),
    /// Make anew what the engine has lost of what is deployed, exactly as it is on record; what a boot does by itself.
    Remake(Remake),
    /// Remove the containers, images, network, secrets, keys and jobs of a plan, on purpose. Data stays.
    Teardown(Teardown),
    /// Finish what a crash left; does nothing if nothing is left.
    Recover,
    /// Show which image each service gets: source, digest, ID, size and age; `--pin` writes them into a copy of the plan.
    Images(Images),
    /// Write a starter plan and its secrets file: asks on a terminal, takes options elsewhere.
    Init(Init),
    /// Turn a Compose file into a plan, and tell what could not be carried over and why.
    Import(Import),
    /// Explain the code of a finding (why it matters, what is wrong, what is right), or `policy`: what plans may ask for here.
    Explain(Explain),
    /// Serve an editor with everything that it asks about plans, over standard input and output (LSP).
    Lsp,
    /// Print the JSON Schema of the plan, of the secrets file or of a site's policy.
    Schema(Schema),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Print the manual page.
    Man,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Plan files, folders, or patterns such as `'plans/**/*.json'`; `-` for standard input. In a folder (not in those inside
    /// it) and among what a pattern matches, a plan is a file whose name ends in `.json`, but no secrets file (`secrets.json`,
    /// `….secrets.json`), no schema (`plan.v1.json`) and no hidden one.
    #[arg(value_name = "PLAN", required = true)]
    pub plans: Vec<PathBuf>,
    /// The secrets file of all these plans, or `-` for standard input; without it, no value is asked for.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// A policy to hold the plans against, as a server would that has it in `/etc/landfall/policy.json`.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Take warnings for errors.
    #[arg(long)]
    pub deny_warnings: bool,
    /// How the findings are told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ReportFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// JUnit's XML, for Jenkins and GitLab.
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON document.
    Json,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// The plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Another plan file to compare with, instead of what is deployed: offline, without root.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// A comment on a change.
    Markdown,
}

#[derive(Debug, Args)]
pub struct Images {
    /// The plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The secrets file, or `-` for standard input: registries with accounts are asked with the passwords in it.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// Print a copy of the plan that says of each image which one it is; its formatting and comments stay.
    #[arg(long)]
    pub pin: bool,
    /// With `--pin`: the file to write the copy to, instead of printing it. An existing file is never replaced.
    #[arg(long, value_name = "FILE", requires = "pin")]
    pub output: Option<PathBuf>,
    /// The platform of the server that the plan is for, as in `linux/arm64`; this machine's if not said.
    #[arg(long, value_name = "PLATFORM", value_parser = Platform::parse)]
    pub platform: Option<Platform>,
    /// Fetch no archive from another server: of one, only what it was deployed with here is told.
    #[arg(long)]
    pub no_fetch: bool,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Status {
    /// One plan; all of them if not said.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: Option<PlanName>,
    /// Show it again and again, on a terminal, until Ctrl-C.
    #[arg(long, conflicts_with = "format")]
    pub watch: bool,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Teardown {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Also remove the plan's state folder: its history and logs, never its data.
    #[arg(long)]
    pub purge: bool,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The codes: `LF052`, `lf52` or `52`; without one, all are listed. `policy` tells what plans may ask for on this server.
    #[arg(value_name = "CODE", value_parser = topic)]
    pub topics: Vec<Topic>,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

/// What can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The code of a finding.
    Code(Code),
    /// What plans may ask for on this server.
    Policy,
}

impl Topic {
    /// The code, if it is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Policy => None,
        }
    }
}

#[derive(Debug, Args)]
pub struct Schema {
    /// Of which file.
    #[arg(value_name = "FILE", default_value = "plan")]
    pub of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The plan.
    Plan,
    /// The secrets file.
    Secrets,
    /// The site's policy.
    Policy,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

fn topic(text: &str) -> Result<Topic, NoSuchCode> {
    if text == "policy" { Ok(Topic::Policy) } else { Code::named(text).map(Topic::Code) }
}

fn hash(text: &str) -> Result<Sha256, String> {
    Sha256::parse(text).map_err(|_| "a hash has 64 lower-case hexadecimal digits".to_owned())
}

fn plan_name(text: &str) -> Result<PlanName, String> {
    PlanName::parse(text).map_err(|problem| problem.to_string())
}
