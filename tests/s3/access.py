#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading from and writing to S3: every command, listings, keys of all characters, requests made,
objects replaced meanwhile, and what is said when something is not there."""
import signal
import socket
import subprocess

import s3_case
from fake_s3 import plain
from s3_case import CLUSTER, Fake, KEYS, NAMED, fill, harness, must, refused


def converts_and_reads_back():
    expected = s3_case.local_summary(CLUSTER, "--source", NAMED[3])
    for layout in ("koku", "poc", "flat"):
        with Fake() as s3, harness.Folder() as folder:
            s3.buckets["lake"] = {}
            env = s3.environment()
            must(env, "convert", CLUSTER, "--to", "s3://lake/reports", "--layout", layout, *NAMED)
            harness.must("convert", CLUSTER, "--to", folder / "reports", "--layout", layout, *NAMED)
            there = {k: o.body for k, o in s3.buckets["lake"].items()}
            here = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            assert there == here, f"{layout}: {sorted(set(there) ^ set(here))}"
            assert not s3.uploads, "an upload was left unfinished"
            got = must(env, "aggregate", "s3://lake/reports", *KEYS, "--source", NAMED[3], "--to", "-")
            assert got.stdout == expected, layout


def reads_csv_too():
    with Fake() as s3:
        fill(s3, "s3://lake/csv")
        got = must(s3.environment(), "aggregate", "s3://lake/csv", *KEYS, "--to", "-")
        assert got.stdout == s3_case.local_summary()


def writes_sinks():
    with Fake() as s3, harness.Folder() as folder:
        s3.buckets["out"] = {}
        env = s3.environment()
        must(env, "aggregate", CLUSTER, *KEYS, "--to", "s3://out/a/sum.csv", "--to", "s3://out/sum.parquet",
             "--to", folder / "sum.parquet", "--bad-rows", "s3://out/bad.csv")
        assert s3.get("s3://out/a/sum.csv") == s3_case.local_summary()
        assert s3.get("s3://out/sum.parquet") == (folder / "sum.parquet").read_bytes()
        assert s3.get("s3://out/bad.csv") == b"file,row,cause,text\n"
        assert not s3.uploads
        for command in ("cat", "inspect"):
            local = harness.must(command, folder / "sum.parquet").stdout
            far = must(env, command, "s3://out/sum.parquet").stdout
            name = str(folder / "sum.parquet").encode()
            assert far == local.replace(name, b"s3://out/sum.parquet"), command


def refuses_sinks():
    with Fake() as s3:
        fill(s3, "s3://lake/csv")
        env = s3.environment()
        refused(env, "in S3 it can be", "aggregate", CLUSTER, "--to", "s3://lake/a.db")
        name = "s3://lake/csv/pod_usage.csv"
        refused(env, "is a report that is read", "aggregate", "s3://lake/csv", "--to", name)
        refused(env, "NoSuchBucket", "aggregate", CLUSTER, "--to", "s3://other/a.csv")
        assert list(s3.buckets) == ["lake"] and not s3.uploads


def failed_runs_leave_nothing():
    with Fake() as s3, harness.Folder() as folder:
        s3.buckets["out"] = {}
        for path in CLUSTER.iterdir():
            text = path.read_text()
            bad = text.replace("2025-10-01 03:00:00", "2025-10-01 99:00:00")
            (folder / path.name).write_text(bad)
        env = s3.environment()
        refused(env, "", "aggregate", folder, "--to", "s3://out/a.csv", "--to", "s3://out/b.parquet")
        refused(env, "", "convert", folder, "--to", "s3://out/lake")
        assert not s3.buckets["out"] and not s3.uploads


def lists_page_by_page():
    with Fake() as s3:
        fill(s3, "s3://lake/in")
        for i in range(12):
            s3.put(f"s3://lake/in/notes/{i}.txt", b"no report")
        for page in (1, 5, 16, 1000):
            s3.page = page
            got = must(s3.environment(), "aggregate", "s3://lake/in", *KEYS, "--to", "-", "-q")
            assert got.stdout == s3_case.local_summary(), page


def takes_a_place_as_a_folder_takes_it():
    with Fake() as s3:
        fill(s3, "s3://lake/in")
        s3.put("s3://lake/in2/pod_usage.csv", (CLUSTER / "pod_usage.csv").read_bytes())  # a sibling
        s3.put("s3://lake/in/_temporary/pod_usage.csv", b"not looked at")
        s3.put("s3://lake/in/.hidden", b"not looked at")
        s3.put("s3://lake/in/", b"")  # what consoles put where a folder is made
        env = s3.environment()
        for place in ("s3://lake/in", "s3://lake/in/"):
            assert must(env, "aggregate", place, *KEYS, "--to", "-").stdout == s3_case.local_summary(), place
        s3.buckets["whole"] = {k.removeprefix("in/"): o for k, o in s3.buckets["lake"].items()
                               if k.startswith("in/") and k != "in/"}
        for place in ("s3://whole", "s3://whole/"):
            assert must(env, "aggregate", place, *KEYS, "--to", "-").stdout == s3_case.local_summary(), place
        files = [f"s3://lake/in/{p.name}" for p in sorted(CLUSTER.iterdir())]
        assert must(env, "aggregate", *files, *KEYS, "--to", "-").stdout == s3_case.local_summary()
        again = must(env, "aggregate", "s3://lake/in", *files, *KEYS, "--to", "-")
        assert again.stdout == s3_case.local_summary(), "what two sources name counts once"


def takes_keys_of_all_characters():
    with Fake() as s3, harness.Folder() as folder:
        for name in ("blank and +", "ä/ü", "a%2Fb%", "x&y=z;<q>'\"", "tilde~(1)!*", "-", "a//b"):
            s3.buckets = {}
            fill(s3, f"s3://lake/{name}")
            got = must(s3.environment(), "aggregate", f"s3://lake/{name}", *KEYS, "--to", f"s3://lake/out/{name}.csv",
                       "--to", folder / "a.csv")
            assert (folder / "a.csv").read_bytes() == s3_case.local_summary(), (name, got.stderr)
            assert s3.get(f"s3://lake/out/{name}.csv") == s3_case.local_summary(), name


def makes_few_requests():
    """A listing, its check for an object of that name, then per small object one request in all; of a
    large one its head, its end, and one for each run of chunks."""
    with Fake() as s3, harness.Folder() as folder:
        s3_case.parquet_cluster(folder / "in")
        files = [p for p in (folder / "in").rglob("*") if p.is_file()]
        fill(s3, "s3://lake/in", folder / "in")
        must(s3.environment(), "aggregate", "s3://lake/in", *KEYS, "--to", "-", "--stats", folder / "s.json")
        assert s3_case.figure(folder / "s.json") == len(s3.log) == len(files) + 2
        harness.must("generate", "250k", "--format", "parquet", "--to", folder / "large", "-q")
        s3.log.clear()
        s3.buckets = {}
        fill(s3, "s3://lake/in", folder / "large")
        must(s3.environment(), "aggregate", "s3://lake/in", "--to", folder / "far.parquet", "--stats", folder / "s.json")
        harness.must("aggregate", folder / "large", "--to", folder / "near.parquet")
        assert (folder / "far.parquet").read_bytes() == (folder / "near.parquet").read_bytes()
        large = [k for k, o in s3.buckets["lake"].items() if len(o.body) > 512 << 10]
        for key in large:
            asked = [h["range"] for m, p, h in s3.log if p == f"/lake/{key}"]
            shown = harness.must("inspect", folder / "large" / key.removeprefix("in/")).stdout.decode()
            groups = shown.count("row group ")
            assert len(asked) <= 2 + groups, (key, groups, asked)  # the needed chunks lie in one run
            assert len(set(asked)) == len(asked), "a range was fetched twice"


def spans(log, key):
    """The ranges that were asked for of an object, from its beginning."""
    asked = [h["range"].removeprefix("bytes=") for _, p, h in log if p == f"/lake/{key}"]
    return sorted(tuple(map(int, one.split("-"))) for one in asked if not one.startswith("-"))


def streams_what_does_not_fit():
    """Row groups for which there is no room: a request for each run of needed chunks, whatever its length, and hardly
    a byte twice."""
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "250k", "--format", "parquet", "--to", folder / "in", "-q")
        fill(s3, "s3://lake/in", folder / "in")
        pods, size = next((k, len(o.body)) for k, o in s3.buckets["lake"].items() if "pod_usage" in k)
        shown = harness.must("inspect", folder / "in" / pods.removeprefix("in/")).stdout.decode()
        groups, columns = shown.count("row group "), 14
        for memory, words in (("16MiB", ()), ("16MiB", ("--start", "2025-10-01", "--end", "2025-10-01")), ("12MiB", ())):
            s3.log.clear()
            words = ("--threads", "1", "--memory", memory, *words)
            must(s3.environment(), "aggregate", "s3://lake/in", *words, "--to", folder / "far.csv", "--stats", folder / "s.json")
            harness.must("aggregate", folder / "in", *words, "--to", folder / "near.csv")
            assert (folder / "far.csv").read_bytes() == (folder / "near.csv").read_bytes()
            assert s3_case.figure(folder / "s.json") == len(s3.log)
            asked = spans(s3.log, pods)
            assert size > (int(memory.removesuffix("MiB")) << 20) // 4, "the row group was to be too large"
            assert 2 + 2 * groups < len(asked) <= 2 + columns * groups, (groups, asked)
            assert sum(end + 1 - begin for begin, end in asked) < size * 1.1, ("bytes were fetched twice", asked)


def works_with_little_memory():
    """What is held gives way, is fetched again before it is needed, and no run fails for want of it."""
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "small", "--hours", "744", "--scale-factor", "12", "--format", "parquet",
                     "--to", folder / "in", "-q")
        fill(s3, "s3://lake/in", folder / "in")
        must(s3.environment(), "aggregate", "s3://lake/in", "--memory", "24MiB", "--to", folder / "far.csv")
        once = len(s3.log)
        assert once <= len(s3.buckets["lake"]) + 2, "small objects are kept from the plan to the reader"
        s3.log.clear()
        s3.delay = 0.01
        words = ("--memory", "12MiB", "--threads", "1")
        must(s3.environment(), "aggregate", "s3://lake/in", *words, "--to", folder / "far.csv")
        harness.must("aggregate", folder / "in", *words, "--to", folder / "near.csv")
        assert (folder / "far.csv").read_bytes() == (folder / "near.csv").read_bytes()
        assert s3.again_most > 1, "one reader, and still several objects are on their way"
        assert once < len(s3.log) < 2 * once - 30, "the first ones of those that do not fit together are kept"
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "250k", "--format", "parquet", "--to", folder / "in", "-q")
        fill(s3, "s3://lake/in", folder / "in")
        for memory in ("24MiB", "64MiB"):
            must(s3.environment(), "aggregate", "s3://lake/in", "--memory", memory, "--to", folder / "far.csv")
            harness.must("aggregate", folder / "in", "--memory", memory, "--to", folder / "near.csv")
            assert (folder / "far.csv").read_bytes() == (folder / "near.csv").read_bytes(), memory


def sends_large_objects_in_parts():
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "250k", "--format", "parquet", "--to", folder / "in", "-q")
        s3.buckets["out"] = {}
        must(s3.environment(), "aggregate", folder / "in", "--enabled-keys", "app,tier,env,node,pod", "--to", "s3://out/sum.csv",
             "--to", folder / "sum.csv")
        assert s3.get("s3://out/sum.csv") == (folder / "sum.csv").read_bytes()
        parts = [p for m, p, h in s3.log if m == "PUT" and "partNumber" in p]
        assert len(parts) == -(-len(s3.get("s3://out/sum.csv")) // (5 << 20)) > 1, parts
        assert not s3.uploads


def notices_what_is_replaced():
    from fault_proxy import Plan, Proxy, ranged
    with harness.Folder() as folder:
        s3_case.parquet_cluster(folder / "in")
        out = folder / "out.csv"
        for at in range(4):  # in the plan, while the objects are read first
            with Fake() as s3:
                fill(s3, "s3://lake/in", folder / "in")
                key = sorted(s3.buckets["lake"])[at]
                plan = Plan("act", 0, fits=ranged, act=lambda: s3.put(f"s3://lake/{key}", b"another"))
                with Proxy(s3.port, plan) as proxy:
                    env = s3.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}")
                    got = s3_case.run(env, "aggregate", "s3://lake/in", *KEYS, "--to", out)
                    assert plan.struck == 1
                    said = got.stderr.decode()
                    # the object may have been fetched whole before
                    if got.returncode == 0:
                        assert out.read_bytes() == s3_case.local_summary()
                        out.unlink()
                    else:
                        assert "was replaced while it was read" in said and not out.exists(), said


def notices_what_is_replaced_between_two_ranges():
    from fault_proxy import Plan, Proxy, ranged
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "100k", "--format", "parquet", "--to", folder / "in", "-q")
        pods = next((folder / "in").glob("pod_usage*"))
        for what, say in (("put", "was replaced while it was read"), ("pop", "was deleted while it was read")):
            s3.put("s3://lake/pods.parquet", pods.read_bytes())
            act = (lambda: s3.put("s3://lake/pods.parquet", pods.read_bytes() + b"x")) if what == "put" else (
                lambda: s3.buckets["lake"].pop("pods.parquet"))
            with Proxy(s3.port, Plan("act", 2, fits=ranged, act=act)) as proxy:
                env = s3.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}")
                refused(env, say, "aggregate", "s3://lake/pods.parquet", "--to", folder / "a.csv")
                assert not (folder / "a.csv").exists()


def ends_when_it_is_told():
    """A server that takes a request and says nothing holds nobody up who wants to end."""
    with socket.create_server(("127.0.0.1", 0)) as silent, harness.Folder() as folder:
        silent.settimeout(60)
        env = {**plain(), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "SHUKEI_S3_STALL_SECONDS": "3600",
               "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        for words in (("aggregate", "s3://lake/in", "--to", folder / "x.csv"), ("aggregate", CLUSTER, "--to", "s3://lake/days/"),
                      ("aggregate", CLUSTER, "--to", "s3://lake/x.parquet"), ("convert", CLUSTER, "--to", "s3://lake/out"),
                      ("generate", "20k", "--to", "s3://lake/made"), ("cat", "s3://lake/x.parquet"), ("inspect", "s3://lake/x.parquet"),
                      ("validate", CLUSTER, "--against", "s3://lake/days/")):
            child = subprocess.Popen([harness.PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     env={**harness.environment(), **env}, cwd=folder)
            connection = silent.accept()[0]
            connection.recv(1)
            child.send_signal(signal.SIGTERM)
            said = child.communicate(timeout=60)[1].decode()
            connection.close()
            assert child.returncode == -signal.SIGTERM, (words, child.returncode, said)
        assert not list(folder.iterdir()), list(folder.iterdir())


def says_what_is_not_there():
    with Fake() as s3:
        fill(s3, "s3://lake/in")
        env = s3.environment()
        refused(env, "no object has this key, and none lies below it", "aggregate", "s3://lake/on", "--to", "-")
        refused(env, "NoSuchBucket", "aggregate", "s3://pond/in", "--to", "-")
        refused(env, "no such object", "cat", "s3://lake/in/a.parquet")
        refused(env, "no such object", "inspect", "s3://lake/in/a.parquet")
        refused(env, "names no bucket", "aggregate", "s3:///in", "--to", "-")
        refused(env, "names no bucket", "aggregate", "s3://la ke/in", "--to", "-")
        refused(env, "is a bucket, not an object", "cat", "s3://lake")
        s3.put("s3://lake/empty.parquet", b"")
        refused(env, "0 bytes", "cat", "s3://lake/empty.parquet")


if __name__ == "__main__":
    harness.main([(case.__name__, case) for case in (
        converts_and_reads_back, reads_csv_too, writes_sinks, refuses_sinks, failed_runs_leave_nothing,
        lists_page_by_page, takes_a_place_as_a_folder_takes_it, takes_keys_of_all_characters, makes_few_requests, streams_what_does_not_fit,
        works_with_little_memory,
        sends_large_objects_in_parts, notices_what_is_replaced, notices_what_is_replaced_between_two_ranges,
        ends_when_it_is_told, says_what_is_not_there)])
