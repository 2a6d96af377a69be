//! A real SMTP server in the VSN that keeps every message it receives.

use std::fs;
use std::path::Path;

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

/// How clients reach the sink.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Tls {
    None,
    /// STARTTLS, and no mail without it.
    Required,
    /// TLS from the first byte.
    Implicit,
}

/// The running sink, at `localhost` port 25; dropping it stops it, and what it received stays in `/srv/mail`.
pub struct MailSink<'vsn> {
    vsn: &'vsn Vsn,
    process: Process,
}

/// One message, as it came.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Whether it came encrypted.
    pub tls: bool,
    /// The user name that the client authenticated with, `""` for none.
    pub user: String,
    /// Header and body, with LF line ends.
    pub text: String,
}

impl Vsn {
    /// Starts a sink that takes mail from everybody, unencrypted.
    pub fn mail_sink(&self) -> MailSink<'_> {
        self.start_mail_sink(&["--tls", "none"])
    }

    /// Starts a sink that takes mail only with this protection and, where `account` says so, this user name and password.
    /// Its self-signed certificate for `localhost` and `127.0.0.1` is [`Vsn::certificate`].
    pub fn mail_sink_with(&self, tls: Tls, account: Option<(&str, &str)>) -> MailSink<'_> {
        let (certificate, key) = self.certificate();
        let tls = match tls {
            Tls::None => "none",
            Tls::Required => "starttls",
            Tls::Implicit => "implicit",
        };
        let mut options = vec!["--tls", tls, "--certificate", &certificate, "--key", &key];
        if let Some((username, password)) = account {
            options.extend(["--username", username, "--password", password]);
        }
        self.start_mail_sink(&options)
    }

    /// The messages received so far by any sink, in the order of arrival.
    pub fn mails(&self) -> Vec<Mail> {
        let Ok(folder) = fs::read_dir(self.on_disk("/srv/mail")) else { return Vec::new() };
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.iter().map(|file| parse(&String::from_utf8_lossy(&fs::read(file).unwrap()))).collect()
    }

    fn start_mail_sink(&self, options: &[&str]) -> MailSink<'_> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mail_sink.py");
        fs::create_dir_all(self.on_disk("/srv/mail")).unwrap();
        // The distribution's own Python has its packages; another one on PATH doesn't.
        let command = ["/usr/bin/python3", program.to_str().unwrap(), "/srv/mail"];
        let process = self.start_process(command.into_iter().chain(options.iter().copied()));
        let mut sink = MailSink { vsn: self, process };
        eventually("the mail sink listens", || {
            assert!(sink.process.is_running(), "the mail sink has ended");
            self.listens("127.0.0.1", 25)
        });
        sink
    }
}

impl MailSink<'_> {
    /// The messages received so far, in the order of arrival.
    pub fn mails(&self) -> Vec<Mail> {
        self.vsn.mails()
    }
}

fn parse(file: &str) -> Mail {
    let file = file.replace("\r\n", "\n");
    let (mut from, mut to, mut tls, mut user) = (String::new(), Vec::new(), false, String::new());
    let mut text = file.as_str();
    while let Some((name, value, rest)) = envelope_line(text) {
        match name {
            "From" => from = value.to_owned(),
            "To" => to.push(value.to_owned()),
            "Tls" => tls = value == "yes",
            "User" => user = value.to_owned(),
            unknown => panic!("the sink wrote {unknown}"),
        }
        text = rest;
    }
    Mail { from, to, tls, user, text: text.to_owned() }
}

fn envelope_line(text: &str) -> Option<(&str, &str, &str)> {
    let (line, rest) = text.strip_prefix("X-Sink-")?.split_once('\n')?;
    let (name, value) = line.split_once(':')?;
    Some((name, value.trim(), rest))
}
