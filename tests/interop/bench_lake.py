#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shukei bench by way of a real S3 into a real PostgreSQL: every phase done, every scale valid, the requests counted, and
no secret in what it leaves. usage: bench_lake.py minio

Environment: SHUKEI_BENCH_SCALES, the scales (small,20k)."""
import json
import os

import peers  # goes on in the Python that has boto3
import harness
from harness import must, skip
from pg_server import SCHEMA, Server
from s3_servers import MinIO


def main(s3, server, folder):
    scales = os.environ.get("SHUKEI_BENCH_SCALES", "small,20k").split(",")
    s3.make("bench")
    password = "hush-hush"
    server.sql(f"CREATE ROLE meter LOGIN SUPERUSER PASSWORD '{password}'")
    sink = f"postgresql:host={server.socket} user=meter dbname=postgres"
    got = must("bench", "--dir", folder / "bench", "--scales", ",".join(scales), "--to", sink, "--schema", SCHEMA, "--lake",
               "s3://bench/lake", "--enforce", variables={**s3.environment(), "PGPASSWORD": password})
    print(got.stdout.decode())
    lines = [json.loads(line) for line in (folder / "bench/results.jsonl").read_text().splitlines()][1:]
    assert [line["outcome"] for line in lines] == ["done"] * 4 * len(scales), lines
    for line in lines:
        if line["phase"] in ("upload", "aggregate"):
            assert line["requests"] > 0, line
        assert line.get("differences", 0) == 0 and line.get("sink", "postgresql") == "postgresql", line
    sources = server.sql(f"SELECT count(DISTINCT source_uuid) FROM {SCHEMA}.{harness.TABLE}")
    assert sources == str(len(scales)), sources
    for path in (folder / "bench").rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert password.encode() not in body and s3.secret.encode() not in body, f"a secret in {path}"


def schemas_are_apart(server, folder):
    """Of another schema nothing is measured yet."""
    sink = "--scales", "20k", "--to", f"postgresql:host={server.socket} user=meter dbname=postgres"

    def runs(kind):
        return [line for line in map(json.loads, (folder / "results.jsonl").read_text().splitlines())
                if line["kind"] == kind]

    for words, schemas in ((("--schema", "a"), ["a"]), (("--schema", "a"), ["a"]), (("--schema", "b"), ["a", "b"])):
        must("bench", "--dir", folder, *sink, *words, variables={"PGPASSWORD": "hush-hush"})
        assert [run["settings"]["schema"] for run in runs("run")] == schemas
    made = [line for line in runs("phase") if line["phase"] == "aggregate"]
    assert ["b" in line["command"] for line in made] == [False, True], made


program = harness.ROOT / ".cache/bin/minio"
if not program.exists():
    skip("tools/minio.sh has built no MinIO")
with MinIO(program) as s3, Server() as server, harness.Folder() as folder:
    harness.main([("from MinIO into PostgreSQL", lambda: main(s3, server, folder)),
                  ("schemas are apart", lambda: schemas_are_apart(server, folder / "schemas"))])
