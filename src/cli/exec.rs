//! `landfall exec`: runs a command in a service's container, in this process's place.

use super::arguments::Exec;
use super::deployed::{self, Refusal};
use super::screen::Screen;
use crate::exit::Exit;
use std::io::{self, IsTerminal};
use std::path::Path;

/// Becomes the command; comes back only where it can't be run.
pub fn exec(arguments: &Exec, state_dir: &Path, screen: &Screen) -> Exit {
    become_it(arguments, state_dir).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn become_it(Exec { name, service, command }: &Exec, state_dir: &Path) -> Result<Exit, Refusal> {
    let deployed = deployed::find(state_dir, name)?;
    let chosen = deployed.services(std::slice::from_ref(service))?;
    let container = chosen.values().map(|saved| saved.container.clone()).next().unwrap_or_default();
    let there = deployed.engine.containers_named(std::slice::from_ref(&container))?.pop();
    let there = there.ok_or_else(|| Refusal::new(deployed.gone(service, &container)))?;
    if !there.running {
        let ended = there.exit_code.map(|code| format!(", and ended with exit status {code}")).unwrap_or_default();
        return Err(Refusal::new(format!(
            "the service {service} does not run{ended}: `landfall logs {name} {service}` shows what it wrote last"
        )));
    }
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    Err(deployed.engine.become_command(&container, command, terminal).into())
}
