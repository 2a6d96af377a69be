//! Downloads with curl.

use super::{GRACE, Goal, SILENCE, Then, Trouble, fetched, known, of_the_program, size, within};
use crate::host::command::{Command, CommandProblem, require};
use crate::host::files::Nameless;
use crate::plan::values::WebLocation;
use crate::run::Failure;
use std::fs::File;
use std::time::Duration;

/// How often a server may send on to another address.
const REDIRECTS: &str = "5";

/// Less than so many bytes a second are nothing.
const SLOWEST: &str = "1";

/// What curl ended with.
struct Ended {
    code: i32,
    status: u16,
}

/// Curl, asked for this address: whatever root has in a `.curlrc` is not for this.
fn curl(from: &WebLocation, authority: Option<&Nameless>) -> Result<Command, Failure> {
    let curl = require("curl").map_err(|problem| Failure::new(problem.to_string()))?;
    let url = from.to_string();
    let protocols = if url.starts_with("https:") { "=https" } else { "=http,https" };
    let call = known(Command::new(&curl))
        .args(["--disable", "--silent", "--fail", "--location", "--max-redirs", REDIRECTS])
        .args(["--proto", protocols, "--proto-redir", protocols, "--connect-timeout", "20"]);
    let call = match authority {
        Some(authority) => call.arg("--cacert").arg(authority.path()),
        None => call,
    };
    Ok(call.args(["--url", &url]))
}

/// How many bytes a file has, as the server that has it says of it; `None` where it does not say so within this time.
pub fn size_by_web(from: &WebLocation, authority: Option<&[u8]>, limit: Duration) -> Option<u64> {
    let authority = authority.map(Nameless::holding).transpose().ok()?;
    let call = curl(from, authority.as_ref()).ok()?.arg("--head").grace(GRACE);
    told_size(&String::from_utf8_lossy(&within(call, limit).run().ok()?.stdout))
}

/// The size in the last of the answers, each of which ends with an empty line.
fn told_size(answers: &str) -> Option<u64> {
    let answers = answers.replace('\r', "");
    let last = answers.trim_end().rsplit("\n\n").next()?;
    let fields = last.lines().filter_map(|line| line.split_once(':'));
    let mut sizes = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    sizes.next().and_then(|(_, size)| size.trim().parse().ok())
}

impl Goal<'_> {
    /// Downloads a file, and trusts this certificate authority, in PEM form, or the server's own. From an address with TLS it is never
    /// sent on to one without.
    ///
    /// # Errors
    /// What the server did, with the cure; that curl is missing.
    pub fn download(self, from: &WebLocation, authority: Option<&[u8]>) -> Result<File, Failure> {
        let authority = authority.map(Nameless::holding).transpose();
        let authority = authority.map_err(|problem| Failure::new(problem.to_string()))?;
        let host = format!("the server {}", from.url().host().before_port());
        fetched(self, &|left: Duration| {
            let Goal { file, room, limit: _, cancel } = self;
            let rest = room.saturating_sub(size(file)).max(1).to_string();
            let call = curl(from, authority.as_ref());
            let call = call
                .map_err(|Failure { message, lingering: _ }| Trouble { message, then: Then::GiveUp })?
                .args(["--speed-limit", SLOWEST, "--speed-time", &SILENCE.as_secs().to_string()])
                .args(["--max-filesize", &rest, "--continue-at", "-", "--write-out", "%{http_code}", "--output"])
                .arg(file)
                .cancel(cancel);
            let output = within(call, left)
                .run_to_any_code()
                .map_err(|problem: CommandProblem| of_the_program(&problem, &host))?;
            let status = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or_default();
            let ended = Ended { code: output.code, status };
            if ended.code == 0 { Ok(()) } else { Err(ended.trouble(&host)) }
        })
    }
}

impl Ended {
    /// As in curl's manual, under «EXIT CODES».
    fn trouble(&self, host: &str) -> Trouble {
        let Self { code, status } = self;
        let (what, then) = match (code, status) {
            (6, _) => ("has no address: correct the URL, or this server's name servers".to_owned(), Then::GoOn),
            (7, _) => ("accepts no connection: start it, or correct the URL".to_owned(), Then::GoOn),
            (22, 401 | 403) => (format!("answers {status}: allow fetching the file without an account"), Then::GiveUp),
            (22, 404 | 410) => (format!("has no such file (it answers {status}): correct the URL"), Then::GiveUp),
            // What is there is all of it, or more.
            (22, 416) | (33 | 36, _) => ("can't send the rest of the file alone".to_owned(), Then::BeginAgain),
            (22, 408 | 429 | 500..) => (format!("answers {status}: fetch it later, or look at its log"), Then::GoOn),
            (22, _) => (format!("answers {status}: correct the URL"), Then::GiveUp),
            (28, _) => ("does not send anything any more: see whether it works".to_owned(), Then::GoOn),
            (1, _) => ("sends on to an address that is not as safe: correct the URL".to_owned(), Then::GiveUp),
            (47, _) => (format!("sends on to other addresses more than {REDIRECTS} times: correct the URL"), Then::GiveUp),
            (60, _) => (
                "shows a certificate that is not trusted here, or not valid now: name its authority in the image's `ca`".to_owned(),
                Then::GiveUp,
            ),
            (35, _) => ("speaks no TLS that is understood here: correct the URL".to_owned(), Then::GoOn),
            (63, _) => ("has an archive for which there is no room here: make some".to_owned(), Then::GiveUp),
            (23, _) => ("has an archive that could not be written here: see whether there is room".to_owned(), Then::GiveUp),
            (18 | 52 | 55 | 56 | 92, _) => ("ended the transfer early: look at its log".to_owned(), Then::GoOn),
            (code, _) => (format!("could not be asked (curl ended with {code})"), Then::GiveUp),
        };
        Trouble { message: format!("{host} {what}"), then }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Then, told_size};
    use pretty_assertions::assert_eq;

    #[test]
    fn the_size_is_read_from_the_last_answer() {
        let sent_on = "HTTP/1.1 302 Found\r\nContent-Length: 5\r\nLocation: /b\r\n\r\n";
        assert_eq!(told_size(&format!("{sent_on}HTTP/2 200\r\ncontent-length: 10240\r\n\r\n")), Some(10240));
        assert_eq!(told_size(&format!("{sent_on}HTTP/2 200\r\nserver: a\r\n\r\n")), None);
        assert_eq!(told_size(""), None);
    }

    #[test]
    fn what_may_pass_is_waited_for_and_what_never_does_is_told_at_once() {
        let then = |code, status| Ended { code, status }.trouble("the server a.example").then;
        assert_eq!(
            [(7, 0), (18, 200), (22, 429), (22, 503), (28, 0), (56, 0)].map(|(code, status)| then(code, status)),
            [Then::GoOn; 6]
        );
        assert_eq!(
            [(1, 301), (22, 401), (22, 404), (47, 302), (60, 0), (63, 0)].map(|(code, status)| then(code, status)),
            [Then::GiveUp; 6]
        );
        assert_eq!([(22, 416), (33, 200)].map(|(code, status)| then(code, status)), [Then::BeginAgain; 2]);
    }
}
