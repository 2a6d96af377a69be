//! Tells what went wrong with a registry, and the cure. Reads nothing, changes nothing.

use super::said;
use crate::facts::EngineKind;
use crate::host::command::CommandProblem;
use crate::run::Failure;

/// What a pull can meet.
struct Trouble {
    /// What an engine says then, one of these, in lower case.
    said: &'static [&'static str],
    /// What the registry does.
    what: &'static str,
    /// What an operator can do about it.
    cure: &'static str,
    /// Whether asking again in a moment may help.
    passes: bool,
}

/// The first that fits counts.
const TROUBLES: [Trouble; 13] = [
    Trouble {
        said: &["connection refused"],
        what: "accepts no connection",
        cure: "start it, or correct the image's reference",
        passes: false,
    },
    Trouble {
        said: &["no such host", "server misbehaving", "name resolution"],
        what: "has no address: its name is not known",
        cure: "correct the image's reference, or this server's name servers",
        passes: false,
    },
    Trouble {
        said: &["no route to host", "network is unreachable", "i/o timeout", "handshake timeout"],
        what: "can't be reached",
        cure: "see to the network between this server and it",
        passes: false,
    },
    Trouble {
        said: &["certificate has expired"],
        what: "shows a certificate that has expired, or is not valid yet by this server's clock",
        cure: "renew it there, or set the clock",
        passes: false,
    },
    Trouble {
        said: &["x509:"],
        what: "shows a certificate that is not trusted here",
        cure: "name its authority in the image's `ca`, or have the registry show another certificate",
        passes: false,
    },
    Trouble {
        said: &["http response to https client", "does not look like a tls handshake"],
        what: "speaks no TLS",
        cure: "give it a certificate, or allow it with the image's `\"tls_verify\": false`",
        passes: false,
    },
    Trouble {
        said: &["too many requests", "toomanyrequests", "http 429"],
        what: "limits how often it is asked",
        cure: "deploy again later, or deliver the image as an archive",
        passes: true,
    },
    Trouble {
        said: &["unauthorized", "authentication required", "no basic auth credentials", "is denied", "403 (forbidden)"],
        what: "wants an account",
        cure: "name one that may read the image, with its password, in the plan's `registries`",
        passes: false,
    },
    Trouble {
        said: &["manifest unknown", "name unknown", "404 (not found)"],
        what: "has no such image",
        cure: "push it, or correct its name, tag or digest",
        passes: false,
    },
    Trouble {
        said: &["stopped after 10 redirects"],
        what: "sends every request on, without an end",
        cure: "correct its configuration, or that of the proxy in front of it",
        passes: false,
    },
    Trouble {
        // The last is of a registry that can't go on where it ended.
        said: &["unexpected eof", "connection reset", "broken pipe", "expected http 206"],
        what: "ended the transfer early",
        cure: "deploy again, and look at its log where that does not help",
        passes: false,
    },
    Trouble {
        said: &["digest did not match", "does not match provided manifest digest", "verification failed for digest"],
        what: "delivered something else than the image, by its digest",
        cure: "push the image again, and look at what stands between this server and it",
        passes: false,
    },
    Trouble {
        said: &["status code from registry 5", "unexpected http status: 5", "500 (", "502 (", "503 (", "504 ("],
        what: "has trouble of its own",
        cure: "look at its log",
        passes: true,
    },
];

/// The failure that a pull's problem is.
pub(super) fn failure(problem: CommandProblem, registry: &str, engine: EngineKind) -> Failure {
    match problem {
        CommandProblem::Failed { command: _, code: _, ref stderr_tail } => {
            told(stderr_tail, registry, engine).map_or_else(|| said::failure(problem.clone()), Failure::new)
        }
        CommandProblem::Deadline { command: _, seconds, stderr_tail: _ } => {
            let silence = match engine {
                EngineKind::Podman => ". Podman waits without a word where a registry limits how often it is asked",
                EngineKind::Docker => "",
            };
            Failure::lingering(format!(
                "the registry {registry} did not deliver the image within {seconds} s: see whether it works, or raise the image's \
                 `timeout`{silence}"
            ))
        }
        other @ (CommandProblem::Signalled { command: _, signal: _, stderr_tail: _ }
        | CommandProblem::Cancelled { command: _ }
        | CommandProblem::TooMuchOutput { command: _, limit: _ }
        | CommandProblem::Input { command: _, reason: _ }
        | CommandProblem::NotFound { command: _ }
        | CommandProblem::NotStarted { command: _, reason: _ }) => said::failure(other),
    }
}

