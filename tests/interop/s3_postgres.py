# SPDX-License-Identifier: Apache-2.0
"""From a real S3 into a real PostgreSQL: every golden case, its Parquet in MinIO, in both label modes and twice over,
into tables that --create makes and, in the same run, into an object beside them. usage: s3_postgres.py minio"""
import peers
import harness
from compare import same
from harness import ROOT, must, rows_of_csv, run, skip
from pg_golden import RUN
from pg_server import SCHEMA, SOURCE, Server
from pg_tables import aggregate, exact, fresh, rows
from s3_servers import MinIO

NAMED = ("--layout", "poc", "--org", "1234567", "--source", SOURCE)


def check(s3, server, folder, case):
    env = s3.environment()
    place, summary = f"s3://golden/{case.name}", f"s3://golden/out/{case.name}.csv"
    fresh(server)
    must("convert", case / "input", "--to", place, *NAMED, variables=env)
    for labels, expected in peers.expected_rows(case).items():
        for turn in ("first", "second"):
            aggregate(server, place, "--config", case / "case.json", *RUN, "--labels", labels, "--create", "--to", summary,
                      variables=env)
            same(expected, rows(server, SOURCE), f"{labels}, {turn} run", 1e-9)
            (folder / "far.csv").write_bytes(s3.get(summary))
            exact(server, folder / "far.csv", source=SOURCE)


def broken_object(s3, server):
    """A report that breaks off leaves the rows of the run before, and the object."""
    env = s3.environment()
    must("convert", ROOT / "examples/cluster", "--to", "s3://broken/in", *NAMED, variables=env)
    fresh(server)
    words = ("s3://broken/in", *RUN, "--create", "--to", "s3://broken/out.csv")
    aggregate(server, *words, variables=env)
    before = server.rows(f"SELECT * FROM {SCHEMA}.{harness.TABLE} ORDER BY uuid"), s3.get("s3://broken/out.csv")
    pods = next(key for key in s3.keys("broken") if "pod" in key and key.endswith(".parquet"))
    body = bytearray(s3.get(f"s3://broken/{pods}"))
    body[4:len(body) // 2] = bytes(len(body) // 2 - 4)
    s3.put(f"s3://broken/{pods}", bytes(body))
    got = run("aggregate", *words, "--to", server.name(), "--schema", SCHEMA, variables=env)
    assert got.returncode and pods in got.stderr.decode(), got.stderr.decode()
    after = server.rows(f"SELECT * FROM {SCHEMA}.{harness.TABLE} ORDER BY uuid"), s3.get("s3://broken/out.csv")
    assert before[0] and after == before


if __name__ == "__main__":
    program = ROOT / ".cache/bin/minio"
    if not program.exists():
        skip("tools/minio.sh has built no MinIO")
    with Server() as server, MinIO(program) as s3, harness.Folder() as folder:
        s3.make("golden")
        s3.make("broken")
        harness.main([(case.name, lambda c=case: check(s3, server, folder, c)) for case in peers.cases()] +
                     [("a broken object", lambda: broken_object(s3, server))])
