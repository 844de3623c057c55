#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Harm at random moments, by a proxy between the program and a server of S3: the right result after it
was tried again, or an error and nothing changed. Here of the fake server and at a few moments a fault;
tests/interop/s3_faults.py does it to MinIO, at fifty."""
import random

import s3_case
from fault_proxy import Plan, Proxy, completes, ranged, with_body
from s3_case import CLUSTER, Fake, KEYS, NAMED, harness

BEFORE = b"what was there before"
FOR_EVER = 1 << 30
EACH_POD = ("--enabled-keys", "app,tier,env,node,pod")
PART = 5 << 20  # bytes: what is larger is sent in parts, and appears by a request of its own
IMPATIENT = {"SHUKEI_S3_STALL_SECONDS": "1"}
TRANSIENT = {  # fault -> which requests it can strike; after one or two of them all is well
    "reset": None, "reset-within": None, "500": None, "503": None, "429": None, "truncate": None, "lost": None,
    "expired": None, "skew": None, "short": ranged, "flip-request": with_body}


class Scene:
    """A server with reports to read and a summary to replace, and what the runs must come to."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.reports = s3_case.parquet_cluster(folder / "in")
        self.files = {str(p.relative_to(self.reports)): p.read_bytes() for p in self.reports.rglob("*") if p.is_file()}
        self.summary = s3_case.local_summary(self.reports)
        self.many = folder / "many"
        harness.must("generate", "small", "--hours", "24", "--scale-factor", "250", "--format", "parquet", "--to", self.many, "-q")
        self.large = harness.must("aggregate", self.many, *EACH_POD, "--to", "-").stdout
        assert len(self.large) > PART, len(self.large)
        harness.must("convert", CLUSTER, "--to", folder / "lake", "--layout", "koku", *NAMED)
        harness.must("aggregate", self.reports, *KEYS, "--to", f"{folder}/days/")
        self.days = {str(p.relative_to(folder / "days")): p.read_bytes()
                     for p in (folder / "days").rglob("*") if p.is_file()}
        self.lake = {str(p.relative_to(folder / "lake")): p.read_bytes()
                     for p in (folder / "lake").rglob("*") if p.is_file()}

    def read(self, plan, **more):
        """aggregate from S3 into a file: (exit status, what was said, the file)."""
        out = self.folder / "out.csv"
        out.write_bytes(BEFORE)
        with Proxy(self.server.port, plan) as proxy:
            env = self.server.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}", **more)
            got = s3_case.run(env, "aggregate", "s3://reports/in", *KEYS, "--to", out)
        return got.returncode, got.stderr.decode(errors="replace"), out.read_bytes()

    def write(self, plan, reports=None, keys=KEYS, **more):
        """aggregate from files into S3: (exit status, what was said, the object)."""
        self.server.put("s3://out/sum.csv", BEFORE)
        with Proxy(self.server.port, plan) as proxy:
            env = self.server.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}", **more)
            got = s3_case.run(env, "aggregate", reports or self.reports, *keys, "--to", "s3://out/sum.csv")
        return got.returncode, got.stderr.decode(errors="replace"), self.server.get("s3://out/sum.csv")

    def write_parts(self, plan, **more):
        """As write(), of a summary that is sent in parts."""
        return self.write(plan, self.many, EACH_POD, **more)

    def dataset(self, plan, **more):
        """aggregate from files into a dataset in S3: (exit status, what was said, its objects)."""
        for key in self.days:
            self.server.put(f"s3://days/{key}", BEFORE)
        with Proxy(self.server.port, plan) as proxy:
            env = self.server.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}", **more)
            got = s3_case.run(env, "aggregate", self.reports, *KEYS, "--to", "s3://days/")
        return got.returncode, got.stderr.decode(errors="replace"), self.server.take("days")

    def convert(self, plan, **more):
        with Proxy(self.server.port, plan) as proxy:
            env = self.server.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}", **more)
            got = s3_case.run(env, "convert", CLUSTER, "--to", "s3://lake/", "--layout", "koku", *NAMED)
        return got.returncode, got.stderr.decode(errors="replace"), self.server.take("lake")


def needed(method, _path, _headers):
    """What a result needs; a sign of life that stays is cleared by the next run."""
    return method != "DELETE"


def moments(rng, count, fits, action):
    """Where to strike: a run without harm tells how many requests there are, after one has cleared what was left."""
    action(Plan("none", FOR_EVER))
    plan = Plan("none", FOR_EVER, fits=fits)
    status, said, _ = action(plan)
    assert status == 0 and plan.seen > 0, said
    return [rng.randrange(plan.seen) for _ in range(count)]


def survives(scene, action, wanted, fault, fits, count, rng):
    for at in moments(rng, count, fits, action):
        plan = Plan(fault, at, rng.choice((1, 1, 2)), fits)
        status, said, result = action(plan)
        assert status == 0, f"{fault} at {at}: {said}"
        assert result == wanted, f"{fault} at {at}: another result"
        assert plan.struck, f"{fault} at {at}: struck nothing"


