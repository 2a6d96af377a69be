"""An image registry that has one image, under every name and tag, and one way of going wrong.

    bad_registry.py ARCHIVE PORT WAY [CERTIFICATE KEY]

ARCHIVE is a docker-archive with one image. With a certificate it speaks HTTPS. WAY is one of

    good            goes right
    silent          accepts connections, and never answers
    stalling        sends half of each layer, then nothing more
    dripping        sends a byte a second of each layer
    private         is stalling, for who shows the account with its password
    slow            goes right, and sends 150 KiB a second of each layer
    truncated       ends the connection after half of each layer
    altered         sends layers in which one bit is wrong
    other           sends another manifest than the one that was asked for by its digest
    401 429 500     answers everything with this status
    503-twice       answers 503 to who asks for sizes, and to the first two requests of who pulls, then goes right
    503-first       answers 503 to the first request for each thing, then goes right
    429-later       answers 429 and says to come back in an hour
    redirecting     sends every request to where it came from
    tokens          goes right for who shows a token, which it gives to an account for this purpose, and sends on to
                    another host for blobs, which wants to be shown none
"""

import base64
import gzip
import hashlib
import http.server
import itertools
import json
import ssl
import sys
import tarfile
import threading
import time
import urllib.parse

DOCKER = "application/vnd.docker."


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def read(archive):
    """The image's manifest, and its blobs by digest: the configuration, and the layers, compressed."""
    with tarfile.open(archive) as tar:
        content = {member.name.removeprefix("./"): tar.extractfile(member).read() for member in tar if member.isfile()}
    described = json.loads(content["manifest.json"])[0]
    config = content[described["Config"]]
    layers = [gzip.compress(content[layer], mtime=0) for layer in described["Layers"]]

    def descriptor(kind, blob):
        return {"mediaType": DOCKER + kind, "size": len(blob), "digest": digest(blob)}

    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": DOCKER + "distribution.manifest.v2+json",
            "config": descriptor("container.image.v1+json", config),
            "layers": [descriptor("image.rootfs.diff.tar.gzip", layer) for layer in layers],
        }
    ).encode()
    return manifest, {digest(config): config}, {digest(layer): layer for layer in layers}


ARCHIVE, PORT, WAY = sys.argv[1:4]
MANIFEST, CONFIGS, LAYERS = read(ARCHIVE)
REQUESTS = itertools.count(1)
ASKED_FOR = set()
ACCOUNT = "Basic " + base64.b64encode(b"vsn:gift-wrapped-herring-41").decode()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        # What is no request at all has no command.
        if self.command and "curl/" not in self.headers.get("User-Agent", ""):
            with open("/run/registry-requests", "a") as log:
                log.write(f"{int(code)} {self.command} {self.path}\n")

    def do_GET(self):
        if WAY == "silent":
            threading.Event().wait()
        elif WAY == "redirecting":
            self.answer(307, b"", {"Location": self.path})
        elif WAY == "503-twice" and ("curl/" in self.headers.get("User-Agent", "") or next(REQUESTS) <= 2):
            self.answer(503, b"")
        elif WAY == "503-first" and self.path not in ASKED_FOR:
            ASKED_FOR.add(self.path)
            self.answer(503, b"")
        elif WAY == "429-later":
            self.answer(429, b"", {"Retry-After": "3600"})
        elif WAY == "401":
            self.answer(401, b"", {"WWW-Authenticate": 'Basic realm="images"'})
        elif WAY.isdigit():
            self.answer(int(WAY), b"")
        elif WAY == "private" and self.headers.get("Authorization") != ACCOUNT:
            self.answer(401, b"", {"WWW-Authenticate": 'Basic realm="images"'})
        elif WAY == "tokens" and not self.is_let_in():
            pass
        elif self.path == "/v2/":
            self.answer(200, b"{}")
        elif "/manifests/" in self.path:
            sent = MANIFEST + b" " if WAY == "other" else MANIFEST
            self.answer(200, sent, {"Content-Type": DOCKER + "distribution.manifest.v2+json"})
        else:
            self.answer_with_blob(self.path.rpartition("/")[2])

    do_HEAD = do_GET

    def is_let_in(self):
        shown, url = self.headers.get("Authorization"), urllib.parse.urlsplit(self.path)
        if url.path == "/token":
            asked = urllib.parse.parse_qs(url.query)
            right = shown == ACCOUNT and asked["service"] == ["images"] and "repository:" in asked.get("scope", [""])[0]
            # Who logs in asks for nothing yet.
            right = right or shown == ACCOUNT and "scope" not in asked
            self.answer(200, b'{"token": "from.here"}') if right else self.answer(403, b"")
        elif url.path.startswith("/elsewhere/"):
            return shown is None or self.answer(400, b"")
        elif shown != "Bearer from.here":
            scope = ',scope="repository:%s:pull"' % url.path[4:].split("/manifests/")[0] if url.path != "/v2/" else ""
            realm = f'Bearer realm="https://localhost:{PORT}/token",service="images"{scope}'
            self.answer(401, b"", {"WWW-Authenticate": realm})
        elif "/blobs/" in url.path:
            self.answer(307, b"", {"Location": f"https://127.0.0.1:{PORT}/elsewhere/" + url.path.rpartition("/")[2]})
        else:
            return True

    def do_POST(self):
        # So Docker asks for a token first where it keeps images in containerd's store; who gives none so is asked as others ask.
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.answer(405, b"")

    def answer_with_blob(self, name):
        layer = LAYERS.get(name)
        if layer is None or self.command == "HEAD":
            blob = layer or CONFIGS.get(name)
            return self.answer(200, blob) if blob else self.answer(404, b"")
        half = len(layer) // 2
        if WAY == "altered":
            layer = layer[:half] + bytes([layer[half] ^ 1]) + layer[half + 1 :]
        self.begin(200, layer, {})
        if WAY == "truncated":
            self.wfile.write(layer[:half])
            self.close_connection = True
        elif WAY in ("stalling", "private"):
            self.wfile.write(layer[:half])
            self.wfile.flush()
            threading.Event().wait()
        elif WAY == "slow":
            for begin in range(0, len(layer), 30 << 10):
                self.wfile.write(layer[begin : begin + (30 << 10)])
                self.wfile.flush()
                time.sleep(0.2)
        elif WAY == "dripping":
            for byte in layer:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(1)
        else:
            self.wfile.write(layer)

    def answer(self, status, content, headers=None):
        self.begin(status, content, headers or {})
        if self.command != "HEAD":
            self.wfile.write(content)

    def begin(self, status, content, headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()


server = http.server.ThreadingHTTPServer(("0.0.0.0", int(PORT)), Answer)
server.daemon_threads = True
if len(sys.argv) > 4:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*sys.argv[4:6])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
