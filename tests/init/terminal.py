"""Runs a program on a terminal of its own, and types: after each text that appears on the screen, an answer.

Standard input is a JSON list of pairs: the text to wait for, and what is typed then. Standard output is a JSON object: what
stood on the screen, the exit status, and the signal that ended the program, if one did.
"""

import json
import os
import pty
import select
import signal
import sys

PATIENCE = 60  # seconds without a sign of life


def read(terminal):
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    if not ready:
        sys.exit("nothing more appears on the screen")
    try:
        return os.read(terminal, 65536)
    except OSError:  # the program has ended
        return b""


def main():
    talk = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        # Whoever starts the tests in the background has them ignore it, and all that they start.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    screen, seen = b"", 0
    for wait_for, answer in talk:
        while (at := screen.find(wait_for.encode(), seen)) < 0:
            if not (more := read(terminal)):
                sys.exit(f"ended before {wait_for!r}: {screen.decode()}")
            screen += more
        seen = at + len(wait_for.encode())
        os.write(terminal, answer.encode())
    while more := read(terminal):
        screen += more
    _, status = os.waitpid(child, 0)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    exit_status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    json.dump({"screen": screen.decode().replace("\r\n", "\n"), "status": exit_status, "signal": ended_by}, sys.stdout)


main()