def gives_up(scene, action, before, fault, count, rng):
    """What does not end is an error, and nothing was changed."""
    for at in moments(rng, count, needed, action):
        status, said, result = action(Plan(fault, at, FOR_EVER, needed), AWS_MAX_ATTEMPTS="2")
        assert status not in (0, 101, 134, 139), f"{fault} from {at} on: exit {status}"
        assert result == before, f"{fault} from {at} on: changed something: {said}"
        assert "s3://" in said, said


def stops_between_days(scene, fault, count, rng):
    """A dataset's days are each as before or new, and all are as before until the first of them is replaced."""
    for at in moments(rng, count, needed, scene.dataset):
        status, said, result = scene.dataset(Plan(fault, at, FOR_EVER, needed), AWS_MAX_ATTEMPTS="2")
        assert status not in (0, 101, 134, 139) and "s3://days" in said, f"{fault} from {at} on: exit {status}: {said}"
        days = {key: body for key, body in result.items() if not key.startswith(".")}
        assert set(days) == set(scene.days), f"{fault} from {at} on: {sorted(days)}"
        new = [key for key in sorted(days) if days[key] != BEFORE]
        assert new == sorted(days)[:len(new)] and all(days[key] == scene.days[key] for key in new), f"{fault} from {at} on: {new}"


def flipped(scene, count, rng):
    """A flipped bit of a page or footer is found by its checksum; where it lies between what is read, it
    does no harm."""
    found = 0
    for at in moments(rng, count, ranged, scene.read):
        status, said, result = scene.read(Plan("flip", at, fits=ranged, seed=rng.random()))
        assert result == (BEFORE if status else scene.summary), f"flip at {at}: {said}"
        found += status != 0
        if status:
            assert "s3://reports/in/" in said, said
    assert found, "no flipped bit was found"


def doubtful_ends(scene, count):
    """The answer to the request that makes an object visible is lost, once and for ever."""
    for times in (1, FOR_EVER):
        for _ in range(count):
            plan = Plan("lost", 0, times, completes)
            status, said, result = scene.write_parts(plan, AWS_MAX_ATTEMPTS="3")
            assert status == 0 and result == scene.large and plan.struck, said


def cases(server, folder, count, seed):
    rng = random.Random(seed)
    scene = Scene(server, folder)
    for name, body in scene.files.items():
        server.put(f"s3://reports/in/{name}", body)
    for bucket in ("lake", "days"):
        server.put(f"s3://{bucket}/x", b"")
        server.take(bucket)
    found = []
    for fault, fits in TRANSIENT.items():
        if fault != "flip-request":
            found.append((f"{fault} while reading",
                          lambda f=fault, w=fits: survives(scene, scene.read, scene.summary, f, w, count, rng)))
        if fault != "short":
            found.append((f"{fault} while writing",
                          lambda f=fault, w=fits: survives(scene, scene.write, scene.summary, f, w, count, rng)))
    found += [
        ("an end that fails with 200", lambda: survives(scene, scene.write_parts, scene.large, "200", completes, 1, rng)),
        *((f"{fault} while writing parts", lambda f=fault: survives(scene, scene.write_parts, scene.large, f, None, max(1, count // 8), rng))
          for fault in ("503", "reset-within", "flip-request")),
        ("503 while converting", lambda: survives(scene, scene.convert, scene.lake, "503", None, count, rng)),
        ("lost while converting", lambda: survives(scene, scene.convert, scene.lake, "lost", None, count, rng)),
        *((f"{fault} while writing days", lambda f=fault: survives(scene, scene.dataset, scene.days, f, None, count, rng))
          for fault in ("lost", "503", "reset-within", "expired")),
        *((f"{fault} for ever, writing days", lambda f=fault: stops_between_days(scene, f, count, rng)) for fault in ("reset", "503")),
        ("stall", lambda: survives(scene, lambda p: scene.read(p, **IMPATIENT), scene.summary, "stall", None,
                                   max(1, count // 8), rng)),
        ("flip", lambda: flipped(scene, count * 4, rng)),
        ("ends in doubt", lambda: doubtful_ends(scene, max(1, count // 8)))]
    for fault in ("reset", "503", "truncate"):
        found.append((f"{fault} for ever, reading", lambda f=fault: gives_up(scene, scene.read, BEFORE, f, count, rng)))
    for fault in ("reset", "503"):
        found.append((f"{fault} for ever, writing", lambda f=fault: gives_up(scene, scene.write, BEFORE, f, count, rng)))
    return found


class FakeServer(Fake):
    def take(self, bucket):
        """All objects of a bucket, which is empty afterwards."""
        with self.lock:
            found = {k: o.body for k, o in self.buckets.get(bucket, {}).items()}
            self.buckets[bucket] = {}
            assert not [u for u in self.uploads.values() if u[0] == bucket and "/.shukei-run-" not in f"/{u[1]}"]
        return found


if __name__ == "__main__":
    with harness.Folder() as folder, FakeServer() as server:
        harness.main(cases(server, folder, 4, 1))
