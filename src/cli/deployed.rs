//! Finds what is deployed under a name, for the commands of every day; where there is nothing, says why and what to type next.
//! Changes nothing.

use super::arguments::Format;
use super::screen::Screen;
use super::{in_force, refusal};
use crate::exit::Exit;
use crate::facts::{ContainerFact, LastRun, Outcome, Saved, SavedService};
use crate::few::Few;
use crate::host::engine::Engine;
use crate::host::node::state;
use crate::host::{lock, survey, system};
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::values::{PlanName, ServiceName};
use crate::run::Failure;
use std::collections::BTreeMap;
use std::path::Path;

/// A plan that is deployed.
pub struct Deployed {
    /// Where everything of it lies.
    pub layout: Layout,
    /// What is on record of it.
    pub saved: Saved,
    /// The plan; none where another version of Landfall wrote it in a way that this one can't read.
    pub plan: Option<Plan>,
    /// What it runs on.
    pub engine: Engine,
}

/// Why a command can't do what it was asked, with the next one to type.
#[derive(Debug)]
pub struct Refusal {
    message: String,
    exit: Exit,
}

impl Refusal {
    /// Nothing was changed, and what was asked for is wrong, or not there.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit: Exit::Refused }
    }

    /// A run is under way, and has taken away what was asked for.
    pub fn busy(message: String) -> Self {
        Self { message, exit: Exit::Busy }
    }

    /// Says it of a run that does not begin.
    pub fn tell_of(self, plan: &PlanName, format: Format, screen: &Screen) -> Exit {
        let outcome = match self.exit {
            Exit::Refused => "refused",
            Exit::Busy => "busy",
            Exit::Done
            | Exit::Failed
            | Exit::Usage
            | Exit::RolledBack
            | Exit::Incomplete
            | Exit::Restored
            | Exit::Unhealthy
            | Exit::Different => "failed",
        };
        refusal::tell_cause(plan, (outcome, &self.message), format, screen);
        self.exit
    }

    /// Says it.
    pub fn tell(self, screen: &Screen) -> Exit {
        screen.line(&self.message);
        self.exit
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { message: failure.message, exit: Exit::Failed }
    }
}

/// The state folder's place of a plan that there is, for root.
///
/// # Errors
/// Whoever asks is not root, or there is no plan of that name.
pub fn known(state_dir: &Path, name: &PlanName) -> Result<Layout, Refusal> {
    if !system::is_root() {
        return Err(Refusal::new("what runs on this server is root's own to look at: run it with sudo"));
    }
    if survey::plan_names(state_dir)?.contains(name) {
        return Ok(Layout::new(state_dir, name));
    }
    Err(Refusal::new(format!("there is no plan called {name} here: `landfall status` lists those that there are")))
}

/// What is deployed under this name.
///
/// # Errors
/// As [`known`]; that nothing is deployed, with the reason; that what is on record can't be read.
pub fn find(state_dir: &Path, name: &PlanName) -> Result<Deployed, Refusal> {
    let layout = known(state_dir, name)?;
    let Some(saved) = state::read_saved(&layout.saved())? else { return Err(absent(&layout)?) };
    let engine = state::engine(&layout)?;
    let plan = in_force::plan(&saved);
    Ok(Deployed { layout, saved, plan, engine })
}

