//! Brings to their ends the stops that were killed half-way: Podman 4.3 neither starts such a container nor takes it for one that runs.

use super::super::driver::{Podman, texts};
use super::super::{deadline, podman};
use crate::plan::values::PlanName;
use crate::run::Failure;

/// What Podman calls its state.
const HALF_WAY: &str = "stopping";

/// What Podman says of a container in that state that is to be started.
const NOT_STARTED: &str = "must be in Created or Stopped state to be started";

impl Podman {
    /// Stops those containers of a plan whose stop nobody is at any more.
    pub fn finish_stops(&self, plan: &PlanName) {
        let label = format!("label=landfall.plan={plan}");
        let listing = ["ps", "--all", "--filter", &label, "--format", "{{.Names}} {{.State}}"].map(str::to_owned);
        let listed = match self.done(self.call(&listing, deadline::LOOK)) {
            Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
            // Whoever looks next says so.
            Err(_) => return,
        };
        for container in half_way(&listed) {
            if let Err(failure) = self.finish_stop(container) {
                tracing::warn!(container, cause = %failure.message, "a stop could not be finished");
            }
        }
    }

    /// Starts a container by this call, once its stop is finished where that was killed half-way. It keeps the bridge that is held.
    pub(in crate::host::engine) fn start(&self, container: &str, arguments: &[String]) -> Result<(), Failure> {
        let attempt = || -> Result<(), Failure> {
            self.done(self.call(arguments, deadline::CHANGE))?;
            self.let_go_meanwhile();
            Ok(())
        };
        match attempt() {
            Err(failure) if failure.message.contains(NOT_STARTED) => {
                self.finish_stop(container)?;
                attempt()
            }
            ended => ended,
        }
    }

    fn finish_stop(&self, container: &str) -> Result<(), Failure> {
        self.stop_container(container, &texts(&podman::stop(container)))
    }
}

/// The names of those that are in this state.
fn half_way(listed: &str) -> impl Iterator<Item = &str> {
    let lines = listed.lines().filter_map(|line| line.split_once(' '));
    lines.filter(|(_, state)| state.eq_ignore_ascii_case(HALF_WAY)).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::half_way;
    use pretty_assertions::assert_eq;

    #[test]
    fn only_what_is_half_way_is_stopped() {
        let listed = "shop-db Stopping\nshop-web Up 2 minutes ago\nshop-stopping Exited (0) 2 minutes ago\n";
        assert_eq!(half_way(listed).collect::<Vec<_>>(), ["shop-db"]);
    }
}
