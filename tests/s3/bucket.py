#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What else lies in buckets: datasets, made-up reports, payloads, stored Parquet with metadata, Parquet to compare; what killed runs left there,
and whose turn it is."""
import signal
import subprocess
import threading
import time
import urllib.parse

import s3_case
from s3_case import CLUSTER, Fake, KEYS, fill, harness, must, refused

DAYS = ("--start", "2025-10-01", "--end", "2025-10-31")
PLAIN = ("aggregate", CLUSTER, *KEYS, *DAYS, "--source", "mine")
LOCK = "set/.summary.mine.parquet.lock"
DAY = "set/year=2025/month=10/day=0{}/summary.mine.parquet".format
ELSEWHERE = "00000000deadbeef-1-2 0000000000000000 0\n"  # the mark of a process of another machine
HOURS_6 = 6 * 3600


def bodies(s3, bucket):
    return {k: o.body for k, o in s3.buckets[bucket].items()}


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# ---- datasets ------------------------------------------------------------------------------------


def makes_datasets():
    """The same objects as files, few requests, nothing else left; a day that has no rows any more goes last."""
    with Fake() as s3, harness.Folder() as folder:
        s3.buckets["out"] = {}
        harness.must(*PLAIN, "--to", f"{folder}/set/")
        for _ in range(2):
            s3.put(f"s3://out/{DAY(9)}", b"of another time")
            s3.put("s3://out/set/year=2025/month=10/day=09/summary.other.parquet", b"of another source")
            s3.log.clear()
            must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
            asked = [(method, urllib.parse.unquote(path.split("?")[0]).removeprefix("/out/")) for method, path, _ in s3.log]
            sign = asked[2][1]
            assert ".shukei-run-" in sign, asked
            assert asked == [("PUT", LOCK), ("GET", "/out"), ("POST", sign), ("DELETE", LOCK), ("PUT", LOCK), ("GET", "/out"),
                             ("PUT", DAY(1)), ("PUT", DAY(2)), ("DELETE", DAY(9)), ("DELETE", LOCK), ("DELETE", sign)], asked
            other = s3.buckets["out"].pop("set/year=2025/month=10/day=09/summary.other.parquet")
            assert other.body == b"of another source"
            assert bodies(s3, "out") == files(folder) and not s3.uploads


def keeps_the_lock_for_the_ledger():
    """The days and what tells of them change together: nobody else's turn comes in between."""
    with Fake() as s3:
        s3.buckets["out"] = {}
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/", "--changed")
        asked = [(method, urllib.parse.unquote(path.split("?")[0]).removeprefix("/out/")) for method, path, _ in s3.log]
        mine = [one for one in asked if one[1] in (LOCK, DAY(1), DAY(2), "set.mine.shukei-ledger.db") and one[0] in ("PUT", "DELETE")]
        assert mine[-5:] == [("PUT", LOCK), ("PUT", DAY(1)), ("PUT", DAY(2)), ("PUT", "set.mine.shukei-ledger.db"),
                             ("DELETE", LOCK)], mine


def sends_days_that_cannot_wait():
    """With little memory, days are sent before the first of them is replaced."""
    with Fake() as s3, harness.Folder() as folder:
        harness.must("generate", "small", "--hours", "192", "--scale-factor", "100", "--format", "parquet", "--to",
                     folder / "in", "-q")
        s3.buckets["out"] = {}
        words = ("aggregate", folder / "in", "--enabled-keys", "app,tier,env,node,pod", "--memory", "16MiB", "--threads", "1")
        harness.must(*words, "--to", f"{folder}/out/set/")
        must(s3.environment(), *words, "--to", "s3://out/set/")
        assert bodies(s3, "out") == files(folder / "out") and not s3.uploads
        asked = [(method, path) for method, path, _ in s3.log if "day%3D" in path]
        parts = [i for i, (method, path) in enumerate(asked) if method == "PUT" and "partNumber" in path]
        shown = [i for i, (method, path) in enumerate(asked) if (method, "partNumber" in path) == ("PUT", False)
                 or (method == "POST" and "uploadId" in path)]
        assert len(shown) == 8 and 0 < len(parts) < 8, asked
        assert max(parts) < min(shown), "a day was replaced before all were sent"


