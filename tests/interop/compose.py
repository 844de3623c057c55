#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/compose.yaml, as far as that is possible without a container engine: against the schema of the Compose
specification, its own promises, and by doing what it says: the commands and variables of each service, with a real
MinIO and a real PostgreSQL, in the order of the services, twice.

usage: compose.py
"""
import copy
import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import peers
import harness
from harness import PROGRAM, ROOT, Folder
from pg_server import as_user, find_binaries
from s3_servers import free_port

import jsonschema
import yaml

DEPLOY = ROOT / "deploy"
MINIO = ROOT / ".cache/bin/minio"
SECRET = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|_USER$")
VARIABLE = re.compile(r"\$\{(\w+)(:\?|:-([^}]*))?\}")


def variables():
    lines = (DEPLOY / "compose.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def lacks(name):
    raise AssertionError(f"compose.env does not set {name}")


def filled(value, of):
    """Variables put in, as Compose does it."""
    if isinstance(value, dict):
        return {name: filled(one, of) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, of) for one in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: of.get(found[1]) or found[3] or lacks(found[1]), value)
    return value


def written():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def schema():
    package = pathlib.Path(importlib.util.find_spec("check_jsonschema").origin).parent  # has others' schemas
    rules = json.loads((package / "builtin_schemas/vendor/compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(rules)(rules)
    validator.validate(written())
    for break_it in (lambda s: s["summary"].update(reed_only=True), lambda s: s["summary"].pop("depends_on") and
                     s["summary"].update(depends_on={"reports": {"condition": "done"}})):
        broken = copy.deepcopy(written())
        break_it(broken["services"])
        assert not validator.is_valid(broken), "the validator takes anything"


def promises():
    """No root, nothing to write but what is named, images by tag, and all who are waited for can be."""
    services = written()["services"]
    for name, service in services.items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "privileged" not in service, name
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), name
        assert re.fullmatch(r"[a-z/]+:(?!latest)[\w.-]+", service["image"]), name
        assert set(service["networks"]) <= set(written()["networks"]) and "ports" not in service, name
        for mount in service.get("volumes", ()):
            assert mount.endswith(":ro") or mount.split(":")[0] in written()["volumes"], mount
        for other, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_completed_successfully" or "healthcheck" in services[other], name
    image = (DEPLOY / "Containerfile").read_text()
    assert {services[name]["user"] for name in ("reports", "summary")} == set(re.findall(r"^USER (\S+)$", image, re.M))
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]
    assert services["summary"]["image"] == f"shukei:{version}"


def secrets():
    """No secret stands in compose.yaml, and those of the example say that they are one."""
    for name, service in written()["services"].items():
        for variable, value in service["environment"].items():
            if SECRET.search(variable) and variable != "POSTGRES_USER":
                assert re.fullmatch(r"\$\{\w+:\?\}", value), (name, variable)
    for name, value in variables().items():
        assert value.startswith("example-") and value.endswith("-change-me"), name


class Service:
    """A service that stays, run as compose.yaml says with other paths and ports."""

    def __init__(self, words, environment, folder, check, **options):
        self.log = open(folder / "server.log", "ab")
        self.process = subprocess.Popen([str(word) for word in words], env=environment, cwd=folder, stdout=self.log,
                                        stderr=self.log, **options)
        self.check, self.environment, self.folder = check, environment, folder

    def wait(self):
        """Until its health check holds."""
        for _ in range(600):
            if subprocess.run(self.check, capture_output=True, env=self.environment).returncode == 0:
                return self
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            time.sleep(0.05)
        raise AssertionError(f"not healthy: {self.check}")

    def end(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.log.close()


def base(**more):
    return {"PATH": f"{MINIO.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **more}


def exchanged(words, pairs):
    for old, new in pairs:
        words = [word.replace(old, str(new)) for word in words]
    return words


def start_minio(service, folder, port):
    pairs = (("/data", folder / "data"), (":9000", f":{port}"))
    words = exchanged(service["entrypoint"] + service["command"], (*pairs, ("--address :", "--address 127.0.0.1:")))
    variables = base(**{**service["environment"], "HOME": str(folder)}, MINIO_CI_CD="1")
    return Service(words, variables, folder, exchanged(service["healthcheck"]["test"][1:], pairs))


def start_postgres(service, folder, port):
    """What the image's entry point does with its variables, and then the server."""
    binaries, environment = find_binaries(), service["environment"]
    options, user = as_user()
    (folder / "password").write_text(environment["POSTGRES_PASSWORD"])
    for path in (folder, folder / "password"):
        if user:
            os.chown(path, user.pw_uid, user.pw_gid)
    subprocess.run([binaries / "initdb", "-D", folder / "data", "-U", environment["POSTGRES_USER"], "-A",
                    "scram-sha-256", f"--pwfile={folder}/password", "--no-sync", "-E", "UTF8", "--locale=C"],
                   check=True, stdout=subprocess.DEVNULL, cwd=folder, **options)
    subprocess.run([binaries / "postgres", "--single", "-D", folder / "data", "postgres"], check=True, cwd=folder,
                   input=f"CREATE DATABASE {environment['POSTGRES_DB']}\n".encode(), stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **options)
    words = [binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", port, "-c", "listen_addresses=127.0.0.1",
             "-c", "fsync=off"]
    check = [*service["healthcheck"]["test"][1:], "-p", str(port)]
    return Service(words, base(), folder, check, **options)


