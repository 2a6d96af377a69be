//! Fetches archives of images that lie on other servers, as a deployment does, to look at them. Changes nothing: what comes lies in a
//! file without a name.

use crate::host::archive_folder::Meant;
use crate::host::fetch::{self, Goal, SshAccess};
use crate::host::files::Nameless;
use crate::host::node::{self, key_content};
use crate::host::sources::InArchive;
use crate::host::system;
use crate::operation::RetrievedImage;
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::secrets::Secrets;
use crate::plan::values::{KeyFileName, SshLocation, WebLocation};
use crate::run::{Cancel, Failure, Watcher};
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// How long fetching an archive may take, where the plan does not say.
const FETCH: Duration = Duration::from_secs(3600);

/// How long a server is asked for the size of an archive before.
const SIZE: Duration = Duration::from_secs(5);

/// What is needed to fetch.
pub struct Fetching<'a> {
    /// The plan, for its SSH keys.
    pub plan: &'a Plan,
    /// Its secrets, where they are given.
    pub secrets: Option<&'a Secrets>,
    /// Who is told how far it has come.
    pub watcher: Watcher,
    /// Ends it early.
    pub cancel: Cancel,
}

impl Fetching<'_> {
    /// The image in the archive that lies on another server; `None` where it comes from elsewhere. `authority` is what the plan says to
    /// trust there.
    ///
    /// # Errors
    /// What the server did, or is wrong with the archive; that a secret is missing.
    pub fn image(&self, retrieved: &RetrievedImage, authority: Option<Vec<u8>>) -> Result<Option<InArchive>, Failure> {
        let lies_at = PathBuf::from(std::env::var_os("TMPDIR").unwrap_or_else(|| "/var/tmp".into()));
        let file = || Nameless::on_the_disk_of(&lies_at).map_err(|problem| Failure::new(problem.to_string()));
        let room = || system::free_space(&lies_at).map_err(|error| Failure::new(error.to_string()));
        let limit = retrieved.image.timeout().map_or(FETCH, |timeout| timeout.as_std());
        let (mut archive, sha256, id, _file) = match &retrieved.image {
            Image::Source(ImageSource::Url { url, sha256, id, ca: _, timeout: _ }) => {
                let file = file()?;
                let archive = self.by_web(
                    retrieved,
                    Goal { file: file.path(), room: room()?.bytes, limit, cancel: &self.cancel },
                    url,
                    authority.as_deref(),
                )?;
                (archive, Some(sha256), id, file)
            }
            Image::Source(ImageSource::Ssh { ssh, key, sha256, id, timeout: _ }) => {
                let file = file()?;
                let archive = self.by_ssh(
                    retrieved,
                    Goal { file: file.path(), room: room()?.bytes, limit, cancel: &self.cancel },
                    ssh,
                    key,
                )?;
                (archive, sha256.as_ref(), id, file)
            }
            Image::Reference(_)
            | Image::Source(
                ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
                | ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => return Ok(None),
        };
        let meant = Meant { sha256, reference: None, id: id.as_ref() };
        InArchive::of(&mut archive, meant, &|| self.cancel.is_cancelled()).map(Some)
    }

    fn by_web(
        &self,
        retrieved: &RetrievedImage,
        goal: Goal<'_>,
        url: &WebLocation,
        authority: Option<&[u8]>,
    ) -> Result<File, Failure> {
        let come = node::fetched(goal.file, fetch::size_by_web(url, authority, SIZE));
        node::watched(&self.watcher, retrieved, come, || goal.download(url, authority))
    }

    fn by_ssh(
        &self,
        retrieved: &RetrievedImage,
        goal: Goal<'_>,
        ssh: &SshLocation,
        key: &KeyFileName,
    ) -> Result<File, Failure> {
        let described = self.plan.ssh_keys.get(key);
        let described = described.ok_or_else(|| Failure::new(format!("the plan has no SSH key {key}")))?;
        let secret = &described.private_key.secret;
        let private = self.secrets.and_then(|secrets| secrets.get(secret));
        let private = private.ok_or_else(|| {
            Failure::new(format!(
                "its server lets nobody in without the key {key}: give the secret `{secret}` with `--secrets`"
            ))
        })?;
        let access = SshAccess { key: key_content(private), known_hosts: described.known_hosts.clone() };
        let come = node::fetched(goal.file, fetch::size_by_ssh(ssh, &access, SIZE));
        node::watched(&self.watcher, retrieved, come, || goal.fetch(ssh, &access))
    }
}
