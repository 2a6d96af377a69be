"""A real SMTP server that keeps what it receives: FOLDER/0001.eml, FOLDER/0002.eml ..., in the order of arrival.

Above each message's own header stand lines about how it came: X-Sink-From, X-Sink-To (one for each recipient), X-Sink-Tls, X-Sink-User.
"""

import argparse
import asyncio
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    """Answers 250 only when the message lies complete under its final name."""

    def __init__(self, folder, implicit_tls):
        self.folder = folder
        self.implicit_tls = implicit_tls

    async def handle_DATA(self, server, session, envelope):
        lines = [f"X-Sink-From: {envelope.mail_from}"]
        lines += [f"X-Sink-To: {recipient}" for recipient in envelope.rcpt_tos]
        lines += [f"X-Sink-Tls: {'yes' if self.implicit_tls or session.ssl else 'no'}"]
        lines += [f"X-Sink-User: {session.auth_data or ''}"]
        number = len([name for name in os.listdir(self.folder) if name.endswith(".eml")]) + 1
        path = os.path.join(self.folder, f"{number:04}.eml")
        with open(path + ".partial", "wb") as message:
            message.write("\r\n".join(lines).encode() + b"\r\n" + envelope.original_content)
        os.rename(path + ".partial", path)
        return "250 kept"


def authenticator(username, password):
    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == username.encode() and data.password == password.encode()
        # Not `handled`: the server itself is to answer a refusal.
        return AuthResult(success=right, handled=False, auth_data=username if right else None)

    return authenticate


async def serve(options):
    context = None
    if options.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    implicit = options.tls == "implicit"
    settings = {"hostname": "sink"}
    if options.tls == "starttls":
        settings |= {"tls_context": context, "require_starttls": True}
    if options.username:
        settings |= {
            "authenticator": authenticator(options.username, options.password),
            "auth_required": True,
            "auth_require_tls": options.tls == "starttls",
        }
    keeper = Keeper(options.folder, implicit)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, **settings), "127.0.0.1", options.port, ssl=context if implicit else None
    )
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--port", type=int, default=25)
parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--username")
parser.add_argument("--password")
parser.add_argument("--password-from", nargs=2, metavar=("SECRETS", "NAME"), help="keeps it off the command line")
options = parser.parse_args()
if options.password_from:
    with open(options.password_from[0], encoding="utf-8") as secrets:
        options.password = json.load(secrets)[options.password_from[1]]
asyncio.run(serve(options))
