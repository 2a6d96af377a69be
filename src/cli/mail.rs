//! Mails that a run sends itself, when there is nobody at the screen to read how it ended.

use crate::facts::Outcome;
use crate::host::command::{Command, find};
use crate::host::files::{self, FileProblem, Nameless};
use crate::host::node::Deployment;
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::Mail;
use crate::plan::values::{PlanName, RunId};
use crate::script::{self, Letter};
use std::path::PathBuf;
use std::time::Duration;

/// How long a mailer may take for all of it.
const DEADLINE: Duration = Duration::from_secs(90);

/// Tells by mail that a deployment was rolled back, or what is `left` where that could not finish, if the plan has `mail`.
///
/// # Errors
/// Why the mailer did not take it.
pub fn rolled_back(
    deployment: &Deployment,
    layout: &Layout,
    run: &RunId,
    (cause, left): (&str, &[String]),
) -> Result<(), String> {
    let plan = &deployment.plan;
    let Some(mail) = &plan.maintenance.mail else { return Ok(()) };
    let host = system::hostname().unwrap_or_default();
    let (became, state) = if left.is_empty() {
        ("was rolled back", "None of its containers is left, and its data is untouched.".to_owned())
    } else {
        (
            "could not be rolled back",
            format!("This is left, and landfall recover tries again:\n  {}", left.join("\n  ")),
        )
    };
    let letter = Letter {
        subject: format!("{} on {host}: the deployment {became}", plan.name),
        body: format!(
            "The deployment of the plan {} on {host} failed and {became}.\n\n{cause}\n\n{state}\n\nThe log and the output \
             of what was removed are in\n{}\n\nTo see the state: landfall status {}\n",
            plan.name,
            layout.run(run).display(),
            plan.name
        ),
        host,
        date: jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z").to_string(),
        unique: format!("{run}.{}.{}", plan.name, std::process::id()),
    };
    let message = letter.message(mail);
    let account = deployment.mail_account().map_err(|failure| failure.message)?;
    let authority = script::mail_authority(layout);
    let certificates = deployment.certificates(layout).map_err(|failure| failure.message)?;
    let authority = certificates.into_iter().find(|(path, _)| *path == authority).map(|(_, bytes)| bytes);
    let copies = Copies::of(layout, account.map(String::into_bytes), authority)?;
    send(mail, layout, &copies, &message)
}

/// The account and the certificate authority as curl reads them. The jobs folder is gone by then, and a copy that lay in it again would
/// stay for ever if this process were killed while the mail server takes its time.
struct Copies(Vec<(PathBuf, Nameless)>);

impl Copies {
    fn of(layout: &Layout, account: Option<Vec<u8>>, authority: Option<Vec<u8>>) -> Result<Self, String> {
        let account = account.map(|bytes| (layout.mail_account(), bytes));
        let authority = authority.map(|bytes| (script::mail_authority(layout), bytes));
        let held = account.into_iter().chain(authority).map(|(path, bytes)| Ok((path, Nameless::holding(&bytes)?)));
        let held: Result<_, FileProblem> = held.collect();
        held.map(Self).map_err(|problem| problem.to_string())
    }

    /// The text with their paths in place of those in the jobs folder.
    fn named_in(&self, text: &str) -> String {
        let Self(copies) = self;
        copies.iter().fold(text.to_owned(), |text, (path, copy)| {
            text.replace(&path.display().to_string(), &copy.path().display().to_string())
        })
    }
}

fn send(mail: &Mail, layout: &Layout, copies: &Copies, message: &str) -> Result<(), String> {
    let call = match script::curl_mail_arguments(mail, layout) {
        Some(arguments) => {
            let arguments = arguments.iter().map(|argument| copies.named_in(argument));
            Command::new(&find("curl").ok_or("curl is not installed")?).args(arguments)
        }
        None => {
            let sendmail =
                find("sendmail").or_else(|| Some(PathBuf::from("/usr/lib/sendmail")).filter(|path| path.exists()));
            Command::new(&sendmail.ok_or("there is no sendmail here, and the plan names no mail server")?)
                .args(["-t", "-i", "-f"])
                .arg(mail.from.to_string())
        }
    };
    call.stdin_whole(message.as_bytes()).deadline(DEADLINE).run().map(drop).map_err(|problem| problem.to_string())
}

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
        let read = |path: PathBuf| files::read_if_there(&path).ok().flatten();
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

    /// Tells by mail what became of the run, where the plan had a mailer installed.
    ///
    /// # Errors
    /// Why the mailer did not take it.
    pub fn send(&self, plan: &PlanName, run: &RunId, outcome: Outcome) -> Result<(), String> {
        let Self { script, account, authority, layout } = self;
        let Some(script) = script else { return Ok(()) };
        let host = system::hostname().unwrap_or_default();
        let (subject, state) = match outcome {
            Outcome::RollbackIncomplete => ("an interrupted run could not be rolled back", "Something of it is left."),
            Outcome::RolledBack
            | Outcome::Deployed
            | Outcome::Refused
            | Outcome::TornDown
            | Outcome::AsAsked
            | Outcome::Restored => {
                ("an interrupted run was rolled back", "None of its containers is left, and its data is untouched.")
            }
        };
        let subject = format!("{plan} on {host}: {subject}");
        let body = format!(
            "The run {run} of the plan {plan} on {host} was interrupted.\n{state}\n\nTo see the state: landfall status {plan}\n"
        );
        let copies = Copies::of(layout, account.clone(), authority.clone())?;
        let script = copies.named_in(&String::from_utf8_lossy(script));
        let script = Nameless::holding(script.as_bytes()).map_err(|problem| problem.to_string())?;
        let bash = find("bash").ok_or("bash is not installed")?;
        let call = Command::new(&bash).arg(script.path()).arg(subject).stdin_whole(body.as_bytes());
        call.deadline(DEADLINE).run().map(drop).map_err(|problem| problem.to_string())
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::Interrupted;
    use crate::facts::Outcome;
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
        let sent = || Interrupted::of(&layout).send(&plan, &run, Outcome::RolledBack);
        assert_eq!(sent(), Ok(()), "without its account it is none");
        std::fs::write(layout.mail_account(), "account").unwrap();
        assert_eq!(sent(), Ok(()), "and with it, it is one that works");
    }
}
