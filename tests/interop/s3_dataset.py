#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Datasets in a real S3, of two sources side by side, each written twice over, read where they lie by DuckDB, Polars
and pyarrow: every golden case's rows; days that vanish; the ledger of --changed; runs that overlap; payloads and stored Parquet.

usage: s3_dataset.py minio|moto
"""
import subprocess
import sys

import peers
import harness
from compare import differences, same
from dataset_rows import SOURCES, as_rows
from harness import ROOT, Folder, main, must, rows_of_csv, skip
from s3_servers import MinIO, Moto

import duckdb
import polars
import pyarrow.dataset
import pyarrow.fs
from fsspec.implementations.arrow import ArrowFSWrapper

CLUSTER = ROOT / "examples/cluster"
PLAIN = ("aggregate", CLUSTER, "--enabled-keys", "app,env")


def of_arrow(server):
    return pyarrow.fs.S3FileSystem(access_key=server.access, secret_key=server.secret, scheme="http", region="us-east-1",
                                   endpoint_override=server.url.removeprefix("http://"))


def by_duckdb(server, place):
    base = duckdb.connect()
    base.register_filesystem(ArrowFSWrapper(of_arrow(server)))
    cursor = base.execute("SELECT * FROM read_parquet($1, hive_partitioning = true)", [f"{place}**/*.parquet"])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def by_polars(server, place):
    options = {"aws_access_key_id": server.access, "aws_secret_access_key": server.secret, "aws_region": "us-east-1",
               "aws_endpoint_url": server.url, "aws_allow_http": "true"}
    return polars.scan_parquet(place, hive_partitioning=True, hidden_file_prefix=(".", "_"),
                               storage_options=options).collect().to_dicts()


def by_pyarrow(server, place):
    return pyarrow.dataset.dataset(place.removeprefix("s3://"), format="parquet", partitioning="hive",
                                   filesystem=of_arrow(server)).to_table().to_pylist()


READERS = {"DuckDB": by_duckdb, "Polars": by_polars, "pyarrow": by_pyarrow}


def check(server, case):
    env, place, expected = server.environment(), f"s3://sets/{case.name}/", []
    for source in SOURCES:
        words = ("aggregate", case / "input", "--config", case / "case.json", "--source", source)
        for _ in range(2):
            must(*words, "--to", place, variables=env)
        expected += rows_of_csv(must(*words, "--to", "-").stdout)
    assert expected, "no rows"
    server.put(f"{place}.summary.parquet.lock", b"0 0\n")  # as a run has it there while it commits
    for name, read in READERS.items():
        same(expected, as_rows(read(server, place), name), name, 0.0)
    assert not server.uploads("sets"), "an upload was left unfinished"


def same_as_local(server):
    """The objects are the files that a local dataset has, and nothing else lies there afterwards."""
    env = server.environment()
    server.make("near")
    with Folder() as folder:
        words = (*PLAIN, "--source", "a/b", "--start", "2025-10-01", "--end", "2025-10-31")
        must(*words, "--to", f"{folder}/near/", variables=env)
        must(*words, "--to", "s3://near/", "--to", "s3://near/deep/er/", variables=env)
        here = {str(p.relative_to(folder / "near")): p.read_bytes() for p in (folder / "near").rglob("*") if p.is_file()}
        there = server.take("near")
        assert there == {**here, **{f"deep/er/{k}": b for k, b in here.items()}}, sorted(there)


def vanished(server):
    """With both ends a day without rows goes, of this source alone; without them it stays."""
    env, words = server.environment(), ("--start", "2025-10-01", "--end", "2025-10-31")
    server.make("gone")
    key = "year=2025/month=10/day={}/summary.{}.parquet".format
    for source in ("a", "b"):
        must(*PLAIN, "--source", source, "--to", "s3://gone/set/", variables=env)
    for source in ("a", "b"):
        server.put(f"s3://gone/set/{key('09', source)}", b"of another time")
    server.put("s3://gone/set/year=2025/month=10/day=09/notes.txt", b"")
    before = server.keys("gone")
    must(*PLAIN, "--source", "a", "--to", "s3://gone/set/", variables=env)
    assert server.keys("gone") == before
    must(*PLAIN, *words, "--source", "a", "--to", "s3://gone/set/", variables=env)
    assert set(before) - set(server.keys("gone")) == {f"set/{key('09', 'a')}"}


def ledger(server):
    """--changed makes nothing anew, then the day whose object went."""
    env = server.environment()
    server.make("changed")
    words = (*PLAIN, "--source", "a", "--changed", "--explain", "--to", "s3://changed/set/")
    for said, harm in (("2 of 2 days", None), ("0 of 2 days", None), ("1 of 2 days", "take"), ("0 of 2 days", "lose"),
                       ("0 of 2 days", None)):
        if harm == "take":
            key = [k for k in server.keys("changed") if "day=02" in k][0]
            wanted = server.get(f"s3://changed/{key}")
            server.client.delete_object(Bucket="changed", Key=key)
        got = must(*words, variables=env).stderr.decode()
        assert f"info: {said}" in got, (said, got)
    assert server.get(f"s3://changed/{key}") == wanted
    assert "set.a.shukei-ledger.db" in server.keys("changed")


def side_by_side(server):
    """Many runs at once, of two sources, with other rows each: every source has the days of one run."""
    env, days = server.environment(), ("--start", "2025-10-01", "--end", "2025-10-31")
    server.make("many")
    with Folder() as folder:
        must("generate", "small", "--hours", "480", "--to", folder / "in", "-q")
        kinds = [("--enabled-keys", keys) for keys in ("app", "env", "tier", "app,env")]
        wanted = []
        for kind in kinds:
            must("aggregate", folder / "in", *kind, *days, "--source", "a", "--to", "s3://many/set/", variables=env)
            wanted.append(server.take("many"))
        assert len({str(sorted(one.items())) for one in wanted}) == len(wanted) and len(wanted[0]) == 20
        runs = [subprocess.Popen([harness.PROGRAM, "aggregate", folder / "in", *kind, *days, "--source", source, "--quiet",
                                  "--to", "s3://many/set/"], env={**harness.environment(), **env})
                for _ in range(3) for kind in kinds for source in ("a", "b")]
        for run in runs:
            assert run.wait(300) == 0
    found = server.take("many")
    assert len(found) == 40, sorted(found)
    assert {k: b for k, b in found.items() if k.endswith(".a.parquet")} in wanted, "days of several runs"
    assert not server.uploads("many")


def payloads(server):
    """The operator's archives, made up in the bucket: two of a day, one of which supersedes the other."""
    env = server.environment()
    server.make("uploads")
    with Folder() as folder:
        for number, more in enumerate((("--hours", "24"), ("--hours", "24", "--seed", "2"))):
            words = ("generate", "20k", "--pods", "20", *more, "--payload", "--cluster-id", "one", "-q")
            must(*words, "--to", folder / f"in/{number}")
            must(*words, "--to", f"s3://uploads/in/{number}", variables=env)
        assert {k: server.get(f"s3://uploads/{k}") for k in server.keys("uploads")} == {
            str(p.relative_to(folder)): p.read_bytes() for p in (folder / "in").rglob("*") if p.is_file()}
        near = must("aggregate", folder / "in", "--to", "-")
        far = must("aggregate", "s3://uploads/in", "--to", "-", variables=env)
        assert far.stdout == near.stdout and b"superseded" in far.stderr
        must("convert", "s3://uploads/in", "--to", "s3://uploads/lake", variables=env)
        assert must("aggregate", "s3://uploads/lake", "--cluster-id", "one", "--to", "-", variables=env).stdout == near.stdout


