"""A web server with TLS at port 8443: answers 404 where the request has the header `X-Ask: yes; ok`, and 200 otherwise."""

import http.server
import ssl
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404 if self.headers.get("X-Ask") == "yes; ok" else 200)
        # Newer curls take the end of a connection for no end of an answer.
        self.send_header("Content-Length", "0")
        self.end_headers()


certificate, key = sys.argv[1:]
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Answer)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(certificate, key)
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
