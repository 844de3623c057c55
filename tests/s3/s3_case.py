# SPDX-License-Identifier: Apache-2.0
"""What the tests of S3 share: paths, a cluster to work with, looking for secrets in what was printed."""
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parent)]
import harness
from fake_s3 import Fake

CLUSTER = harness.ROOT / "examples/cluster"
KEYS = ("--enabled-keys", "app,env")
NAMED = ("--org", "1234567", "--source", "0c7e1c3b-9f5c-4a7e-8f1c-2d1f5a6b7c8d")


def secrets_of(variables):
    return [v for k, v in variables.items()
            if k in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") and v]


def run(variables, *words, fake=None, **options):
    """Runs the program and fails where a secret, or a signature, is in what it printed."""
    got = harness.run(*words, variables=variables, **options)
    shown = (got.stdout + got.stderr).decode(errors="replace")
    known = secrets_of(variables) + [s for pair in (fake.keys.values() if fake else ()) for s in pair if s]
    for secret in known:
        assert secret not in shown, f"a secret is in the output of shukei {words}: {shown}"
    assert "Signature=" not in shown and "AWS4-HMAC" not in shown, shown
    return got


def must(variables, *words, **options):
    got = run(variables, *words, **options)
    assert got.returncode == 0, f"exit {got.returncode} of shukei {words}\n{got.stderr.decode()}"
    return got


def refused(variables, text, *words, **options):
    """The run fails, and says so."""
    got = run(variables, *words, **options)
    said = got.stderr.decode()
    assert got.returncode != 0, f"shukei {words} was to fail"
    assert text in said, f"{text!r} is not in {said!r}"
    return said


def local_summary(source=CLUSTER, *words):
    return harness.must("aggregate", source, *KEYS, *words, "--to", "-").stdout


def figure(path, name="store_requests"):
    return json.loads(pathlib.Path(path).read_text())[name]


def fill(s3, place, folder=CLUSTER):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            s3.put(f"{place}/{path.relative_to(folder)}", path.read_bytes())


def parquet_cluster(folder):
    harness.must("convert", CLUSTER, "--to", folder)
    return folder
