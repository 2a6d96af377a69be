"""Runs commands and says how long they took, how much memory the first process had, and when services answered."""

import http.client
import os
import subprocess
import threading
import time

import plans


class Failed(Exception):
    """What was measured did not do its work."""


def run(argv):
    """Runs a command that must succeed; its wall time in seconds, its processor time, and its own peak memory in KiB."""
    began = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = []
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()))
    reader.start()
    peak = Peak(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    peak.end()
    # What it left running may hold the pipe.
    reader.join(timeout=1)
    text = b"".join(output).decode(errors="replace")
    if process.returncode != 0:
        raise Failed(f"{argv} ended with {process.returncode}: {text[-2000:]}")
    return {"seconds": took, "cpu": usage.ru_utime + usage.ru_stime, "peak_kib": peak.kib, "output": text}


class Peak:
    """The peak of one process's own memory, without its children's: the system tells it while the process is there."""

    def __init__(self, pid):
        self.kib = 0
        self.status = f"/proc/{pid}/status"
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.01):
            try:
                with open(self.status) as status:
                    lines = [line for line in status if line.startswith("VmHWM")]
            except OSError:
                return
            if lines:
                self.kib = max(self.kib, int(lines[0].split()[1]))

    def end(self):
        self.over.set()
        self.thread.join()


def answer(port, timeout=1.0):
    """The version that answers at a port; none where nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", plans.GET)
        reply = connection.getresponse()
        return reply.read().decode().strip() if reply.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def until_all_answer(count, version, patience=120):
    """Waits until every service answers with this version."""
    until = time.monotonic() + patience
    for number in range(1, count + 1):
        while answer(plans.port(number)) != version:
            if time.monotonic() > until:
                raise Failed(f"service {number} of {count} does not answer with {version}")
            time.sleep(0.01)


def commands(argvs, count, version):
    """Runs commands in turn until every service answers with the version: wall time, processor time, peak of any of them."""
    began = time.monotonic()
    each = [run(argv) for argv in argvs]
    until_all_answer(count, version)
    took = time.monotonic() - began
    return {"seconds": took, "cpu": sum(one["cpu"] for one in each), "peak_kib": max(one["peak_kib"] for one in each)}


class Downtime(threading.Thread):
    """Asks a port every 5 ms, and says how long nobody answered between two versions."""

    def __init__(self, port, old, new):
        super().__init__()
        self.port, self.old, self.new = port, old, new
        self.last_old = self.first_new = None
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            said = answer(self.port, timeout=0.25)
            now = time.monotonic()
            if said == self.old:
                self.last_old = now
            if said == self.new:
                self.first_new = now
                return
            time.sleep(0.005)

    def seconds(self):
        self.join(timeout=60)
        self.over.set()
        if self.last_old is None or self.first_new is None:
            raise Failed("the service did not answer before and after")
        return self.first_new - self.last_old
