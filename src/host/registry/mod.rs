//! Asks a registry about an image, by curl, without pulling it: its manifest and its configuration. Reads only.

mod answer;
mod manifest;
mod shown;

pub use manifest::Platform;

use crate::host::awake;
use crate::host::command::{Command, require};
use crate::host::engine::{Access, Login};
use crate::host::fetch;
use crate::host::files::Nameless;
use crate::plan::values::{Digest, ImageId, ImageReference};
use crate::run::{Cancel, Failure};
use answer::{Answer, Challenge};
use manifest::{ImageManifest, Manifest};
use secrecy::ExposeSecret;
use sha2::Sha256;
use shown::{Shown, installed_authorities, option, shown};
use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(60);

/// How often a registry is asked whose trouble may pass.
const ATTEMPTS: u32 = 3;

/// The pause after the first time; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// What curl ends with where a certificate is not trusted.
const UNTRUSTED: i32 = 60;

/// How long after it was asked to end a question is killed.
const GRACE: Duration = Duration::from_millis(500);

/// The most bytes of a manifest or of a configuration.
const LONGEST: &str = "8388608";

/// An image in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRegistry {
    /// The digest of what its name stands for: its manifest, or an index of those for several platforms.
    pub digest: Digest,
    /// Its ID, on this platform.
    pub id: ImageId,
    /// Its configuration, word for word.
    pub configuration: String,
    /// How many bytes a pull transfers, if nothing of it is there.
    pub download_bytes: u64,
}

/// What an image of a registry consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers {
    /// Its ID, on this platform.
    pub id: ImageId,
    /// The layers, lowest first: the digest of each, and its bytes, compressed.
    pub layers: Vec<(String, u64)>,
    /// The bytes of its configuration.
    pub configuration_bytes: u64,
}

/// Asks what the image of this name consists of, or of this digest where one is given, for so long at most.
///
/// # Errors
/// What the registry did, with the cure; that curl is missing.
pub fn layers(
    reference: &ImageReference,
    digest: Option<&Digest>,
    tls_verify: bool,
    access: &Access,
    limit: Duration,
) -> Result<Layers, Failure> {
    let asking = Asking { until: Some(awake::now() + limit), ..Asking::of(reference, tls_verify, access)? };
    let (name, wanted) = named(reference, digest);
    let (_, found) = asking.manifest(reference.repository(), &name, wanted, &mut (Shown::Nothing, "https"))?;
    let ImageManifest { configuration, layers, download_bytes } = found;
    let id = ImageId::parse(configuration.hex()).map_err(|problem| Failure::new(problem.to_string()))?;
    let of_layers = layers.iter().map(|(_, bytes)| bytes).fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
    let layers = layers.into_iter().map(|(digest, bytes)| (digest.to_string(), bytes)).collect();
    Ok(Layers { id, layers, configuration_bytes: download_bytes.saturating_sub(of_layers) })
}

/// What an image is asked for by, and the digest that it must have.
fn named<'a>(reference: &'a ImageReference, digest: Option<&'a Digest>) -> (String, Option<&'a Digest>) {
    let wanted = digest.or(reference.digest());
    (wanted.map_or_else(|| reference.tag().unwrap_or("latest").to_owned(), ToString::to_string), wanted)
}

/// Asks for the image of this name, or of this digest where one is given: for a platform, or this machine's. A registry that has trouble
/// which may pass is asked again.
///
/// # Errors
/// What the registry did, with the cure; that curl is missing.
pub fn ask(
    reference: &ImageReference,
    digest: Option<&Digest>,
    tls_verify: bool,
    access: &Access,
    (platform, cancel): (Option<&Platform>, &Cancel),
) -> Result<InRegistry, Failure> {
    let asking =
        Asking { platform, again: ATTEMPTS, cancel: cancel.clone(), ..Asking::of(reference, tls_verify, access)? };
    let (name, wanted) = named(reference, digest);
    asking.image(reference.repository(), &name, wanted)
}

/// A registry that is asked.
struct Asking<'a> {
    curl: PathBuf,
    registry: String,
    host: String,
    authority: Option<Nameless>,
    /// The authorities that the engines of this machine trust for it, once they are needed.
    installed: OnceCell<Nameless>,
    login: Option<&'a Login>,
    tls_verify: bool,
    /// When the last question must be answered, of the clock that runs while the server is awake; each has [`QUESTION`] if not said.
    until: Option<Duration>,
    /// What the image is for; this machine's if not said.
    platform: Option<&'a Platform>,
    /// How often it is asked where its trouble may pass.
    again: u32,
    /// Ends the pauses between.
    cancel: Cancel,
}

