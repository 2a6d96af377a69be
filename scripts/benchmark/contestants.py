"""Those who are measured: how each one goes from one version of all services to the other."""

import os
import shutil
import subprocess
from pathlib import Path

import plans
from measure import Failed, run, until_all_answer

OLD = {"v1": "v2", "v2": "v1"}


class Bench:
    """Where everything lies."""

    def __init__(self, work, binary, images, tools, only=None, counts=None):
        self.work = Path(work) / "scratch"
        self.work.mkdir(parents=True, exist_ok=True)
        self.binary = binary
        self.only = only
        self.counts = counts
        self.images = images
        self.tools = Path(tools)

    def file(self, name, text, mode=0o644):
        path = self.work / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)


class Contestant:
    """`title` as the table has it; `engine` is what its containers run on."""

    title = ""
    engine = "podman"
    landfall = False
    can_chain = False

    def __init__(self, bench):
        self.bench = bench

    def is_there(self):
        return True

    def change(self, count, version, chain=False):
        """The commands from the other version of `count` services to this one, as `(argv, folder)`."""
        raise NotImplementedError

    def first(self, count, version, chain=False):
        """The commands that bring this version up where nothing is."""
        return self.change(count, version, chain)

    def last(self, count, version, chain=False):
        """The commands that take it away."""
        raise NotImplementedError

    def up(self, count, version, chain=False):
        for argv in self.first(count, version, chain):
            run(argv)
        until_all_answer(count, version)

    def away(self, count, version, chain=False):
        for argv in self.last(count, version, chain):
            run(argv)


class Landfall(Contestant):
    title = "Landfall"
    landfall = True
    can_chain = True

    def plan(self, count, version, chain=False):
        text = plans.landfall(count, version, self.bench.images, chain, self.engine)
        return self.bench.file(f"plan-{self.engine}-{count}-{version}.json", text)

    def change(self, count, version, chain=False):
        return [[self.bench.binary, "deploy", self.plan(count, version, chain)]]

    def last(self, count, version, chain=False):
        return [[self.bench.binary, "teardown", "bench", "--purge"]]


class LandfallOnDocker(Landfall):
    title = "Landfall on Docker"
    engine = "docker"

    def is_there(self):
        return shutil.which("dockerd") is not None


class PodmanCompose(Contestant):
    title = "podman-compose"

    def is_there(self):
        return self.program().exists()

    def program(self):
        return self.bench.tools / "bench-tools/python/bin/podman-compose"

    def compose(self, count, version, *words):
        text = plans.compose(count, version)
        return [str(self.program()), "-p", "bench", "-f", self.bench.file(f"compose-{count}-{version}.json", text), *words]

    def first(self, count, version, chain=False):
        return [load(self.bench, version), self.compose(count, version, "up", "-d")]

    def change(self, count, version, chain=False):
        return [
            *self.last(count, OLD[version]),
            *self.first(count, version),
        ]

    def last(self, count, version, chain=False):
        return [self.compose(count, version, "down"), ["podman", "rmi", f"localhost/tiny:{version}"]]


class Kube(Contestant):
    title = "podman kube play"

    def kube(self, count, version):
        return self.bench.file(f"kube-{count}-{version}.yaml", plans.kube(count, version))

    def first(self, count, version, chain=False):
        return [load(self.bench, version), ["podman", "kube", "play", self.kube(count, version)]]

    def change(self, count, version, chain=False):
        return [*self.last(count, OLD[version]), *self.first(count, version)]

    def last(self, count, version, chain=False):
        return [
            ["podman", "kube", "down", self.kube(count, version)],
            ["podman", "rmi", f"localhost/tiny:{version}"],
        ]


class DockerCompose(Contestant):
    title = "docker-compose"
    engine = "docker"
    can_chain = True

    def is_there(self):
        return shutil.which("docker-compose") is not None and shutil.which("dockerd") is not None

    def compose(self, count, version, chain, *words):
        text = plans.compose(count, version, chain)
        name = f"compose-{count}-{version}{'-chain' if chain else ''}.json"
        return ["docker-compose", "-p", "bench", "-f", self.bench.file(name, text), *words]

    def first(self, count, version, chain=False):
        archive = plans.archive(self.bench.images, version)
        return [
            ["docker", "load", "--quiet", "--input", archive],
            self.compose(count, version, chain, "up", "-d"),
        ]

    def change(self, count, version, chain=False):
        return [*self.last(count, OLD[version], chain), *self.first(count, version, chain)]

    def last(self, count, version, chain=False):
        return [self.compose(count, version, chain, "down"), ["docker", "rmi", f"localhost/tiny:{version}"]]


class Ansible(Contestant):
    title = "Ansible"

    def is_there(self):
        return shutil.which("ansible-playbook") is not None

    def change(self, count, version, chain=False):
        text = plans.ansible(count, OLD[version], version, self.bench.images)
        return [["ansible-playbook", "-i", "localhost,", self.bench.file(f"play-{count}-{version}.json", text)]]

    def last(self, count, version, chain=False):
        return [["podman", "rm", "--force", "--all"], ["podman", "network", "rm", "bench"], ["podman", "rmi", f"localhost/tiny:{version}"]]


class ByHand(Contestant):
    title = "by hand, one after the other"
    side_by_side = 1

    def script(self, name, count, version, begin=""):
        text = plans.by_hand(count, OLD[version], version, self.bench.images, self.side_by_side, self.engine)
        text = "set -e\n" + text[text.index(begin):]
        return [["bash", self.bench.file(f"{name}-{self.engine}-{self.side_by_side}-{count}-{version}.sh", text)]]

    def change(self, count, version, chain=False):
        return self.script("hand", count, version)

    def first(self, count, version, chain=False):
        # Nothing is there to be taken away.
        return self.script("first", count, version, begin=f"{self.engine} load")

    def last(self, count, version, chain=False):
        all_there = [[self.engine, "rm", "--force", *plans.services(count)]]
        return [*all_there, [self.engine, "network", "rm", "bench"], [self.engine, "rmi", f"localhost/tiny:{version}"]]


class Floor(ByHand):
    title = "by hand, 8 side by side (the floor)"
    side_by_side = 8


class FloorOfDocker(Floor):
    title = "by hand on Docker, 8 side by side"
    engine = "docker"

    def is_there(self):
        return shutil.which("dockerd") is not None


def load(bench, version):
    return ["podman", "load", "--quiet", "--input", plans.archive(bench.images, version)]


ALL = [Landfall, Floor, ByHand, PodmanCompose, Kube, Ansible, LandfallOnDocker, FloorOfDocker, DockerCompose]


def start_docker(bench):
    """Docker's daemon, of the VSN alone; a client of another make in front of the distribution's is put out of the way."""
    front = "/usr/local/bin/docker"
    if os.path.exists(front):
        run(["mount", "--bind", "/usr/bin/docker", front])
    log = open(bench.work / "dockerd.log", "w")
    subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    for _ in range(600):
        if subprocess.run(["docker", "version"], capture_output=True).returncode == 0:
            return
        subprocess.run(["sleep", "0.1"])
    raise Failed("Docker's daemon does not answer")
