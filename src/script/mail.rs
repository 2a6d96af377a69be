//! How mail leaves the server: the script, the arguments for curl, the account, the letter. Reads nothing, changes nothing.

use super::ScriptProblem;
use super::template::Templates;
use crate::operation::{Layout, Script};
use crate::plan::model::{Mail, Plan, Smtp, Tls};
use serde::Serialize;
use std::path::PathBuf;

/// How long the mail server may take for all of it.
const SECONDS: &str = "60";

/// How long it may take to answer at all.
const CONNECT_SECONDS: &str = "20";

/// How many characters a user name or a password may have: curl reads lines of 4096 bytes.
const LONGEST_WORD: usize = 1000;

#[derive(Serialize)]
struct Values {
    smtp: bool,
    /// For curl; empty without `smtp`.
    curl: Vec<String>,
    from: String,
    to: Vec<String>,
    /// The ends of runs that mail tells of.
    notify: Vec<&'static str>,
}

/// The script `mail`: `mail SUBJECT [END] < BODY` sends one mail, unless it is about an END of a run that the plan wants no mail of; its exit status tells whether it was accepted.
pub(super) fn mail(mail: &Mail, layout: &Layout, templates: &Templates) -> Result<Script, ScriptProblem> {
    let values = Values {
        smtp: mail.smtp.is_some(),
        curl: curl_mail_arguments(mail, layout).unwrap_or_default(),
        from: mail.from.to_string(),
        to: mail.to.iter().map(ToString::to_string).collect(),
        notify: mail.notify.iter().map(|end| end.word()).collect(),
    };
    templates.fill("mail", "mail", layout, values)
}

/// Whether the plan wants what a check or a job said in the mails about it.
pub(super) fn include_output(plan: &Plan) -> bool {
    plan.maintenance.mail.as_ref().is_some_and(|mail| mail.include_output)
}

/// The certificate authority of the mail server: a copy of the plan's `ca`, in the jobs folder.
pub fn mail_authority(layout: &Layout) -> PathBuf {
    layout.job("smtp.ca")
}

/// The arguments with which curl sends the mail on its standard input; `None` for a plan without `smtp`, which uses
/// the system's `sendmail`.
///
/// The account is read from [`Layout::mail_account`], which holds [`mail_account`], and never stands among them; where
/// the plan has a `ca`, its copy is [`mail_authority`].
pub fn curl_mail_arguments(mail: &Mail, layout: &Layout) -> Option<Vec<String>> {
    let Mail { to, from, smtp, remind: _, include_output: _, notify: _ } = mail;
    let Smtp { host, port, tls, username, password: _, ca } = smtp.as_ref()?;
    let scheme = match tls {
        Tls::Implicit => "smtps",
        Tls::Required | Tls::None => "smtp",
    };
    let mut arguments: Vec<String> = ["--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", SECONDS]
        .into_iter()
        .chain(["--connect-timeout", CONNECT_SECONDS, "--crlf", "--upload-file", "-"])
        .map(str::to_owned)
        .collect();
    let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
    add("--url", format!("{scheme}://{}:{port}", host.before_port()));
    add("--mail-from", from.to_string());
    to.iter().for_each(|to| add("--mail-rcpt", to.to_string()));
    if username.is_some() {
        add("--netrc-file", layout.mail_account().display().to_string());
    }
    if ca.is_some() {
        add("--cacert", mail_authority(layout).display().to_string());
    }
    match tls {
        Tls::Required => arguments.push("--ssl-reqd".to_owned()),
        Tls::Implicit | Tls::None => {}
    }
    Some(arguments)
}

/// The netrc file (for [`Layout::mail_account`], mode 0600) from which curl takes the account at the mail server.
///
/// # Errors
/// [`ScriptProblem::MailAccount`]: a control character, nothing at all, or more than curl reads.
pub fn mail_account(smtp: &Smtp, username: &str, password: &str) -> Result<String, ScriptProblem> {
    let username = word("user name", username)?;
    let password = word("password", password)?;
    Ok(format!("machine {} login {username} password {password}\n", smtp.host))
}

/// A word of a netrc file. Only where it has to be it is quoted: curl before 7.84 takes a quote for a character of the word.
fn word(what: &'static str, text: &str) -> Result<String, ScriptProblem> {
    if !(1..=LONGEST_WORD).contains(&text.chars().count()) || text.chars().any(char::is_control) {
        return Err(ScriptProblem::MailAccount { what });
    }
    let plain = !text.starts_with(['"', '#']) && !text.contains(' ');
    if plain { Ok(text.to_owned()) } else { Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))) }
}

/// A mail as it is about to leave, with what only the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is about, in a few words.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// The server's host name.
    pub host: String,
    /// When it is sent, as RFC 5322 writes it: `Sat, 21 Nov 2026 01:23:45 +0000`.
    pub date: String,
    /// What no other mail of this host has.
    pub unique: String,
}

