//! What lies beneath a deployment, and what of it has changed since. Reads only.

use crate::facts::{Beneath, Engine, Saved};
use crate::host::system;
use serde::Serialize;
use std::path::Path;

/// What lies beneath what is deployed now, from a plan file in this folder.
pub fn now(engine: Option<&Engine>, folder: &Path) -> Option<Beneath> {
    Some(Beneath {
        folder: std::path::absolute(folder).ok(),
        engine: called(engine?),
        kernel: system::kernel().unwrap_or_default(),
        system: system::operating_system(),
    })
}

fn called(engine: &Engine) -> String {
    format!("{} {}", engine.kind.program(), engine.version)
}

/// Something that is not as it was when the plan was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is: `engine`, `kernel`, `system`.
    pub what: &'static str,
    /// What it was.
    pub was: String,
    /// What it is.
    pub is: String,
}

/// What has changed beneath a deployment, as far as that is on record and can be told now.
pub fn changes(saved: &Saved, engine: &Engine) -> Vec<Change> {
    let (Some(then), Some(now)) = (&saved.beneath, now(Some(engine), Path::new("/"))) else { return Vec::new() };
    let Beneath { folder: _, engine: was, kernel, system } = then.clone();
    let pairs = [("engine", was, now.engine), ("kernel", kernel, now.kernel), ("system", system, now.system)];
    let changed = pairs.into_iter().filter(|(what, was, is)| {
        // An engine that does not answer does not tell its version either.
        was != is && !was.is_empty() && !is.is_empty() && (*what != "engine" || engine.problem.is_none())
    });
    changed.map(|(what, was, is)| Change { what, was, is }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, changes, now};
    use crate::facts::{Beneath, Engine, Saved};
    use pretty_assertions::assert_eq;
    use serde_json::json;
    use std::path::Path;

    fn saved(beneath: Option<Beneath>) -> Saved {
        let saved = json!({
            "version": 1, "name": "shop", "run": "20261121t101112", "plan": "{}", "plan_sha256": "", "deployed_at": "2026-11-21T10:11:12Z",
            "deployed_by": "root", "landfall": "0.1.0", "services": {}, "secrets": [], "network": "shop", "crontab": []
        });
        Saved { beneath, ..serde_json::from_value(saved).unwrap() }
    }

    #[test]
    fn what_is_another_one_now_is_told_and_what_is_not_known_is_not() {
        let engine = Engine::assumed();
        let then = now(Some(&engine), Path::new("/srv")).unwrap();
        assert_eq!(changes(&saved(Some(then.clone())), &engine), []);
        assert_eq!(changes(&saved(None), &engine), []);
        let updated = Engine { version: "5.4.0".to_owned(), ..engine.clone() };
        let (was, is) = ("podman 4.3.1".to_owned(), "podman 5.4.0".to_owned());
        assert_eq!(changes(&saved(Some(then.clone())), &updated), [Change { what: "engine", was, is }]);
        let silent = Engine { version: String::new(), problem: Some("no answer".to_owned()), ..engine.clone() };
        assert_eq!(changes(&saved(Some(then.clone())), &silent), []);
        let older =
            Beneath { kernel: "5.10.0".to_owned(), system: "Debian GNU/Linux 11 (bullseye)".to_owned(), ..then };
        let told = changes(&saved(Some(older)), &engine);
        assert_eq!(
            told.iter().map(|change| (change.what, change.was.as_str())).collect::<Vec<_>>(),
            [("kernel", "5.10.0"), ("system", "Debian GNU/Linux 11 (bullseye)")]
        );
    }
}
