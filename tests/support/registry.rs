//! A real image registry in the VSN, and the certificate that its servers show.

use std::fs;

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

/// The running registry; dropping it stops it.
pub struct Registry<'vsn> {
    vsn: &'vsn Vsn,
    process: Process,
    /// `localhost:5000`.
    name: String,
    /// What `podman push` needs to log in.
    login: &'static [&'static str],
}

/// The one account of a registry that has accounts, its password, and both as `htpasswd` writes them with bcrypt.
pub const ACCOUNT: (&str, &str) = ("vsn", "gift-wrapped-herring-41");
const ACCOUNTS: &str = "vsn:$2b$05$zR.Kwbli1B28FA8hkPtgUeH/Q2pxCAHVNs4BsVYnPN5PDhOdCp4ei\n";
const LOGIN: [&str; 2] = ["--creds", "vsn:gift-wrapped-herring-41"];

/// What registries with TLS are called. Docker verifies nothing at `localhost`: their address is not one of those that are the server's
/// own.
const HOST: (&str, &str) = ("images.example", "10.88.0.1");

/// An image in the registry.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Pushed {
    /// As in `localhost:5000/shop/app:v1`.
    pub reference: String,
    /// The registry's `sha256:…`, of the manifest.
    pub digest: String,
    /// The image ID without `sha256:`, of the config.
    pub id: String,
}

impl Vsn {
    /// Starts a registry at `localhost:5000` that speaks plain HTTP.
    pub fn registry(&self) -> Registry<'_> {
        self.start_registry(("localhost", 5000), "", &[])
    }

    /// Starts a registry like [`Vsn::registry_with_tls`] at this port of `images.example` that serves only [`ACCOUNT`].
    pub fn registry_with_account(&self, port: u16) -> Registry<'_> {
        let (certificate, key) = self.certificate();
        self.write("/srv/registry/accounts", ACCOUNTS, 0o600);
        let tls = format!("  tls:\n    certificate: {certificate}\n    key: {key}\n");
        let accounts = "auth:\n  htpasswd:\n    realm: images\n    path: /srv/registry/accounts\n";
        self.start_registry((HOST.0, port), &(tls + accounts), &LOGIN)
    }

    /// Starts a registry at `images.example:5000` that speaks HTTPS and shows [`Vsn::certificate`].
    pub fn registry_with_tls(&self) -> Registry<'_> {
        let (certificate, key) = self.certificate();
        self.start_registry((HOST.0, 5000), &format!("  tls:\n    certificate: {certificate}\n    key: {key}\n"), &[])
    }

    /// The paths of a self-signed certificate for `localhost`, `127.0.0.1` and `images.example`, and of its key; made when first asked for.
    pub fn certificate(&self) -> (String, String) {
        let (certificate, key) = ("/srv/tls/certificate.pem", "/srv/tls/key.pem");
        if self.read(certificate).is_none() {
            self.name_registries();
            fs::create_dir_all(self.on_disk("/srv/tls")).unwrap();
            let request =
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
            let names = [
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,DNS:images.example,IP:127.0.0.1",
                "-days",
                "2",
            ];
            self.must(request.into_iter().chain(names).chain(["-keyout", key, "-out", certificate]));
        }
        (certificate.to_owned(), key.to_owned())
    }

    /// The line of `/etc/hosts` that says where `images.example` is. An engine's daemon that runs already may not see it for seconds.
    pub(super) fn hosts_line() -> String {
        let (host, address) = HOST;
        format!("{address} {host}\n")
    }

    /// Gives the VSN the address of `images.example`, once.
    pub(super) fn name_registries(&self) {
        let (_, address) = HOST;
        let give = format!("ip address show dev lo | grep -qF ' {address}/' || ip address add {address}/32 dev lo");
        self.must(["sh", "-c", &give]);
    }

    /// Has the engine trust this authority for a registry, where a plan that names it is not enough.
    pub fn tell_the_engine_to_trust(&self, registry: &str, authority: &str) {
        if self.engine() == "docker" {
            self.must(["install", "-D", authority, &format!("/etc/docker/certs.d/{registry}/ca.crt")]);
        }
    }

    /// Whether something in the VSN accepts TCP connections there.
    pub fn listens(&self, address: &str, port: u16) -> bool {
        self.run(["bash", "-c", &format!("exec 3<> /dev/tcp/{address}/{port}")]).status == Some(0)
    }

    fn start_registry(&self, (host, port): (&str, u16), more: &str, login: &'static [&'static str]) -> Registry<'_> {
        let configuration = format!(
            "version: 0.1\nlog:\n  accesslog:\n    disabled: true\n  level: error\n\
             storage:\n  filesystem:\n    rootdirectory: /srv/registry/{port}\nhttp:\n  addr: 0.0.0.0:{port}\n{more}"
        );
        let file = format!("/srv/registry/{port}.yml");
        self.write(&file, configuration, 0o600);
        // Debian's name for the program, and Fedora's.
        let program = self.must(["bash", "-c", "command -v docker-registry || command -v registry"]);
        let process = self.start_process([program.trim(), "serve", &file]);
        let mut registry = Registry { vsn: self, process, name: format!("{host}:{port}"), login };
        eventually("the registry listens", || {
            assert!(registry.process.is_running(), "the registry has ended");
            self.listens("127.0.0.1", port)
        });
        registry
    }
}

impl Registry<'_> {
    /// Pushes an archive of `scripts/test-images` under this name and leaves nothing of it in the VSN's own image store.
    pub fn push(&self, group: &str, archive: &str, name: &str) -> Pushed {
        let file = self.vsn.image(group, archive);
        let reference = format!("{}/{name}", self.name);
        let loaded = self.vsn.must(["podman", "load", "--quiet", "--input", &file]);
        let tag = loaded.trim().strip_prefix("Loaded image: ").unwrap();
        let id = self.vsn.must(["podman", "image", "inspect", "--format", "{{.Id}}", tag]).trim().to_owned();
        let options = ["--quiet", "--tls-verify=false", "--digestfile", "/srv/registry/digest"];
        self.vsn.must(
            ["podman", "push"].into_iter().chain(options).chain(self.login.iter().copied()).chain([tag, &reference]),
        );
        self.vsn.must(["podman", "rmi", "--force", &id]);
        let digest = String::from_utf8(self.vsn.read("/srv/registry/digest").unwrap()).unwrap();
        Pushed { reference, digest: digest.trim().to_owned(), id }
    }
}