impl Letter {
    /// The message (RFC 5322) with LF line ends: printable ASCII only, no line over 998 characters.
    pub fn message(&self, mail: &Mail) -> String {
        let Self { subject, body, host, date, unique } = self;
        let Mail { to, from, smtp: _, remind: _, include_output: _, notify: _ } = mail;
        let to: Vec<String> = to.iter().map(ToString::to_string).collect();
        let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
        let subject: String = subject.chars().take(200).map(|c| if printable(c) { c } else { '?' }).collect();
        let body: Vec<String> = body.lines().flat_map(folded).collect();
        format!(
            "Date: {date}\nMessage-ID: <{unique}@{host}>\nFrom: {from}\nTo: {}\nSubject: {subject}\n\
             Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\
             Content-Transfer-Encoding: 7bit\n\n{}\n",
            to.join(",\n "),
            body.join("\n")
        )
    }
}

fn printable(character: char) -> bool {
    matches!(character, ' '..='~')
}

fn folded(line: &str) -> Vec<String> {
    let shown: Vec<char> = line.chars().map(|c| if printable(c) || c == '\t' { c } else { '?' }).collect();
    if shown.is_empty() { vec![String::new()] } else { shown.chunks(900).map(|part| part.iter().collect()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::values::PlanName;
    use pretty_assertions::assert_eq;

    fn mail(smtp: &str) -> Mail {
        let text = format!(r#"{{"to": ["ops@example.org", "night@example.org"], "from": "vsn@example.org"{smtp}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn arguments(smtp: &str) -> Option<Vec<String>> {
        let layout = Layout::new("/var/lib/landfall".as_ref(), &PlanName::parse("shop").unwrap());
        curl_mail_arguments(&mail(smtp), &layout)
    }

    /// What follows the arguments that are always the same.
    fn own_arguments(smtp: &str) -> String {
        let all = arguments(smtp).unwrap().join(" ");
        let fixed =
            "--disable --silent --show-error --noproxy * --max-time 60 --connect-timeout 20 --crlf --upload-file - ";
        all.strip_prefix(fixed).unwrap().to_owned()
    }

    #[test]
    fn curl_gets_the_server_the_addresses_and_the_protection_but_never_the_account() {
        let addresses = "--mail-from vsn@example.org --mail-rcpt ops@example.org --mail-rcpt night@example.org";
        assert_eq!(
            own_arguments(r#", "smtp": {"host": "mail.example"}"#),
            format!("--url smtp://mail.example:587 {addresses} --ssl-reqd")
        );
        assert_eq!(
            own_arguments(r#", "smtp": {"host": "mail.example", "port": 25, "tls": "none"}"#),
            format!("--url smtp://mail.example:25 {addresses}")
        );
        let account = r#""username": "vsn", "password": {"secret": "smtp_password"}, "ca": "ca.pem""#;
        assert_eq!(
            own_arguments(&format!(
                r#", "smtp": {{"host": "mail.example", "port": 465, "tls": "implicit", {account}}}"#
            )),
            format!(
                "--url smtps://mail.example:465 {addresses} --netrc-file /var/lib/landfall/shop/jobs/smtp.netrc \
                 --cacert /var/lib/landfall/shop/jobs/smtp.ca"
            )
        );
        assert_eq!(arguments(""), None);
    }

    fn account(username: &str, password: &str) -> Result<String, String> {
        let smtp = mail(r#", "smtp": {"host": "mail.example"}"#).smtp.unwrap();
        mail_account(&smtp, username, password).map_err(|problem| problem.to_string())
    }

    #[test]
    fn an_account_is_quoted_only_where_curl_needs_it() {
        let accounts = [("vsn", "plain"), ("vsn", "mid\"\\#"), ("two words", "#first"), ("vsn", "\"a \\")];
        let written: Vec<String> = accounts.map(|(username, password)| account(username, password).unwrap()).into();
        let expected = [
            "machine mail.example login vsn password plain\n",
            "machine mail.example login vsn password mid\"\\#\n",
            "machine mail.example login \"two words\" password \"#first\"\n",
            "machine mail.example login vsn password \"\\\"a \\\\\"\n",
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn an_account_that_curl_would_misread_is_refused() {
        let refusal = |what: &str| {
            Err(format!(
                "the {what} of the mail server can't stand in curl's netrc file: use 1 to 1000 characters, no control \
                 characters"
            ))
        };
        assert_eq!(account("vsn", "two\nlines"), refusal("password"));
        assert_eq!(account("vsn", ""), refusal("password"));
        assert_eq!(account(&"x".repeat(1001), "plain"), refusal("user name"));
    }

    #[test]
    fn a_letter_has_every_header_and_only_printable_characters() {
        let letter = Letter {
            subject: "shop on vsn7: fällt\nBcc: all@example.org".to_owned(),
            body: format!("one\ntwo\u{1b}[1m\n\n{}", "x".repeat(901)),
            host: "vsn7.example>".to_owned(),
            date: "Sat, 21 Nov 2026 01:23:45 +0000".to_owned(),
            unique: "4711.1".to_owned(),
        };
        let expected = format!(
            "Date: Sat, 21 Nov 2026 01:23:45 +0000\nMessage-ID: <4711.1@vsn7.example>\nFrom: vsn@example.org\n\
             To: ops@example.org,\n night@example.org\nSubject: shop on vsn7: f?llt?Bcc: all@example.org\n\
             Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\
             Content-Transfer-Encoding: 7bit\n\none\ntwo?[1m\n\n{}\nx\n",
            "x".repeat(900)
        );
        assert_eq!(letter.message(&mail("")), expected);
    }
}
