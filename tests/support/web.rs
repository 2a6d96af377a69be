//! A real web server in the VSN, and a real server for files over SSH.

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

/// A session for files, the third of which ends with its connection in the middle. Which folder can be made says how many came before;
/// the first, the second and the fourth only list.
const SESSION: &str = "
    for number in 1 2 3 4 5 6 7 8; do mkdir /var/tmp/session-$number 2> /dev/null && break; done
    [ $number = 3 ] && { $server | { dd bs=32768 count=60 status=none; kill -KILL $PPID; }; }
    $server | tee >(wc -c > /var/tmp/session-$number/sent)";

/// A session for files of which no more than about 300 KiB a second come; it says how many bytes its server has sent.
const SLOW_SESSION: &str = "
    for number in 1 2 3 4 5 6 7 8; do mkdir /var/tmp/session-$number 2> /dev/null && break; done
    $server | tee >(wc -c > /var/tmp/session-$number/sent) | /usr/bin/python3 /srv/ssh/slowly";

const SLOWLY: &str = "import os, time\nwhile data := os.read(0, 32768):\n    os.write(1, data)\n    time.sleep(0.1 * (len(data) == 32768))\n";

impl Vsn {
    /// Starts nginx, which serves `/srv/images` at `https://localhost:8443/` with [`Vsn::certificate`], and at `http://localhost:8081/`.
    /// It sends so many bytes a second at most; any number if 0. `/circle` sends on to itself, `/plain/…` to where there is no TLS.
    pub fn web_server(&self, bytes_a_second: u32) -> Process {
        let (certificate, key) = self.certificate();
        let configuration = format!(
            "daemon off; master_process off; user root; pid /var/tmp/web/pid; error_log /var/tmp/web/errors;
            events {{}}
            http {{
              log_format short '$request_uri $status $body_bytes_sent';
              access_log /var/tmp/web/log short;
              client_body_temp_path /var/tmp/web/1; proxy_temp_path /var/tmp/web/2; fastcgi_temp_path /var/tmp/web/3;
              uwsgi_temp_path /var/tmp/web/4; scgi_temp_path /var/tmp/web/5;
              limit_rate {bytes_a_second};
              server {{
                listen 127.0.0.1:8081;
                listen 127.0.0.1:8443 ssl;
                ssl_certificate {certificate};
                ssl_certificate_key {key};
                root /srv/images;
                location /circle {{ return 302 /circle; }}
                location /plain/ {{ rewrite ^/plain(/.*)$ http://localhost:8081$1 redirect; }}
              }}
            }}"
        );
        self.must(["mkdir", "-p", "/var/tmp/web"]);
        self.write("/var/tmp/web/nginx.conf", configuration, 0o600);
        let mut server =
            self.start_process(["/usr/sbin/nginx", "-e", "/var/tmp/web/errors", "-c", "/var/tmp/web/nginx.conf"]);
        eventually("the web server listens", || {
            assert!(server.is_running(), "the web server has ended");
            self.listens("127.0.0.1", 8443)
        });
        server
    }

    /// Makes `/srv/ssh/host` and `/srv/ssh/client`, two keys of this kind, and starts sshd at port 22, which lets root in with the second.
    /// The first file that is got from it ends in the middle; `/var/tmp/session-N/sent` says how many bytes were sent in the N-th session.
    pub fn ssh_server(&self, kind: &str) -> Process {
        self.start_ssh_server(kind, SESSION)
    }

    /// As [`Vsn::ssh_server`], with keys of a usual kind, but it ends no connection and is slow.
    pub fn slow_ssh_server(&self) -> Process {
        self.write("/srv/ssh/slowly", SLOWLY, 0o644);
        self.start_ssh_server("ed25519", SLOW_SESSION)
    }

    fn start_ssh_server(&self, kind: &str, session: &str) -> Process {
        let make = format!(
            "set -e; mkdir -p /run/sshd /srv/ssh && cd /srv/ssh
            for key in host client; do ssh-keygen -q -t {kind} -N '' -f $key; done
            cp client.pub /root/.ssh/authorized_keys
            server=$(ls /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server 2> /dev/null | head -n 1)
            printf '#!/bin/bash\\n%s\\n' \"server=$server\" '{session}' > session
            chmod 755 session"
        );
        self.must(["bash", "-c", &make]);
        let options =
            ["-o", "ListenAddress=127.0.0.1", "-o", "PermitRootLogin=yes", "-o", "UsePAM=no", "-o", "StrictModes=no"];
        let command = [
            "/usr/sbin/sshd",
            "-D",
            "-e",
            "-f",
            "/dev/null",
            "-h",
            "/srv/ssh/host",
            "-o",
            "Subsystem=sftp /srv/ssh/session",
        ];
        let server = self.start_process(command.into_iter().chain(options));
        eventually("the server listens", || self.listens("127.0.0.1", 22));
        server
    }
}