def metadata(server):
    """Of two manifest ids the one that has more hours by its objects' metadata."""
    env, kept = server.environment(), []
    server.make("stored")
    with Folder() as folder:
        for one, hours, told in ((7, 6, "5"), (12, 5, "6"), (13, 5, "4")):
            must("generate", "20k", "--pods", "4", "--hours", hours, "--seed", one, "--format", "parquet", "--to", folder / str(one),
                 "-q")
            path = next((folder / str(one)).glob("pod_usage*.parquet"))
            kept.append(must("aggregate", path, "--source", "s", "--to", "-").stdout)
            server.client.put_object(Bucket="stored", Body=path.read_bytes(), Metadata={"reportnumhours": told}, Key="data/parquet/"
                                     f"o/OCP/pod_usage/source=s/year=2025/month=10/pod_usage.2025-10-01.{one}.0_0.parquet")
    got = must("aggregate", "s3://stored/data", "--to", "-", variables=env)
    assert got.stdout == kept[1] and b"2 files left out" in got.stderr, got.stderr


if __name__ == "__main__":
    which = sys.argv[1]
    if which == "minio" and not (ROOT / ".cache/bin/minio").exists():
        skip("tools/minio.sh has built no MinIO")
    with MinIO(ROOT / ".cache/bin/minio") if which == "minio" else Moto() as server:
        server.make("sets")
        main([(case.name, lambda c=case: check(server, c)) for case in peers.cases()] +
             [(what.__name__, lambda w=what: w(server)) for what in (same_as_local, vanished, ledger, side_by_side, payloads, metadata)])