def one_after_the_other(services, ports):
    """reports, summary, table, each when what it depends on is done; what the last one prints."""
    pairs = (("minio:9000", f"127.0.0.1:{ports[0]}"), ("@postgres:5432", f"@127.0.0.1:{ports[1]}"),
             ("--host=postgres", "--host=127.0.0.1"))
    mounted = services["reports"]["volumes"][0].split(":")
    done, got = ["minio", "postgres"], None
    while len(done) < len(services):
        name = next(one for one, service in services.items()
                    if one not in done and all(other in done for other in service["depends_on"]))
        service = services[name]
        words = exchanged([*service.get("entrypoint", [PROGRAM]), *service["command"]], pairs)
        words = [str(DEPLOY / mounted[0]) if word == mounted[1] else word for word in words]
        environment = {variable: exchanged([value], pairs)[0] for variable, value in service["environment"].items()}
        got = subprocess.run(words, capture_output=True, env=base(**environment, PGPORT=str(ports[1])), timeout=120)
        assert got.returncode == 0, f"{name}: {got.stderr.decode()}"
        for secret in variables().values():
            assert secret not in got.stdout.decode() + got.stderr.decode(), name
        done.append(name)
    return got.stdout.decode()


def expected(services):
    """The rows a day and kind that the same reports give here."""
    words = services["summary"]["command"]
    keys = words[words.index("--enabled-keys") + 1]
    text = harness.must("aggregate", ROOT / "examples/cluster", "--enabled-keys", keys, "--to", "-").stdout
    counts = {}
    for row in harness.rows_of_csv(text):
        key = row["usage_start"], row["data_source"]
        counts[key] = counts.get(key, 0) + 1
    return counts


def three_steps():
    if not MINIO.exists() or not find_binaries():
        print("  left out: no MinIO of tools/minio.sh, or no PostgreSQL")
        return
    services = filled(written(), variables())["services"]
    wanted = expected(services)
    with Folder() as top:
        os.chmod(top, 0o711)
        folders = [pathlib.Path(top) / name for name in ("minio", "postgres")]
        for folder in folders:
            folder.mkdir()
        ports, running = (free_port(), free_port()), []
        try:
            running.append((start_minio(services["minio"], folders[0], ports[0]), signal.SIGTERM))
            running.append((start_postgres(services["postgres"], folders[1], ports[1]), signal.SIGINT))
            for server, _ in running:
                server.wait()
            for turn in ("first", "second"):
                shown = one_after_the_other(services, ports)
                found = {(day, kind): int(count) for day, kind, count in
                         re.findall(r"^ (\d{4}-\d\d-\d\d) +\| (\w+) +\| +(\d+) \|", shown, re.M)}
                assert found == wanted and found, (turn, shown, wanted)
        finally:
            for server, how in running:
                server.end(how)


peers.harness.main([(check.__name__, check) for check in (schema, promises, secrets, three_steps)])
