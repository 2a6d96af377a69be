//! A real image registry in the VSN, and the certificate that its servers show.

use std::fs;

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

/// The running registry; dropping it stops it.
pub struct Registry<'vsn> {
    vsn: &'vsn Vsn,
    process: Process,
}

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
        self.start_registry("")
    }

    /// Starts a registry at `localhost:5000` that speaks HTTPS and shows [`Vsn::certificate`].
    pub fn registry_with_tls(&self) -> Registry<'_> {
        let (certificate, key) = self.certificate();
        self.start_registry(&format!("  tls:\n    certificate: {certificate}\n    key: {key}\n"))
    }

    /// The paths of a self-signed certificate for `localhost` and `127.0.0.1`, and of its key; made when first asked for.
    pub fn certificate(&self) -> (String, String) {
        let (certificate, key) = ("/srv/tls/certificate.pem", "/srv/tls/key.pem");
        if self.read(certificate).is_none() {
            fs::create_dir_all(self.on_disk("/srv/tls")).unwrap();
            let request =
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
            let names =
                ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];
            self.must(request.into_iter().chain(names).chain(["-keyout", key, "-out", certificate]));
        }
        (certificate.to_owned(), key.to_owned())
    }

    /// Whether something in the VSN accepts TCP connections there.
    pub fn listens(&self, address: &str, port: u16) -> bool {
        self.run(["bash", "-c", &format!("exec 3<> /dev/tcp/{address}/{port}")]).status == Some(0)
    }

    fn start_registry(&self, tls: &str) -> Registry<'_> {
        let configuration = format!(
            "version: 0.1\nlog:\n  accesslog:\n    disabled: true\n  level: error\n\
             storage:\n  filesystem:\n    rootdirectory: /srv/registry/data\nhttp:\n  addr: 127.0.0.1:5000\n{tls}"
        );
        self.write("/srv/registry/config.yml", configuration, 0o600);
        // Debian's name for the program, and Fedora's.
        let program = self.must(["bash", "-c", "command -v docker-registry || command -v registry"]);
        let process = self.start_process([program.trim(), "serve", "/srv/registry/config.yml"]);
        let mut registry = Registry { vsn: self, process };
        eventually("the registry listens", || {
            assert!(registry.process.is_running(), "the registry has ended");
            self.listens("127.0.0.1", 5000)
        });
        registry
    }
}

impl Registry<'_> {
    /// Pushes an archive of `scripts/test-images` as `localhost:5000/<name>` and leaves nothing of it in the VSN's own image store.
    pub fn push(&self, group: &str, archive: &str, name: &str) -> Pushed {
        let file = self.vsn.image(group, archive);
        let reference = format!("localhost:5000/{name}");
        let loaded = self.vsn.must(["podman", "load", "--quiet", "--input", &file]);
        let tag = loaded.trim().strip_prefix("Loaded image: ").unwrap();
        let id = self.vsn.must(["podman", "image", "inspect", "--format", "{{.Id}}", tag]).trim().to_owned();
        let options = ["--quiet", "--tls-verify=false", "--digestfile", "/srv/registry/digest"];
        self.vsn.must(["podman", "push"].into_iter().chain(options).chain([tag, &reference]));
        self.vsn.must(["podman", "rmi", "--force", &id]);
        let digest = String::from_utf8(self.vsn.read("/srv/registry/digest").unwrap()).unwrap();
        Pushed { reference, digest: digest.trim().to_owned(), id }
    }
}
