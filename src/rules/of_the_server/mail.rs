//! How mail can leave. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{Facts, MailPath};
use crate::plan::model::Plan;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(mail) = &plan.maintenance.mail else { return Vec::new() };
    let MailPath { sendmail, server } = &facts.machine.mail;
    let at = Pointer::of(["maintenance", "mail"]);
    match (&mail.smtp, server, sendmail) {
        (Some(smtp), Err(reason), _) => {
            let message = format!("the mail server `{}:{}` does not answer: {reason}", smtp.host, smtp.port);
            vec![
                Finding::error(Code::NoMailPath, at.then("smtp").then("host"), message)
                    .help("mail about a failure would be lost; look at its name, its port and the firewall"),
            ]
        }
        (None, _, None) => vec![
            Finding::error(Code::NoMailPath, at, "there is no `sendmail` on this server")
                .at_key()
                .help("install a mail transport that brings it, or add `smtp` to `mail`"),
        ],
        (Some(_), Ok(()), _) | (None, _, Some(_)) => Vec::new(),
    }
}