def failed_runs_change_nothing():
    with Fake() as s3, harness.Folder() as folder:
        s3.put(f"s3://out/{DAY(1)}", b"old")
        for path in CLUSTER.iterdir():
            (folder / path.name).write_text(path.read_text().replace("2025-10-02 03:00:00", "2025-10-02 99:00:00"))
        refused(s3.environment(), "", "aggregate", folder, *PLAIN[2:], "--to", "s3://out/set/")
        assert bodies(s3, "out") == {DAY(1): b"old"} and not s3.uploads
        refused(s3.environment(), "NoSuchBucket", *PLAIN, "--to", "s3://none/set/")
        refused(s3.environment(), "s3://BUCKET/FOLDER/", *PLAIN, "--to", "s3://out/set")


# ---- what killed runs left -----------------------------------------------------------------------


def left(s3, name, key, age=0, bucket="out"):
    s3.uploads[name] = (bucket, key, {}, {1: b"x"}, None if age is None else time.time() - age)


def gone():
    """The mark of a process that is gone, as its sign had it."""
    with Fake() as s3:
        s3.buckets["out"] = {}
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
        return next(p.split("?")[0].removeprefix("/out/") for m, p, _ in s3.log if ".shukei-run-" in p)


def clears_what_killed_runs_left():
    """Uploads of our keys and signs of the dead go; those of other keys, and of other sources, stay."""
    sign = gone()
    with Fake() as s3:
        s3.buckets["out"], s3.buckets["in"] = {}, {}
        s3.page = 2  # the list comes in pages
        left(s3, "sign", sign, 5)
        ours = [DAY(1), DAY(7), "set.mine.shukei-ledger.db", "a.csv"]
        for i, key in enumerate(ours):
            left(s3, f"ours-{i}", key, 4)
        theirs = [DAY(1).replace("mine", "other"), "set/year=2025/notes.bin", "summary.mine.parquet", "other.csv", "a.csv.gz",
                  "elsewhere/" + DAY(1), "set.other.shukei-ledger.db"]
        for i, key in enumerate(theirs):
            left(s3, f"theirs-{i}", key, 4)
        left(s3, "far", "a.csv", 4, "in")
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/", "--changed")
        must(s3.environment(), *PLAIN, "--to", "s3://out/a.csv")
        assert sorted(s3.uploads) == ["far"] + [f"theirs-{i}" for i in range(len(theirs))], sorted(s3.uploads)


def gives_up_on_long_lists():
    """A list of ten pages is read to its end, and used; of a longer one nothing is."""
    for count, stay in (10, 0), (11, 11):
        with Fake() as s3:
            s3.buckets["out"], s3.page = {}, 1
            for i in range(count):
                left(s3, f"ours-{i:02}", DAY(1), 10)
            must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
            assert len(s3.uploads) == stay and len(s3.buckets["out"]) == 2, sorted(s3.uploads)


def leaves_runs_alone_that_go_on():
    """A sign of another machine accounts for uploads that are younger, for six hours."""
    with Fake() as s3:
        s3.buckets["out"] = {}
        sign = "set/.shukei-run-" + ELSEWHERE.split()[0]
        left(s3, "sign", sign, 100)
        left(s3, "before", DAY(1), 200)
        left(s3, "since", DAY(1), 50)
        left(s3, "somewhen", DAY(1), None)
        left(s3, "younger", "set/.shukei-run-" + ELSEWHERE.split()[0], 20)  # the first of those that go on counts
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
        assert sorted(s3.uploads) == ["sign", "since", "somewhen", "younger"], sorted(s3.uploads)
        s3.uploads = {}
        left(s3, "sign", sign, HOURS_6 + 60)
        left(s3, "since", DAY(1), HOURS_6 + 30)
        s3.skew = 4000  # the server's clock counts
        left(s3, "young", "set/.shukei-run-" + ELSEWHERE.split()[0], HOURS_6 - 60)
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
        assert sorted(s3.uploads) == ["young"], sorted(s3.uploads)


