//! The mail about a run that was interrupted, by the mailer that was installed when it was. Changes nothing.

use super::{Copies, DEADLINE};
use crate::facts::{Outcome, RunKind};
use crate::host::command::{Command, find};
use crate::host::files::{self, Nameless};
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::RunEnd;
use crate::plan::values::{PlanName, RunId};
use crate::script;
use std::path::{Path, PathBuf};

/// The mailer of a plan whose run was interrupted: its script, as it was before the run was finished.
pub struct Interrupted {
    script: Option<Vec<u8>>,
    account: Option<Vec<u8>>,
    authority: Option<Vec<u8>>,
    layout: Layout,
}

impl Interrupted {
    /// What there is of it now. A mailer that was only half written, or half removed, is none: it would be tried again and again in vain.
    pub fn of(layout: &Layout) -> Self {
        // Until the scripts of the plan that was being deployed are written, those of the one before it lie aside.
        let aside = |path: &Path| path.strip_prefix(layout.jobs()).map(|name| layout.jobs_aside().join(name)).ok();
        let there = |path: &Path| files::read_if_there(path).ok().flatten();
        let read = |path: PathBuf| there(&path).or_else(|| aside(&path).and_then(|path| there(&path)));
        let account = read(layout.mail_account());
        let authority = read(script::mail_authority(layout));
        let needed = [(layout.mail_account(), &account), (script::mail_authority(layout), &authority)];
        let is_whole = |script: &Vec<u8>| {
            let text = String::from_utf8_lossy(script);
            needed.iter().all(|(path, bytes)| bytes.is_some() || !text.contains(&path.display().to_string()))
        };
        Self { script: read(layout.job("mail")).filter(is_whole), account, authority, layout: layout.clone() }
    }

    /// Where everything of the plan lies.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Tells by mail what became of the run, where the plan had a mailer installed and wants a mail about that.
    ///
    /// # Errors
    /// Why the mailer did not take it.
    pub fn send(&self, plan: &PlanName, (run, kind): (&RunId, RunKind), outcome: Outcome) -> Result<(), String> {
        let host = system::hostname().unwrap_or_default();
        let restored = || {
            let told = "an interrupted run was ended";
            (told, "Its services are as they are on record, running or stopped.", RunEnd::Restored)
        };
        let (subject, state, end) = match outcome {
            Outcome::RollbackIncomplete if kind.stays_deployed() => {
                ("an interrupted run could not be ended", "Something of it is left.", RunEnd::Restored)
            }
            Outcome::RollbackIncomplete => {
                ("an interrupted run could not be rolled back", "Something of it is left.", RunEnd::RolledBack)
            }
            Outcome::Restored if kind == RunKind::Deploy => (
                "an interrupted run was rolled back to the previous plan",
                "The previous plan is deployed again. Data is not rolled back with the containers.",
                RunEnd::Restored,
            ),
            Outcome::Restored => restored(),
            Outcome::RolledBack => {
                let state = "None of its containers is left, and its data is untouched.";
                ("an interrupted run was rolled back", state, RunEnd::RolledBack)
            }
            Outcome::Deployed | Outcome::Refused | Outcome::TornDown | Outcome::AsAsked => return Ok(()),
        };
        let subject = format!("{plan} on {host}: {subject}");
        let body = format!(
            "The run {run} of the plan {plan} on {host} was interrupted.\n{state}\n\nTo see the state: landfall status {plan}\n"
        );
        self.tell(&subject, &body, end)
    }

    /// Sends one mail, where there is a mailer and the plan wants one about this end of a run.
    pub(super) fn tell(&self, subject: &str, body: &str, end: RunEnd) -> Result<(), String> {
        let Self { script, account, authority, layout } = self;
        let Some(script) = script else { return Ok(()) };
        let copies = Copies::of(layout, account.clone(), authority.clone())?;
        let script = copies.named_in(&String::from_utf8_lossy(script));
        let script = Nameless::holding(script.as_bytes()).map_err(|problem| problem.to_string())?;
        let bash = find("bash").ok_or("bash is not installed")?;
        let call = Command::new(&bash).arg(script.path()).args([subject, end.word()]).stdin_whole(body.as_bytes());
        call.deadline(DEADLINE).run().map(drop).map_err(|problem| problem.to_string())
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::Interrupted;
    use crate::facts::{Outcome, RunKind};
    use crate::operation::Layout;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;

    #[test]
    fn regression_003_a_mailer_whose_account_is_gone_is_not_tried() {
        let folder = tempfile::tempdir().unwrap();
        let plan = PlanName::parse("shop").unwrap();
        let layout = Layout::new(folder.path(), &plan);
        std::fs::create_dir_all(layout.jobs()).unwrap();
        let script = format!("exec cat {} > /dev/null\n", layout.mail_account().display());
        std::fs::write(layout.job("mail"), script).unwrap();
        let run = RunId::parse("20261121t101112").unwrap();
        let sent = || Interrupted::of(&layout).send(&plan, (&run, RunKind::Deploy), Outcome::RolledBack);
        assert_eq!(sent(), Ok(()), "without its account it is none");
        std::fs::write(layout.mail_account(), "account").unwrap();
        assert_eq!(sent(), Ok(()), "and with it, it is one that works");
    }
}