impl<'a> Asking<'a> {
    fn of(reference: &ImageReference, tls_verify: bool, access: &'a Access) -> Result<Self, Failure> {
        let Access { login, authority } = access;
        let in_memory = |bytes: &[u8]| Nameless::holding(bytes).map_err(|problem| Failure::new(problem.to_string()));
        let authority = authority.as_deref().map(in_memory).transpose()?;
        let curl = require("curl").map_err(|problem| Failure::new(problem.to_string()))?;
        let registry = reference.registry().to_string();
        // Docker's registry has another name than its images.
        let host = if registry == "docker.io" { "registry-1.docker.io".to_owned() } else { registry.clone() };
        Ok(Self {
            curl,
            registry,
            host,
            authority,
            installed: OnceCell::new(),
            login: login.as_ref(),
            tls_verify,
            until: None,
            platform: None,
            again: 1,
            cancel: Cancel::never(),
        })
    }

    fn image(&self, repository: &str, name: &str, wanted: Option<&Digest>) -> Result<InRegistry, Failure> {
        let mut state = (Shown::Nothing, "https");
        let (digest, found) = self.manifest(repository, name, wanted, &mut state)?;
        let configuration = self.get(&format!("{repository}/blobs/{}", found.configuration), &[], &mut state)?;
        if digest_of(&configuration)? != found.configuration {
            return Err(self.trouble(&format!("delivered something else than {}", found.configuration)));
        }
        let configuration =
            String::from_utf8(configuration).map_err(|_| self.trouble("has a configuration that is no text"))?;
        let id = ImageId::parse(found.configuration.hex()).map_err(|problem| Failure::new(problem.to_string()))?;
        Ok(InRegistry { digest, id, configuration, download_bytes: found.download_bytes })
    }

    /// The digest of what a name stands for, and the manifest of the image for this platform.
    fn manifest(
        &self,
        repository: &str,
        name: &str,
        wanted: Option<&Digest>,
        state: &mut (Shown, &'static str),
    ) -> Result<(Digest, ImageManifest), Failure> {
        let mut get = |path: String, accept: &[&str]| self.get(&path, accept, state);
        let first = get(format!("{repository}/manifests/{name}"), &manifest::ACCEPTED)?;
        let digest = digest_of(&first)?;
        if let Some(wanted) = wanted.filter(|wanted| **wanted != digest) {
            return Err(self.trouble(&format!("delivered something else than {wanted}")));
        }
        let here = || Platform::here().map_err(|error| Failure::new(error.to_string()));
        let here = self.platform.cloned().map_or_else(here, Ok)?;
        let read = |bytes: &[u8]| manifest::read(bytes).map_err(|what| self.trouble(&what));
        let found = match read(&first)? {
            Manifest::Image(found) => found,
            Manifest::Index(entries) => {
                let entry = here.choose(&entries).ok_or_else(|| {
                    let there: Vec<_> = entries.iter().map(|entry| entry.platform.to_string()).collect();
                    self.trouble(&format!("has no such image for {here}, only for {}", there.join(", ")))
                })?;
                let bytes = get(format!("{repository}/manifests/{}", entry.digest), &manifest::ACCEPTED)?;
                if digest_of(&bytes)? != entry.digest {
                    return Err(self.trouble(&format!("delivered something else than {}", entry.digest)));
                }
                match read(&bytes)? {
                    Manifest::Image(found) => found,
                    Manifest::Index(_) => return Err(self.trouble("has an index in an index for it")),
                }
            }
        };
        Ok((digest, found))
    }

    /// The body of an answer. Whoever asks shows who they are once the registry wants to know.
    fn get(
        &self,
        path: &str,
        accept: &[&str],
        (shown, scheme): &mut (Shown, &'static str),
    ) -> Result<Vec<u8>, Failure> {
        for _ in 0..4 {
            let url = format!("{scheme}://{}/v2/{path}", self.host);
            let answer = self.call(&url, accept, shown)?;
            match answer {
                // Only where the plan allows a registry without TLS.
                Answer::NoTls if !self.tls_verify && *scheme == "https" => *scheme = "http",
                Answer::None(UNTRUSTED) if self.trusts_what_is_installed() => {}
                Answer::Refused(challenge) if matches!(shown, Shown::Nothing) => *shown = self.introduced(challenge)?,
                Answer::Body(bytes) => return Ok(bytes),
                other => return Err(self.trouble(&other.told())),
            }
        }
        Err(self.trouble("asks who is there again and again: correct its configuration"))
    }

    fn call(&self, url: &str, accept: &[&str], shown: &Shown) -> Result<Answer, Failure> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let mut call = self.curl(url);
            for kind in accept {
                call = call.arg("--header").arg(format!("Accept: {kind}"));
            }
            if let Shown::Header(header) = shown {
                call = call.arg("--config").arg(header.path());
            }
            let output = call.run_to_any_code().map_err(|problem| Failure::new(problem.to_string()))?;
            let answer = Answer::of(output.code, &output.stdout);
            if attempt >= self.again || !answer.may_pass() || self.cancel.is_cancelled() {
                return Ok(answer);
            }
            awake::wait(pause, &self.cancel);
            pause *= 2;
        }
        Err(self.trouble("was asked too often, which is a defect of Landfall"))
    }

