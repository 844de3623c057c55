# SPDX-License-Identifier: Apache-2.0
"""Every golden case from CSV into a real S3, in both layouts that have folders, and summarised from there in
both label modes, into S3 as well. usage: s3_golden.py minio|moto"""
import sys

import peers
from harness import ROOT, Folder, main, must, rows_of_csv, run, skip
from compare import same
from s3_servers import MinIO, Moto

NAMED = ("--org", "1234567", "--source", "0c7e1c3b-9f5c-4a7e-8f1c-2d1f5a6b7c8d")


def check(server, case, layout):
    env = server.environment()
    place = f"s3://golden/{case.name}/{layout}"
    must("convert", case / "input", "--to", place, "--layout", layout, *NAMED, variables=env)
    for labels, rows in peers.expected_rows(case).items():
        words = ("--config", case / "case.json", "--labels", labels)
        got = must("aggregate", place, *words, "--to", "-", "--to", f"{place}.csv", "--to", f"{place}.parquet",
                   variables=env, cwd="/tmp").stdout
        same(rows, rows_of_csv(got), f"{layout}, {labels}")
        assert server.get(f"{place}.csv") == got, "the object has other bytes than standard output"
    assert not server.uploads("golden"), "an upload was left unfinished"


def twice(server):
    """The same conversion twice leaves the same objects; more keys than a page holds are all found."""
    env = server.environment()
    cluster = ROOT / "examples/cluster"
    server.make("pages")
    found = []
    for _ in range(2):
        must("convert", cluster, "--to", "s3://pages/in", "--layout", "poc", *NAMED, variables=env)
        found.append({k: server.get(f"s3://pages/{k}") for k in server.keys("pages")})
    assert found[0] == found[1] and found[0]
    for i in range(1100):
        server.put(f"s3://pages/in/0notes/{i:04}.json", b"{}")
    words = ("aggregate", "s3://pages/in", "--enabled-keys", "app,env", "--to", "-", "-q")
    near = must("aggregate", cluster, "--source", NAMED[3], *words[2:]).stdout
    assert must(*words, variables=env).stdout == near


def keys(server):
    """Keys of all characters, as another client of S3 writes and reads them."""
    env = server.environment()
    cluster = ROOT / "examples/cluster"
    near = must("aggregate", cluster, "--enabled-keys", "app,env", "--to", "-").stdout
    server.make("odd")
    for name in ("blank and +", "ä/ü", "a%2Fb%25", "x&y=z;q'", "tilde~(1)!*"):
        for path in cluster.iterdir():
            server.put(f"s3://odd/in/{name}/{path.name}", path.read_bytes())
        must("aggregate", f"s3://odd/in/{name}", "--enabled-keys", "app,env", "--to", f"s3://odd/out/{name}.csv", variables=env)
        assert server.get(f"s3://odd/out/{name}.csv") == near, name


def parts(server):
    """An object of several parts."""
    env = server.environment()
    server.make("large")
    with Folder() as folder:
        must("generate", "250k", "--format", "parquet", "--to", folder / "in", "-q")
        for path in (folder / "in").iterdir():
            server.put(f"s3://large/in/{path.name}", path.read_bytes())
        labels = ("--enabled-keys", "app,tier,env,node,pod")
        must("aggregate", "s3://large/in", *labels, "--to", "s3://large/out.csv", variables=env)
        must("aggregate", folder / "in", *labels, "--to", folder / "out.csv")
        near = (folder / "out.csv").read_bytes()
        assert server.get("s3://large/out.csv") == near and len(near) > 5 << 20
    assert not server.uploads("large")


def complaints(server):
    env = server.environment()
    server.make("here")
    cluster = ROOT / "examples/cluster"
    for words, said in ((("aggregate", "s3://nowhere/x", "--to", "-"), "NoSuchBucket"),
                        (("aggregate", "s3://here/x", "--to", "-"), "no object has this key"),
                        (("cat", "s3://here/x.parquet"), "no such object"),
                        (("aggregate", cluster, "--to", "s3://nowhere/x.csv"), "NoSuchBucket")):
        got = run(*words, variables=env)
        assert got.returncode and said in got.stderr.decode(), got.stderr


if __name__ == "__main__":
    which = sys.argv[1]
    if which == "minio" and not (ROOT / ".cache/bin/minio").exists():
        skip("tools/minio.sh has built no MinIO")
    with MinIO(ROOT / ".cache/bin/minio") if which == "minio" else Moto() as server:
        server.make("golden")
        main([(f"{case.name}, {layout}", lambda c=case, w=layout: check(server, c, w))
              for case in peers.cases() for layout in ("koku", "poc")] +
             [(what.__name__, lambda w=what: w(server)) for what in (twice, keys, parts, complaints)])