def needs_no_list_of_uploads():
    """Where the keys may not list uploads, nothing is cleared and all else is done."""
    from fault_proxy import Plan, Proxy
    with Fake() as s3:
        s3.buckets["out"] = {}
        left(s3, "ours", DAY(1), 10)
        plan = Plan("denied", 0, 1 << 30, fits=lambda method, path, _: method == "GET" and "uploads=" in path)
        with Proxy(s3.port, plan) as proxy:
            must(s3.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}"), *PLAIN, "--to", "s3://out/set/")
        assert plan.struck == 1 and sorted(s3.uploads) == ["ours"] and len(s3.buckets["out"]) == 2
    for answer in (501, b"<Error><Code>NotImplemented</Code></Error>"), (200, b"<ListMultipartUploadsResult><Upload>"), (200, b""):
        with Fake() as s3:
            s3.buckets["out"], s3.uploads_answer = {}, answer
            left(s3, "ours", DAY(1), 10)
            must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
            assert sorted(s3.uploads) == ["ours"] and len(s3.buckets["out"]) == 2, answer


# ---- whose turn it is ----------------------------------------------------------------------------


def taken(s3, text, age=0):
    s3.put(f"s3://out/{LOCK}", text.encode())
    s3.buckets["out"][LOCK].modified -= age


def takes_turns():
    mark = gone().split(".shukei-run-")[1]
    for text, age in ((f"{mark} 0000000000000000 0\n", 0), (ELSEWHERE, 301), ("", 301)):
        with Fake() as s3:
            taken(s3, text, age)
            must(s3.environment(), *PLAIN, "--to", "s3://out/set/", timeout=20)
            assert sorted(s3.buckets["out"]) == [DAY(1), DAY(2)], sorted(s3.buckets["out"])
    with Fake() as s3:
        s3.buckets["out"], s3.conflicts = {}, 2  # somebody tries it at the same moment, and does not get it
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/", timeout=20)
        assert sorted(s3.buckets["out"]) == [DAY(1), DAY(2)] and not s3.conflicts
    with Fake() as s3:
        taken(s3, ELSEWHERE, 250)

        def give_back():
            while not any(m == "GET" and LOCK in p for m, p, _ in s3.log):
                time.sleep(0.01)
            assert sorted(s3.buckets["out"]) == [LOCK], "did not wait"
            s3.buckets["out"].pop(LOCK)

        other = threading.Thread(target=give_back)
        other.start()
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/", timeout=20)
        other.join()
        assert sorted(s3.buckets["out"]) == [DAY(1), DAY(2)], sorted(s3.buckets["out"])


def waits_in_sight():
    """A run that waits for another one's lock says so, once, and ends by a signal, with nothing changed."""
    with Fake() as s3:
        s3.put(f"s3://out/{DAY(1)}", b"old")
        taken(s3, ELSEWHERE)
        run = subprocess.Popen([harness.PROGRAM, *map(str, PLAIN), "--to", "s3://out/set/"], stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, env={**harness.environment(), **s3.environment()})
        said = run.stderr.readline()
        while b"waits for" not in said and said:
            said = run.stderr.readline()
        assert f"s3://out/{LOCK}: waits for another run's lock".encode() in said, said
        asked = len(s3.log)
        while len(s3.log) < asked + 4:  # it goes on waiting
            time.sleep(0.01)
        run.send_signal(signal.SIGTERM)
        rest = run.communicate(timeout=10)[1]
        assert run.returncode == -signal.SIGTERM and b"waits" not in rest, (run.returncode, rest)
        assert sorted(s3.buckets["out"]) == [LOCK, DAY(1)] and s3.get(f"s3://out/{DAY(1)}") == b"old" and not s3.uploads


def does_without_conditions():
    with Fake() as s3:
        s3.buckets["out"] = {}
        s3.conditions = False
        must(s3.environment(), *PLAIN, "--to", "s3://out/set/")
        assert sorted(s3.buckets["out"]) == [DAY(1), DAY(2)] and "NotImplemented" in s3.errors


# ---- reports -------------------------------------------------------------------------------------