/// Whether it may be over in a moment: the registry has trouble of its own, or limits how often it is asked.
pub(super) fn is_passing(problem: &CommandProblem) -> bool {
    let CommandProblem::Failed { command: _, code: _, stderr_tail } = problem else { return false };
    let trouble = said::gist(stderr_tail).and_then(|gist| trouble(&gist.to_lowercase()));
    trouble.is_some_and(|trouble| trouble.passes)
}

fn trouble(lower: &str) -> Option<&'static Trouble> {
    TROUBLES.iter().find(|trouble| trouble.said.iter().any(|said| lower.contains(said)))
}

fn told(stderr: &str, registry: &str, engine: EngineKind) -> Option<String> {
    let gist = said::gist(stderr)?;
    let Trouble { said: _, what, cure, passes: _ } = trouble(&gist.to_lowercase())?;
    let cure = match engine {
        EngineKind::Podman => (*cure).to_owned(),
        EngineKind::Docker => dockers_cure(cure, registry, token_server(&gist)),
    };
    Some(format!("the registry {registry} {what}: {cure}. {engine} said: {gist}"))
}

/// Who gives the tokens for a registry, where it was he who was asked in vain.
fn token_server(gist: &str) -> Option<&str> {
    let (_, asked) = gist.split_once("failed to fetch oauth token: ")?;
    let (_, server) = asked.split_once("\"https://")?;
    server.split_once('/').map(|(server, _)| server)
}

