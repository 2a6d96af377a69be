//! Mails that a run sends itself, when there is nobody at the screen to read how it ended.

mod interrupted;

use super::keeping::verb;
use super::screen::Screen;
use super::{log, runs};
use crate::facts::RunKind;
use crate::host::command::{Command, find};
use crate::host::engine::secret_values;
use crate::host::files::{FileProblem, Nameless};
use crate::host::node::{Deployment, state};
use crate::host::system;
use crate::operation::Layout;
use crate::plan::model::{Mail, RunEnd};
use crate::plan::values::RunId;
use crate::redaction::{Redactor, Value};
use crate::run::Ending;
use crate::script::{self, Letter};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::time::Duration;

pub use interrupted::Interrupted;

/// How long a mailer may take for all of it.
const DEADLINE: Duration = Duration::from_secs(90);

/// What a deployment came to, where the plan wants a mail about that. Nothing comes of it but a line where it was not sent.
pub fn about_deployment(
    deployment: Option<&Deployment>,
    (layout, run): (&Layout, &RunId),
    ending: &Ending,
    screen: &Screen,
) {
    let Some(deployment) = deployment else { return };
    let Some(end) = end_of(RunKind::Deploy, ending) else { return };
    let Some(mail) = deployment.plan.maintenance.mail.as_ref().filter(|mail| mail.notify.contains(&end)) else {
        return;
    };
    unless_sent(send_about(deployment, (mail, layout), run, ending), screen);
}

/// What a run came to that leaves a plan deployed, where the plan wants a mail about that.
pub fn about_kept(layout: &Layout, (run, kind): (&RunId, RunKind), ending: &Ending, screen: &Screen) {
    let Some(end) = end_of(kind, ending) else { return };
    let host = system::hostname().unwrap_or_default();
    let Words { subject, state } = words(kind, ending);
    let plan = layout.plan();
    let cause = runs::cause_of(ending).map(|cause| format!("{cause}\n\n")).unwrap_or_default();
    let body = format!(
        "The run {run} ({}) of the plan {plan} on {host}: {subject}.\n\n{cause}{state}\n\nTo see the state: landfall status {plan}\n",
        verb(kind)
    );
    // What other programs said may hold a secret, whoever is to blame.
    let redactor = Redactor::new(&known_values(layout));
    let (subject, body) = (format!("{plan} on {host}: {subject}"), redactor.text(&body).content);
    unless_sent(Interrupted::of(layout).tell(&subject, &body, end), screen);
}

/// Says where a mail was not sent, also in the log of the run.
fn unless_sent(sent: Result<(), String>, screen: &Screen) {
    if let Err(problem) = sent {
        let told = format!("the mail about it could not be sent: {problem}");
        log::keep(&told);
        screen.line(&told);
    }
}

/// What an end of a run is in a plan's words; none where nobody wants a mail about it.
fn end_of(kind: RunKind, ending: &Ending) -> Option<RunEnd> {
    let changes = match kind {
        RunKind::Deploy | RunKind::Replace => true,
        RunKind::Teardown | RunKind::Start | RunKind::Stop | RunKind::Restart | RunKind::Remake => false,
    };
    match ending {
        Ending::Done { known: _, warnings: _ } => changes.then_some(RunEnd::Deployed),
        Ending::TornDown => None,
        Ending::Refused { cause: _ } => Some(RunEnd::Refused),
        Ending::RolledBack { cause: _ } => Some(RunEnd::RolledBack),
        Ending::Restored { cause: _ } => Some(RunEnd::Restored),
        Ending::Incomplete { cause: _, left: _ } => {
            Some(if kind.stays_deployed() { RunEnd::Restored } else { RunEnd::RolledBack })
        }
    }
}

/// What a mail says of an end.
struct Words {
    subject: String,
    state: String,
}

fn words(kind: RunKind, ending: &Ending) -> Words {
    let what = match kind {
        RunKind::Deploy => "the deployment",
        RunKind::Teardown => "the teardown",
        RunKind::Start => "the start",
        RunKind::Stop => "the stop",
        RunKind::Restart => "the restart",
        RunKind::Replace => "the replacement",
        RunKind::Remake => "the remake of what the engine had lost",
    };
    let (became, state) = match ending {
        Ending::Done { known: _, warnings: _ } | Ending::TornDown => {
            ("is done", "Every service is as it should be.".to_owned())
        }
        Ending::Refused { cause: _ } => {
            ("failed, and nothing was changed", "What was deployed before runs on.".to_owned())
        }
        Ending::RolledBack { cause: _ } => {
            ("was rolled back", "None of its containers is left, and its data is untouched.".to_owned())
        }
        Ending::Restored { cause: _ } if kind == RunKind::Deploy => (
            "failed, and the previous plan is running again",
            "Data is not rolled back with the containers.".to_owned(),
        ),
        Ending::Restored { cause: _ } => {
            ("failed, and what was before runs again", "Its data is untouched.".to_owned())
        }
        Ending::Incomplete { cause: _, left } => {
            let became = if kind.stays_deployed() { "failed" } else { "could not be rolled back" };
            (became, format!("This is left, and landfall recover tries again:\n  {}", left.join("\n  ")))
        }
    };
    Words { subject: format!("{what} {became}"), state }
}

fn send_about(
    deployment: &Deployment,
    (mail, layout): (&Mail, &Layout),
    run: &RunId,
    ending: &Ending,
) -> Result<(), String> {
    let plan = &deployment.plan;
    let host = system::hostname().unwrap_or_default();
    let Words { subject, state } = words(RunKind::Deploy, ending);
    let cause = runs::cause_of(ending).map(|cause| format!("{cause}\n\n")).unwrap_or_default();
    let body = format!(
        "The plan {} on {host}: {subject}.\n\n{cause}{state}\n\nThe log, and the output of what was removed if something was, are \
         in\n{}\n\nTo see the state: landfall status {}\n",
        plan.name,
        layout.run(run).display(),
        plan.name
    );
    let values = deployment.secrets.names().filter_map(|name| {
        let bytes = deployment.secrets.get(name)?.expose_secret().as_bytes().to_vec();
        Some(Value { name: name.to_string(), bytes })
    });
    // What other programs said may hold a secret, whoever is to blame.
    let redactor = Redactor::new(&values.collect::<Vec<_>>());
    let letter = Letter {
        subject: format!("{} on {host}: {subject}", plan.name),
        body: redactor.text(&body).content,
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

/// The values of the secrets that are deployed.
fn known_values(layout: &Layout) -> Vec<Value> {
    let stored = state::read_engine(layout).and_then(|kind| secret_values(kind, layout)).unwrap_or_default();
    stored.into_iter().map(|(name, value)| Value { name, bytes: value.expose_secret().to_vec() }).collect()
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
