//! A registry that goes wrong in one way: no real one can be made to.

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

/// One way of going wrong.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Wrong {
    /// None: it goes right.
    Nothing,
    /// It accepts connections, and never answers.
    Silent,
    /// It sends half of each layer, then nothing more.
    Stalling,
    /// It sends a byte a second of each layer.
    Dripping,
    /// It serves only [`ACCOUNT`](super::ACCOUNT), and sends half of each layer, then nothing more. It shows
    /// [`Vsn::certificate`].
    Private,
    /// It goes right, and sends 150 KiB a second of each layer.
    Slow,
    /// It ends the connection after half of each layer.
    Truncated,
    /// It sends layers in which one bit is wrong.
    Altered,
    /// It sends another manifest than the one that was asked for by its digest.
    Other,
    /// It answers everything with this status.
    Status(u16),
    /// It answers the first two requests with 503, and goes right from then on.
    Twice,
    /// It answers the first request for each thing with 503, whoever asks, and goes right from then on.
    First,
    /// It answers 429 and says to come back in an hour.
    Later,
    /// It sends every request to where it came from.
    Redirecting,
    /// It shows a certificate that expired yesterday, and goes right for whoever trusts it nevertheless.
    Expired,
    /// It goes right for whoever shows a token, which it gives to [`ACCOUNT`](super::ACCOUNT), and has blobs on another host, which
    /// must not be shown it. It shows [`Vsn::certificate`].
    Tokens,
}

impl Vsn {
    /// Starts a registry at `localhost:5000` that has `tiny-v2` under every name, and goes wrong in this way. All but
    /// [`Wrong::Expired`], [`Wrong::Private`] and [`Wrong::Tokens`] speak plain HTTP. Dropping it stops it.
    /// `/run/registry-requests` has a line for each request of an engine.
    pub fn bad_registry(&self, wrong: Wrong) -> Process {
        let archive = self.image("tiny", "tiny-v2.docker.tar");
        let way = match wrong {
            Wrong::Nothing | Wrong::Expired => "good".to_owned(),
            Wrong::Silent => "silent".to_owned(),
            Wrong::Stalling => "stalling".to_owned(),
            Wrong::Dripping => "dripping".to_owned(),
            Wrong::Private => "private".to_owned(),
            Wrong::Slow => "slow".to_owned(),
            Wrong::Truncated => "truncated".to_owned(),
            Wrong::Altered => "altered".to_owned(),
            Wrong::Other => "other".to_owned(),
            Wrong::Status(status) => status.to_string(),
            Wrong::Twice => "503-twice".to_owned(),
            Wrong::First => "503-first".to_owned(),
            Wrong::Later => "429-later".to_owned(),
            Wrong::Redirecting => "redirecting".to_owned(),
            Wrong::Tokens => "tokens".to_owned(),
        };
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/bad_registry.py");
        let mut command = vec!["/usr/bin/python3", program, &archive, "5000", &way];
        if wrong == Wrong::Expired {
            self.expired_certificate();
            command.extend(["/srv/tls/expired.pem", "/srv/tls/expired.key"]);
        }
        let (certificate, key) =
            if matches!(wrong, Wrong::Tokens | Wrong::Private) { self.certificate() } else { Default::default() };
        if matches!(wrong, Wrong::Tokens | Wrong::Private) {
            command.extend([certificate.as_str(), &key]);
        }
        let registry = self.start_process(command);
        eventually("the registry listens", || self.listens("127.0.0.1", 5000));
        registry
    }

    /// Makes `/srv/tls/authority.pem`, and a certificate of it for `localhost` that expired yesterday.
    fn expired_certificate(&self) {
        let make = "
            set -e
            mkdir -p /srv/tls && cd /srv/tls
            key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $key -subj /CN=authority -days 2 -keyout authority.key -out authority.pem
            openssl req $key -subj /CN=localhost -addext subjectAltName=DNS:localhost,DNS:images.example -keyout expired.key -out request.pem
            openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key -CAcreateserial -days -1 \\
                -copy_extensions copy -out expired.pem";
        self.name_registries();
        self.must(["bash", "-c", make]);
    }
}