def makes_up_reports():
    """The bytes of a local folder, the description last; another dataset's are not written over."""
    size = ("20k", "--pods", "8", "--nodes", "2", "--hours", "48", "-q")
    for kind in ((), ("--format", "csv.gz"), ("--format", "parquet", "--layout", "koku"), ("--payload",), ("--files", "daily")):
        with Fake() as s3, harness.Folder() as folder:
            s3.buckets["made"] = {}
            env = s3.environment()
            harness.must("generate", *size, *kind, "--to", folder / "in")
            for place in ("s3://made/in", "s3://made/in/"):
                s3.log.clear()
                must(env, "generate", *size, *kind, "--to", place)
                assert bodies(s3, "made") == {f"in/{k}": b for k, b in files(folder / "in").items()}, kind
                last = [p for m, p, _ in s3.log if m != "DELETE"][-1]
                assert last.split("?")[0] == "/made/in/shukei-dataset.json" and not s3.uploads, last
            refused(env, "holds another dataset", "generate", *size, *kind, "--seed", "7", "--to", "s3://made/in")
            must(env, "generate", *size, *kind, "--seed", "7", "--force", "--to", "s3://made/in")
            harness.must("generate", *size, *kind, "--seed", "7", "--to", folder / "other")
            assert bodies(s3, "made") == {f"in/{k}": b for k, b in files(folder / "other").items()}, kind


def keeps_reports_that_are_there():
    """--reuse: with one list, unless an object lacks, has another size or belongs to another dataset."""
    words = ("generate", "20k", "--pods", "8", "--nodes", "2", "--hours", "48", "-q", "--reuse", "--to")
    for place in ("s3://made/in", "s3://made/in/"):
        with Fake() as s3:
            s3.buckets["made"] = {}
            env = s3.environment()
            must(env, *words, place)
            made = dict(s3.buckets["made"])
            s3.log.clear()
            must(env, *words, place)
            assert s3.buckets["made"] == made, "the objects were written again"
            assert all(method == "GET" for method, _, _ in s3.log) and len(s3.log) <= 3, s3.log
            key = next(k for k in made if k.endswith(".csv"))
            for spoil in (lambda: s3.buckets["made"].pop(key), lambda: s3.put(f"s3://made/{key}", made[key].body[:-1])):
                spoil()
                must(env, *words, place)
                assert s3.get(f"s3://made/{key}") == made[key].body, "the object is still spoilt"


def gives_up_making_reports():
    """What was written goes where a run fails."""
    from fault_proxy import Plan, Proxy
    with Fake() as s3:
        s3.buckets["made"] = {}
        plan = Plan("503", 0, 1 << 30, fits=lambda method, path, _: method == "PUT" and "storage-usage" in path)
        with Proxy(s3.port, plan) as proxy:
            env = s3.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}", AWS_MAX_ATTEMPTS="2")
            refused(env, "storage-usage", "generate", "20k", "--pods", "8", "--hours", "24", "-q", "--to", "s3://made/in")
        assert plan.struck and not s3.buckets["made"] and not s3.uploads, sorted(s3.buckets["made"])


def reads_payloads():
    with Fake() as s3, harness.Folder() as folder:
        for name, more in (("1", ("--cluster-id", "one")), ("2", ("--cluster-id", "one", "--seed", "2"))):
            harness.must("generate", "20k", "--pods", "20", "--hours", "24", "--payload", *more, "--to", folder / "in" / name, "-q")
        for path in (folder / "in").rglob("*.json"):
            path.unlink()
        fill(s3, "s3://lake/in", folder / "in")
        env = s3.environment()
        for words in (("aggregate", "{}", "--to", "-"), ("aggregate", "{}", "--to", "-", "--memory", "24MiB", "--threads", "3")):
            near = harness.must(*(w.format(folder / "in") for w in words)).stdout
            got = must(env, *(w.format("s3://lake/in") for w in words))
            assert got.stdout == near and len(near) > 1000 and b"superseded" in got.stderr
        s3.buckets["out"] = {}
        must(env, "convert", "s3://lake/in", "--to", "s3://out/", "--layout", "koku", "--org", "1", "--source", "s", "-q")
        harness.must("convert", folder / "in", "--to", folder / "out", "--layout", "koku", "--org", "1", "--source", "s", "-q")
        assert bodies(s3, "out") == files(folder / "out")
        for key in list(s3.buckets["lake"]):
            s3.put(f"s3://lake/{key}", s3.get(f"s3://lake/{key}")[:-40])
        refused(env, "s3://lake/in/", "aggregate", "s3://lake/in", "--to", folder / "never.csv")
        assert not (folder / "never.csv").exists()