    /// Whether there are authorities for this registry on this machine which were not tried yet.
    fn trusts_what_is_installed(&self) -> bool {
        if self.authority.is_some() || self.installed.get().is_some() {
            return false;
        }
        let installed = installed_authorities(&self.registry);
        let installed = installed.and_then(|authorities| Nameless::holding(&authorities).ok());
        installed.is_some_and(|authorities| self.installed.set(authorities).is_ok())
    }

    fn curl(&self, url: &str) -> Command {
        let protocols = if self.tls_verify { "=https" } else { "=http,https" };
        let call = fetch::known(Command::new(&self.curl))
            // Whatever a user has in a `.curlrc` is not for this.
            .args(["--disable", "--silent", "--include", "--location", "--max-redirs", "5", "--connect-timeout", "20"])
            .args(["--proto", protocols, "--proto-redir", protocols, "--max-filesize", LONGEST])
            .grace(GRACE);
        let left = self.until.map_or(QUESTION, |until| until.saturating_sub(awake::now()));
        let mut call = fetch::within(call, left);
        if !self.tls_verify {
            call = call.arg("--insecure");
        }
        if let Some(authority) = self.authority.as_ref().or(self.installed.get()) {
            call = call.arg("--cacert").arg(authority.path());
        }
        call.arg("--url").arg(url)
    }

    /// What the registry wants to see.
    fn introduced(&self, challenge: Challenge) -> Result<Shown, Failure> {
        let account = self.login.map(|Login { registry: _, username, password }| {
            option("user", &format!("{username}:{}", password.expose_secret()))
        });
        match (challenge, account) {
            (Challenge::Basic, Some(account)) => shown(&account),
            (Challenge::Basic | Challenge::Unknown, _) => Err(self.trouble(answer::ACCOUNT)),
            (Challenge::Token { realm, parameters }, account) => {
                let mut call = self.curl(&realm).arg("--get");
                for (name, value) in parameters {
                    call = call.arg("--data-urlencode").arg(format!("{name}={value}"));
                }
                let account = account.map(|account| shown(&account)).transpose()?;
                if let Some(Shown::Header(account)) = &account {
                    call = call.arg("--config").arg(account.path());
                }
                let output = call.run_to_any_code().map_err(|problem| Failure::new(problem.to_string()))?;
                match Answer::of(output.code, &output.stdout) {
                    Answer::Body(bytes) => {
                        let token = answer::token(&bytes).ok_or_else(|| self.trouble("gives no token"))?;
                        shown(&option("header", &format!("Authorization: Bearer {token}")))
                    }
                    Answer::Refused(_) => Err(self.trouble(answer::ACCOUNT)),
                    other => Err(self.trouble(&other.told())),
                }
            }
        }
    }

    fn trouble(&self, what: &str) -> Failure {
        Failure::new(format!("the registry {} {what}", self.registry))
    }
}

fn digest_of(bytes: &[u8]) -> Result<Digest, Failure> {
    use sha2::Digest as _;
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Digest::parse(&format!("sha256:{hex}")).map_err(|problem| Failure::new(problem.to_string()))
}
