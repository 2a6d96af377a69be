//! `landfall health`: runs the checks of a plan's services now, and shows what each one says. Changes nothing.

use super::arguments::{Format, Health};
use super::deployed::{self, Refusal};
use super::screen::Screen;
use super::services::{self, check_of};
use crate::exit::Exit;
use serde_json::json;
use std::path::Path;

/// Asks one service, or all of them.
pub fn health(arguments: &Health, state_dir: &Path, screen: &Screen) -> Exit {
    asked(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn asked(Health { name, services, format }: &Health, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let deployed = deployed::find(state_dir, name)?;
    let chosen = deployed.services(services)?;
    let containers = deployed.containers()?;
    let asked = services::ask(&deployed, &containers, chosen);
    let healthy = asked.iter().all(|health| health.verdict.is_ok());
    screen.result(&match format {
        Format::Human => asked.iter().map(human).collect(),
        Format::Json => {
            let services: Vec<_> = asked.iter().map(json).collect();
            format!("{:#}\n", json!({ "plan": name, "healthy": healthy, "services": services }))
        }
    });
    if healthy {
        return Ok(Exit::Done);
    }
    screen.line(&format!(
        "`landfall logs {name}` shows what the services wrote, `landfall status {name}` the whole plan"
    ));
    Ok(Exit::Unhealthy)
}

fn human(health: &services::Health<'_>) -> String {
    let verdict = match &health.verdict {
        Ok(()) if health.saved.one_shot => "completed".to_owned(),
        Ok(()) => "healthy".to_owned(),
        Err(reason) => format!("unhealthy: {reason}"),
    };
    let milliseconds = health.took.as_millis();
    let output: String = health.output.lines().map(|line| format!("    {line}\n")).collect();
    format!("{}: {verdict}\n  asked: {}, {milliseconds} ms\n{output}", health.name, check_of(health))
}

fn json(health: &services::Health<'_>) -> serde_json::Value {
    json!({
        "name": health.name,
        "healthy": health.verdict.is_ok(),
        "check": check_of(health),
        "reason": health.verdict.as_ref().err(),
        "output": health.output,
        "seconds": health.took.as_secs_f64(),
    })
}