def compares_objects():
    """inspect --diff of two objects, or an object and a file."""
    with Fake() as s3, harness.Folder() as folder:
        for codec in ("zstd", "snappy"):
            harness.must("convert", CLUSTER, "--to", folder / codec, "--codec", codec, "-q")
        near = sorted((folder / "zstd").rglob("*pod*.parquet"))[0]
        twin = folder / "snappy" / near.relative_to(folder / "zstd")
        s3.put("s3://lake/a.parquet", near.read_bytes())
        s3.put("s3://lake/b.parquet", twin.read_bytes())
        for pair in (("s3://lake/a.parquet", "s3://lake/b.parquet"), (near, "s3://lake/b.parquet"), ("s3://lake/a.parquet", twin)):
            got = must(s3.environment(), "inspect", "--diff", *pair).stdout.decode()
            assert "codec: ZSTD | SNAPPY" in got and "rows are equal, what differs is how they are kept" in got, got
        refused(s3.environment(), "s3://lake/c.parquet", "inspect", "--diff", near, "s3://lake/c.parquet")


def believes_metadata():
    """The id with the most hours, as the objects' metadata has it; without it, as the rows have it."""
    name = "data/parquet/o/OCP/pod_usage/source=s/year=2025/month=10/pod_usage.2025-10-01.{}.0_0.parquet".format
    with Fake() as s3, harness.Folder() as folder:
        rows = {}
        for one, hours in (("7", 6), ("12", 5)):
            harness.must("generate", "20k", "--pods", "4", "--hours", hours, "--seed", one, "--start", "2025-10-01", "--format",
                         "parquet", "--to", folder / one, "-q")
            path = next((folder / one).glob("pod_usage*.parquet"))
            s3.put(f"s3://lake/{name(one)}", path.read_bytes())
            rows[one] = harness.must("aggregate", path, "--source", "s", "--to", "-").stdout
        env, words = s3.environment(), ("aggregate", "s3://lake/data", "--to", "-")
        for told, wins in (((None, None), "7"), (("5", "6"), "12"), (("6", "5"), "7"), (("6", "6"), "12"), ((None, "7"), "12"),
                           ((None, "4"), "7"), (("x", "-6"), "7"), (("1" * 70, "06"), "12")):
            for one, text in zip(("7", "12"), told):
                s3.buckets["lake"][name(one)].meta = {"x-amz-meta-ReportNumHours": text} if text else {}
            got = must(env, *words)
            assert got.stdout == rows[wins], f"{told}: {wins} was to count"
            assert b"1 file left out" in got.stderr
        two = name("12").replace(".0_0.", ".0_1.")  # what any file of an id says
        s3.put(f"s3://lake/{two}", s3.get(f"s3://lake/{name('12')}"))
        for file, text in ((name("7"), "6"), (name("12"), "5"), (two, "7")):
            s3.buckets["lake"][file].meta = {"x-amz-meta-ReportNumHours": text}
        got = must(env, *words)
        assert b"1 file left out" in got.stderr and name("7").encode() in got.stderr, got.stderr.decode()


if __name__ == "__main__":
    harness.main([(case.__name__, case) for case in (
        makes_datasets, keeps_the_lock_for_the_ledger, sends_days_that_cannot_wait, failed_runs_change_nothing,
        clears_what_killed_runs_left, gives_up_on_long_lists, leaves_runs_alone_that_go_on, needs_no_list_of_uploads, takes_turns,
        waits_in_sight, does_without_conditions, makes_up_reports, keeps_reports_that_are_there, gives_up_making_reports, reads_payloads,
        compares_objects, believes_metadata)])
