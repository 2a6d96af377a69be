"""What each contestant is given: the same services, in its own words. Reads nothing, changes nothing."""

import json

FIRST_PORT = 20000
GET = "/version"


def services(count):
    return [f"s{number:03}" for number in range(1, count + 1)]


def port(number):
    return FIRST_PORT + number


def archive(images, version):
    return f"{images}/tiny-{version}.docker.tar"


def landfall(count, version, images, chain=False, engine="podman"):
    plan = {"version": 1, "name": "bench", "engine": engine, "services": {}}
    names = services(count)
    for number, name in enumerate(names, 1):
        check = {"http": f"http://127.0.0.1:{port(number)}{GET}", "interval": "1s", "timeout": "10s", "retries": 30}
        if chain:
            check = {"exec": CHECK, "interval": "1s", "timeout": "10s", "retries": 30}
        service = {
            "image": {"archive": archive(images, version)},
            "ports": [f"127.0.0.1:{port(number)}:80"],
            "healthcheck": check,
            "memory": "64MiB",
        }
        if chain and number > 1:
            service["depends_on"] = [names[number - 2]]
        plan["services"][name] = service
    return json.dumps(plan, indent=1)


# Asked inside the container, by those who ask there.
CHECK = ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1/version"]


def compose(count, version, chain=False):
    names = services(count)
    described = {}
    for number, name in enumerate(names, 1):
        service = {
            "image": f"localhost/tiny:{version}",
            "ports": [f"127.0.0.1:{port(number)}:80"],
            "mem_limit": "64m",
        }
        if chain:
            service["healthcheck"] = {"test": ["CMD", *CHECK], "interval": "1s", "timeout": "10s", "retries": 30}
            if number > 1:
                service["depends_on"] = {names[number - 2]: {"condition": "service_healthy"}}
        described[name] = service
    return json.dumps({"services": described}, indent=1)


def kube(count, version):
    """A pod for each service, so that each has its own address and port 80, as with the others."""
    pods = []
    for number, name in enumerate(services(count), 1):
        container = {
            "name": "main",
            "image": f"localhost/tiny:{version}",
            "ports": [{"containerPort": 80, "hostPort": port(number), "hostIP": "127.0.0.1"}],
            "resources": {"limits": {"memory": "64Mi"}},
        }
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}})
    # JSON is YAML.
    return "\n---\n".join(json.dumps(pod) for pod in pods)


def ansible(count, old, new, images):
    loop = [{"name": name, "port": port(number)} for number, name in enumerate(services(count), 1)]
    tasks = [
        {"containers.podman.podman_container": {"name": "{{ item.name }}", "state": "absent"}, "loop": loop},
        {"containers.podman.podman_network": {"name": "bench", "state": "absent"}},
        {"containers.podman.podman_image": {"name": f"localhost/tiny:{old}", "state": "absent"}},
        {"containers.podman.podman_load": {"input": archive(images, new)}},
        {"containers.podman.podman_network": {"name": "bench", "state": "present"}},
        {
            "containers.podman.podman_container": {
                "name": "{{ item.name }}",
                "image": f"localhost/tiny:{new}",
                "state": "started",
                "network": ["bench"],
                "memory": "64m",
                "ports": ["127.0.0.1:{{ item.port }}:80"],
            },
            "loop": loop,
        },
    ]
    return json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}], indent=1)


def by_hand(count, old, new, images, side_by_side, engine):
    """The engine's own commands, one after the other or so many side by side."""
    each = f"xargs -P {side_by_side} -L 1"
    names = "\n".join(services(count))
    runs = "\n".join(f"127.0.0.1:{port(number)}:80 --name {name}" for number, name in enumerate(services(count), 1))
    # Of Docker, the removal alone would kill at once.
    removals = {"podman": ["rm --force --time 10"], "docker": ["stop --time 10", "rm"]}[engine]
    removed = "\n".join(f"{each} {engine} {removal} > /dev/null << 'NAMES'\n{names}\nNAMES" for removal in removals)
    return f"""set -e
{removed}
{engine} network rm bench > /dev/null
{engine} rmi localhost/tiny:{old} > /dev/null
{engine} load --quiet --input {archive(images, new)} > /dev/null
{engine} network create bench > /dev/null
sed 's|$| localhost/tiny:{new}|' << 'RUNS' | {each} {engine} run --detach --network bench --memory 64m --publish > /dev/null
{runs}
RUNS
"""


def many_mistakes(count, images):
    """A plan with a wrong value in each of so many services."""
    plan = json.loads(landfall(count, "v1", images))
    for service in plan["services"].values():
        service["memory"] = "64 potatoes"
    return json.dumps(plan, indent=1)
