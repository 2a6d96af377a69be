//! What a registry answers, as curl prints it. Reads nothing, changes nothing.

use serde_json::Value;

/// What a registry does that wants to know who asks.
pub(super) const ACCOUNT: &str = "wants an account: name one that may read the image in the plan's `registries`, and give its password with `--secrets`";

/// An answer, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// What was asked for.
    Body(Vec<u8>),
    /// It wants to know who asks.
    Refused(Challenge),
    /// Another status.
    Status(u16),
    /// It speaks no TLS.
    NoTls,
    /// What curl ended with.
    None(i32),
}

/// How a registry wants to be told who asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// By a name and a password.
    Basic,
    /// By a token, which is to be had there.
    Token {
        /// Its address.
        realm: String,
        /// What it is asked with.
        parameters: Vec<(String, String)>,
    },
    /// In another way.
    Unknown,
}

impl Answer {
    /// Of the exit status of `curl --include`, and what it printed.
    pub(super) fn of(code: i32, printed: &[u8]) -> Self {
        match code {
            0 => {}
            35 => return Self::NoTls,
            other => return Self::None(other),
        }
        // There are several heads where an answer sent on to another address.
        let (mut head, mut rest): (&[u8], &[u8]) = (&[], printed);
        while rest.starts_with(b"HTTP/") {
            let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") else { break };
            let (this, after) = rest.split_at(end);
            (head, rest) = (this, after.get(4..).unwrap_or_default());
        }
        let head = String::from_utf8_lossy(head);
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        match status {
            200 => Self::Body(rest.to_vec()),
            401 => Self::Refused(Challenge::of(&head)),
            other => Self::Status(other),
        }
    }

    /// Whether asking again in a moment may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Body(_) | Self::Refused(_) | Self::NoTls | Self::None(_) => false,
        }
    }

    /// What the registry did, and the cure.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Body(_) => "answers".to_owned(),
            Self::Refused(_) | Self::Status(403) => ACCOUNT.to_owned(),
            Self::Status(404) => "has no such image: push it, or correct its name, tag or digest".to_owned(),
            Self::Status(429) => "limits how often it is asked: ask again later".to_owned(),
            Self::Status(status @ 500..) => format!("has trouble of its own (it answers {status}): look at its log"),
            Self::Status(status) => format!("answers {status}: correct the image's reference"),
            Self::NoTls => {
                "speaks no TLS that is understood here: give it a certificate, or allow it with the image's \
                            `\"tls_verify\": false`"
                    .to_owned()
            }
            Self::None(6) => "has no address: correct the image's reference, or this machine's name servers".to_owned(),
            Self::None(7) => "accepts no connection: start it, or correct the image's reference".to_owned(),
            Self::None(28) => "did not answer in time: see to the network between this machine and it".to_owned(),
            Self::None(47) => "sends every request on, without an end: correct its configuration".to_owned(),
            Self::None(60) => {
                "shows a certificate that is not trusted here: name its authority in the image's `ca`".to_owned()
            }
            Self::None(code) => format!("could not be asked (curl ended with {code})"),
        }
    }
}

impl Challenge {
    fn of(head: &str) -> Self {
        let mut challenges = head.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("www-authenticate").then(|| value.trim())
        });
        challenges.find_map(Self::read).unwrap_or(Self::Unknown)
    }

    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut parameters, mut rest) = (None, Vec::new(), rest);
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"')?;
            match name.trim_matches([',', ' ']) {
                "realm" => realm = Some(value.to_owned()),
                name @ ("service" | "scope") => parameters.push((name.to_owned(), value.to_owned())),
                _ => {}
            }
            rest = after;
        }
        Some(Self::Token { realm: realm?, parameters })
    }
}

/// The token in an answer.
pub(super) fn token(bytes: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(bytes).ok()?;
    let token = answer.get("token").or(answer.get("access_token"))?.as_str()?;
    Some(token.to_owned())
        .filter(|token| !token.is_empty() && token.chars().all(|character| character.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Challenge, token};
    use pretty_assertions::assert_eq;

    fn of(printed: &str) -> Answer {
        Answer::of(0, printed.as_bytes())
    }

    #[test]
    fn the_last_head_counts_and_what_follows_is_the_body() {
        let sent_on = "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://b.example/\r\n\r\nHTTP/2 200 \r\na: b\r\n\r\n{\"a\": 1}\r\n\r\n";
        assert_eq!(of(sent_on), Answer::Body(b"{\"a\": 1}\r\n\r\n".to_vec()));
        assert_eq!(of("HTTP/2 404 \r\n\r\n{}"), Answer::Status(404));
        assert_eq!(of(""), Answer::Status(0));
        assert_eq!([35, 7].map(|code| Answer::of(code, b"")), [Answer::NoTls, Answer::None(7)]);
    }

    #[test]
    fn a_registry_says_how_it_wants_to_be_told_who_asks() {
        let challenge = |line: &str| match of(&format!("HTTP/1.1 401 Unauthorized\r\n{line}\r\n\r\n")) {
            Answer::Refused(challenge) => challenge,
            other => panic!("{other:?}"),
        };
        assert_eq!(challenge("Www-Authenticate: Basic realm=\"images\""), Challenge::Basic);
        let bearer = "WWW-Authenticate: Bearer realm=\"https://auth.example/token\",service=\"a.example\",scope=\"repository:a/b:pull,push\"";
        let parameters = [("service", "a.example"), ("scope", "repository:a/b:pull,push")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(challenge(bearer), Challenge::Token { realm: "https://auth.example/token".to_owned(), parameters });
        assert_eq!(challenge("WWW-Authenticate: Negotiate"), Challenge::Unknown);
        assert_eq!(challenge("a: b"), Challenge::Unknown);
    }

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(token(br#"{"token": "abc.def"}"#), Some("abc.def".to_owned()));
        assert_eq!(token(br#"{"access_token": "abc"}"#), Some("abc".to_owned()));
        assert_eq!(token(br#"{"token": "a\"\nurl = \"https://b.example"}"#), None);
    }
}