/// Why nothing is deployed.
///
/// # Errors
/// What is on record can't be read.
pub fn absent(layout: &Layout) -> Result<Refusal, Refusal> {
    let name = layout.plan();
    if let Some(holder) = under_way(name) {
        return Ok(Refusal::busy(format!(
            "{name} is not deployed at this moment: {holder}, is under way. `landfall status {name}` tells how it ends"
        )));
    }
    if survey::unfinished(layout)?.is_some() {
        return Ok(Refusal::new(format!(
            "a run of {name} was interrupted: type `landfall recover`, which finishes it"
        )));
    }
    Ok(Refusal::new(match state::read_last(layout)? {
        Some(LastRun { outcome: Outcome::RollbackIncomplete, .. }) => {
            format!(
                "{name} is not deployed, and its last run left something: type `landfall recover`, which removes it"
            )
        }
        Some(LastRun { outcome: Outcome::RolledBack, cause, run, .. }) => {
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            let kept = kept_logs(&state::kept_logs(layout, &run));
            format!(
                "{name} has no containers, because its last run failed{cause}\n{kept}\
                 `landfall deploy PLAN` deploys it again"
            )
        }
        Some(LastRun { outcome: Outcome::TornDown, ended_at, .. }) => {
            format!("{name} was torn down, on {ended_at:.0}: `landfall deploy PLAN` deploys it again")
        }
        Some(LastRun {
            outcome: Outcome::Deployed | Outcome::Refused | Outcome::AsAsked | Outcome::Restored, ..
        })
        | None => {
            format!("{name} is not deployed: `landfall deploy PLAN` deploys it")
        }
    }))
}

fn kept_logs(files: &[std::path::PathBuf]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let files: String = files.iter().map(|file| format!("  {}\n", file.display())).collect();
    format!("the last lines of the containers that it removed are kept:\n{files}")
}

/// The run that is under way and is about this plan, in its own words.
pub fn under_way(name: &PlanName) -> Option<String> {
    lock::held_by().filter(|holder| is_about(holder, name))
}

/// Whether the run that says this of itself works on this plan, or on all of them.
pub fn is_about(holder: &str, plan: &PlanName) -> bool {
    let what = holder.split(',').next().unwrap_or_default();
    what == "recover" || what.rsplit_once(" of ").is_some_and(|(_, name)| name == plan.as_str())
}

impl Deployed {
    /// The services of these names, or all of them where none is named.
    ///
    /// # Errors
    /// The plan has no such service.
    pub fn services(&self, named: &[ServiceName]) -> Result<BTreeMap<&ServiceName, &SavedService>, Refusal> {
        if let Some(unknown) = named.iter().find(|name| !self.saved.services.contains_key(*name)) {
            return Err(no_such_service(self.layout.plan(), unknown, self.saved.services.keys()));
        }
        let asked = |name: &ServiceName| named.is_empty() || named.contains(name);
        Ok(self.saved.services.iter().filter(|(name, _)| asked(name)).gathered())
    }

    /// The containers of all its services that the engine has, in one call.
    ///
    /// # Errors
    /// The engine can't tell.
    pub fn containers(&self) -> Result<Vec<ContainerFact>, Failure> {
        let names: Vec<String> = self.saved.services.values().map(|service| service.container.clone()).collect();
        self.engine.containers_named(&names)
    }

    /// What to say of a service whose container the engine does not have.
    pub fn gone(&self, service: &ServiceName, container: &str) -> String {
        let (plan, kind) = (self.layout.plan(), self.engine.kind().program());
        format!(
            "the service {service} is on record, but {kind} does not have its container {container} any more: \
             `landfall status {plan}` tells how the others are, and `landfall remake {plan}` makes it anew"
        )
    }
}

/// That a plan has no service of this name.
pub fn no_such_service<'a>(
    plan: &PlanName,
    unknown: &ServiceName,
    there: impl Iterator<Item = &'a ServiceName>,
) -> Refusal {
    let there: Vec<&str> = there.map(ServiceName::as_str).collect();
    Refusal::new(format!("{plan} has no service called {unknown}: it has {}", there.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::is_about;
    use crate::plan::values::PlanName;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_run_is_about_the_plan_that_it_names_or_about_all() {
        let shop = PlanName::parse("shop").unwrap();
        let holders =
            ["deploy of shop, process 1, since x", "deploy of shop-two, process 1", "recover, process 1", "x of y"];
        assert_eq!(holders.map(|holder| is_about(holder, &shop)), [true, false, true, false]);
    }
}