/// Whom Docker trusts is said to its daemon, and not with an image.
fn dockers_cure(cure: &str, registry: &str, token_server: Option<&str>) -> String {
    if cure.contains("`ca`") {
        if let Some(server) = token_server {
            return format!(
                "{server}, which gives tokens for it, must be trusted by the system itself: add its authority there \
                 (`update-ca-certificates` on Debian), and restart Docker's daemon"
            );
        }
        format!("copy its authority to /etc/docker/certs.d/{registry}/ca.crt, or have it show another certificate")
    } else if cure.contains("`\"tls_verify\": false`") {
        format!("give it a certificate, or add {registry} to `insecure-registries` in /etc/docker/daemon.json")
    } else {
        cure.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::failure;
    use crate::facts::EngineKind;
    use crate::host::command::{CommandName, CommandProblem};
    use crate::run::Failure;
    use pretty_assertions::assert_eq;

    fn failed(said: &str) -> String {
        let command = CommandName::new("podman".as_ref(), Some("pull".as_ref()));
        let problem = CommandProblem::Failed { command, code: 125, stderr_tail: format!("Error: {said}\n") };
        let Failure { message, lingering } = failure(problem, "images.example:5000", EngineKind::Podman);
        assert!(!lingering);
        message
    }

    #[test]
    fn what_a_registry_does_is_told_with_the_cure_and_what_podman_said() {
        let what = |said: &str| {
            let told = failed(said);
            let what = told.strip_prefix("the registry images.example:5000 ").unwrap();
            let what = what.strip_suffix(&format!(". Podman said: {said}")).unwrap();
            what.split_once(": ").unwrap().0.to_owned()
        };
        let pinging =
            "initializing source docker://images.example:5000/a:1: pinging container registry images.example:5000: ";
        let pinging = |rest: &str| what(&format!("{pinging}{rest}"));
        assert_eq!(
            pinging("Get \"https://images.example:5000/v2/\": dial tcp 10.0.0.1:5000: connect: connection refused"),
            "accepts no connection"
        );
        assert_eq!(pinging("dial tcp: lookup images.example: no such host"), "has no address");
        assert_eq!(pinging("dial tcp 10.0.0.1:5000: i/o timeout"), "can't be reached");
        let expired = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
        assert_eq!(
            pinging(expired),
            "shows a certificate that has expired, or is not valid yet by this server's clock"
        );
        let unknown = "x509: certificate signed by unknown authority";
        assert_eq!(pinging(unknown), "shows a certificate that is not trusted here");
        assert_eq!(pinging("http: server gave HTTP response to HTTPS client"), "speaks no TLS");
        assert_eq!(pinging("tls: first record does not look like a TLS handshake"), "speaks no TLS");
        assert_eq!(pinging("toomanyrequests: slow down"), "limits how often it is asked");
        let status = "invalid status code from registry 500 (Internal Server Error)";
        assert_eq!(pinging(status), "has trouble of its own");
        assert_eq!(pinging("Get \"/v2/\": stopped after 10 redirects"), "sends every request on, without an end");
        let reading =
            "initializing source docker://images.example:5000/a:1: reading manifest 1 in images.example:5000/a: ";
        assert_eq!(what(&format!("{reading}manifest unknown: manifest unknown")), "has no such image");
        assert_eq!(what(&format!("{reading}unauthorized: authentication required")), "wants an account");
        let storing = "writing blob: storing blob to file \"/d/storage1/1\": happened during read: ";
        assert_eq!(what(&format!("{storing}unexpected EOF")), "ended the transfer early");
        let other = "Digest did not match, expected sha256:1, got sha256:2";
        assert_eq!(what(&format!("{storing}{other}")), "delivered something else than the image, by its digest");
    }

    #[test]
    fn what_is_not_known_is_passed_on_as_podman_said_it() {
        assert_eq!(failed("no space left on device"), "`podman pull` failed: no space left on device");
    }

    #[test]
    fn a_registry_that_takes_too_long_is_told_with_the_field_that_says_how_long() {
        let command = CommandName::new("podman".as_ref(), Some("pull".as_ref()));
        let problem = CommandProblem::Deadline { command, seconds: 3, stderr_tail: String::new() };
        let told = "the registry images.example:5000 did not deliver the image within 3 s: see whether it works, or raise the \
                    image's `timeout`. Podman waits without a word where a registry limits how often it is asked";
        assert_eq!(failure(problem, "images.example:5000", EngineKind::Podman), Failure::lingering(told));
    }

    /// As 20.10.24 says it.
    #[test]
    fn regression_090_what_docker_says_of_a_registry_is_told_with_the_same_reasons_and_cures() {
        let what = |said: &str| {
            let command = CommandName::new("docker".as_ref(), Some("pull".as_ref()));
            let problem = CommandProblem::Failed { command, code: 1, stderr_tail: format!("{said}\n") };
            let told = failure(problem, "r:5000", EngineKind::Docker).message;
            let what = told.strip_prefix("the registry r:5000 ").unwrap();
            what.split_once(": ").unwrap().0.to_owned()
        };
        let daemon = |said: &str| what(&format!("Error response from daemon: {said}"));
        let no_account = "Head \"http://r:5000/v2/shop/app/manifests/v2\": no basic auth credentials";
        assert_eq!(daemon(no_account), "wants an account");
        assert_eq!(daemon("received unexpected HTTP status: 500 Internal Server Error"), "has trouble of its own");
        let limits = "error parsing HTTP 429 response body: unexpected end of JSON input: \"\"";
        assert_eq!(daemon(limits), "limits how often it is asked");
        let other = format!("manifest verification failed for digest sha256:{}", "0".repeat(64));
        assert_eq!(what(&other), "delivered something else than the image, by its digest");
        assert_eq!(what("expected HTTP 206 from byte range request"), "ended the transfer early");
    }

    #[test]
    fn whom_docker_trusts_is_said_to_its_daemon() {
        let command = CommandName::new("docker".as_ref(), Some("pull".as_ref()));
        let stderr_tail =
            "Error response from daemon: Get \"https://r:5000/v2/\": x509: certificate signed by unknown authority";
        let problem = CommandProblem::Failed { command, code: 1, stderr_tail: stderr_tail.to_owned() };
        let told = "the registry r:5000 shows a certificate that is not trusted here: copy its authority to \
                    /etc/docker/certs.d/r:5000/ca.crt, or have it show another certificate. Docker said: Error response from \
                    daemon: Get \"https://r:5000/v2/\": x509: certificate signed by unknown authority";
        assert_eq!(failure(problem, "r:5000", EngineKind::Docker), Failure::new(told));
    }

    /// As Docker 28.5.2 says it where it keeps images in containerd's store: it looks for such an authority at the system's alone.
    #[test]
    fn whom_docker_trusts_to_give_tokens_is_said_of_that_server() {
        let command = CommandName::new("docker".as_ref(), Some("pull".as_ref()));
        let stderr_tail = "Error response from daemon: failed to resolve reference \"r:5000/a:1\": failed to authorize: failed to fetch \
                           oauth token: Post \"https://tokens:5001/token\": tls: failed to verify certificate: x509: certificate \
                           signed by unknown authority";
        let problem = CommandProblem::Failed { command, code: 1, stderr_tail: stderr_tail.to_owned() };
        let Failure { message, lingering: _ } = failure(problem, "r:5000", EngineKind::Docker);
        let cure = "the registry r:5000 shows a certificate that is not trusted here: tokens:5001, which gives tokens for it, must be \
                    trusted by the system itself: add its authority there (`update-ca-certificates` on Debian), and restart Docker's \
                    daemon. Docker said: ";
        assert!(message.starts_with(cure), "{message}");
    }
}
