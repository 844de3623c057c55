#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults between the program and PostgreSQL, and two runs at once.

usage: pg_faults.py links|server|locks|clusters|changed

The last two cut connections of runs over payloads of two clusters, and of --changed, both with the staging table.

After each fault the table has exactly the rows of the run, or the run has failed and the old ones are there.

Environment: SHUKEI_FAULTS, how many places a connection is cut at, of each kind (12).
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_proxy import Proxy
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, aggregate, exact, fresh, stay, table

COUNT = int(os.environ.get("SHUKEI_FAULTS", "12"))
KEYS = ("app,tier", "app,env")  # two settings, whose rows differ
THIRD = "99999999-1111-4222-8333-444444444444"


class Data:
    """A dataset, and what its summary is with either setting."""

    def __init__(self, server, folder):
        self.server, self.source, self.folder = server, folder / "reports", folder
        must("generate", "20k", "--to", self.source, "--quiet")
        self.files = []
        for number, keys in enumerate(KEYS):
            self.files.append(folder / f"{number}.csv")
            must("aggregate", self.source, *self.words(keys), "--quiet", "--to", self.files[-1])
        self.bytes = 0

    def words(self, keys, source=SOURCE):
        return ("--source", source, "--enabled-keys", keys)

    def start(self):
        """The rows of the first setting, and one of somebody else."""
        texts = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}
        fresh(self.server, table(COLUMNS, partitioned=True), table(texts, STAGING, partitioned=True))
        stats = self.folder / "stats.json"
        self.write(0, more=("--stats", stats))
        self.bytes = json.loads(stats.read_text())["bytes_written"]
        stay(self.server, source=OTHER)

    def write(self, number, more=(), **options):
        return aggregate(self.server, self.source, *self.words(KEYS[number]), *more, **options)

    def has(self, number):
        """The table has exactly the rows of that setting, and the other's."""
        exact(self.server, self.files[number], source=SOURCE)
        assert self.server.sql(f"SELECT count(*) FROM {SCHEMA}.{TABLE} WHERE source_uuid = '{OTHER}'") == "1", \
            "somebody else's row is gone"

    def command(self, number, source=SOURCE, name=None):
        return [harness.PROGRAM, "aggregate", str(self.source), *self.words(KEYS[number], source), "--to",
                name or self.server.name(), "--schema", SCHEMA, "--quiet"]

    def spawn(self, number, **options):
        return subprocess.Popen(self.command(number, **options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=harness.environment())


class Clusters(Data):
    """Payloads of two clusters in one run, with the staging table."""

    SOURCES = {"one": SOURCE, "two": THIRD}

    def __init__(self, server, folder):
        self.server, self.source, self.folder, self.bytes = server, folder / "payloads", folder, 0
        for number, cluster in enumerate(self.SOURCES):
            must("generate", "20k", "--pods", 100, "--nodes", 3, "--namespaces", 5, "--hours", 30, "--seed", number + 1, "--to",
                 self.source / cluster, "--payload", "--cluster-id", cluster, "--quiet")
        (folder / "config.json").write_text(json.dumps({"clusters": [
            {"cluster_id": c, "source": s} for c, s in reversed(self.SOURCES.items())]}))
        for number, keys in enumerate(KEYS):
            for cluster, source in self.SOURCES.items():
                must("aggregate", self.source, "--source", source, *self.words(keys)[:-1], "--quiet", "--to",
                     folder / f"{number}-{cluster}.csv")

    def words(self, keys, source=None):
        return ("--config", self.folder / "config.json", "--enabled-keys", keys, "--staging")

    def has(self, number):
        for cluster, source in self.SOURCES.items():
            for name in (TABLE, STAGING):
                exact(self.server, self.folder / f"{number}-{cluster}.csv", name, source)
        assert self.server.sql(f"SELECT count(*) FROM {SCHEMA}.{TABLE} WHERE source_uuid = '{OTHER}'") == "1"


class Changed(Data):
    """--changed, with the staging table: its ledger and the rows are of the same run."""

    def __init__(self, server, folder):
        self.more = ()
        super().__init__(server, folder)
        for path in self.source.rglob("*.csv"):  # not so young that they might change again without another time
            os.utime(path, ns=(10**18, 10**18))
        self.more = ("--staging", "--changed")

    def words(self, keys, source=SOURCE):
        return (*super().words(keys, source), *self.more)

    def has(self, number):
        super().has(number)
        exact(self.server, self.files[number], STAGING, SOURCE)
        self.write(number, more=("--stats", self.folder / "again.json"))
        again = json.loads((self.folder / "again.json").read_text())
        assert again["days_made"] == 0 and again["days_kept"] > 0, f"{again['days_made']} days were not known"


def cuts(data, proxy):
    """The connection is cut at every kind of place, also on the second and third try."""
    dice = random.Random(11)
    size = data.bytes // 2  # the other setting has fewer
    turn = 0
    for kind in ("copy", "before", "after"):
        for _ in range(COUNT):
            place = ("copy", dice.randrange(size)) if kind == "copy" else (kind,)
            first = [("copy", dice.randrange(size))] * dice.choice([0, 0, 1, 2])
            turn += 1
            proxy.set(*first, place)
            got = data.write(turn % 2, name=proxy.name())
            hits = proxy.set()
            assert hits == len(first) + 1, f"{kind}: {hits} places reached"
            data.has(turn % 2)
            assert b"trying again" not in got.stderr, "quiet runs say nothing"


def retries_are_told(data, proxy):
    proxy.set(("before",))
    got = must("aggregate", data.source, *data.words(KEYS[0]), "--to", proxy.name(), "--schema", SCHEMA)
    assert b"could not commit" in got.stderr and b"trying again" in got.stderr, got.stderr.decode()


def restarts(data, proxy):
    """The server restarts, or crashes, in the middle of the rows and at COMMIT."""
    def restart(how):
        data.server.stop(how)
        data.server.start()

    turn = 0
    for how in (signal.SIGINT, signal.SIGQUIT):
        for place in (("copy", 1000), ("copy", data.bytes // 2), ("before",), ("after",)):
            turn += 1
            proxy.set((*place, lambda: restart(how)))
            data.write(turn % 2, name=proxy.name())
            assert proxy.set() == 1
            data.has(turn % 2)


def backend_ended(data, _):
    """pg_terminate_backend while a run waits for the lock of its source."""
    blocker = hold_lock(data.server)
    run = data.spawn(1)
    waits(data.server, 1)
    data.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shukei'")
    waits(data.server, 1)
    release(blocker)
    finish(run)
    data.has(1)


def gone_for_good(data, proxy):
    """Without a server the run fails after its tries; with the doubt of a COMMIT it says so."""
    gone = [("copy", 1000, None), ("after",)]
    runs = []
    for place in gone:
        with_proxy = Proxy(data.server)
        with_proxy.__enter__()
        with_proxy.set(place)
        runs.append((with_proxy, data.spawn(1, name=with_proxy.name())))
        for _ in range(3000):
            if with_proxy.hits:
                break
            time.sleep(0.01)
        assert with_proxy.hits == 1, "the place was not reached"
        with_proxy.listener.close()
        os.unlink(os.path.join(with_proxy.folder.name, ".s.PGSQL.5432"))
    (_, failed), (_, doubtful) = runs
    text = failed.communicate(timeout=300)[1].decode()
    assert failed.returncode == 1, f"exit {failed.returncode}: {text}"
    assert "could not connect" in text and "not known" not in text, text
    text = doubtful.communicate(timeout=300)[1].decode()
    assert doubtful.returncode == 1, f"exit {doubtful.returncode}: {text}"
    assert "whether its rows were written is not known" in text, text
    data.has(1)  # they were
    for one, _ in runs:
        one.__exit__()


# ---- locks and triggers ---------------------------------------------------------------------

def lock_of(source):
    return f"pg_advisory_xact_lock(hashtextextended('shukei rows of {SCHEMA} {source}', 0))"


def hold_lock(server, source=SOURCE):
    session = server.session()
    session.stdin.write(f"BEGIN; SELECT 'held' FROM (SELECT {lock_of(source)}) AS a;\n")
    session.stdin.flush()
    assert session.stdout.readline().strip() == "held"
    return session


def release(session):
    session.stdin.write("COMMIT;\n")
    session.stdin.close()
    session.wait()


def waits(server, count):
    server.wait_for(f"count(*) = {count} FROM pg_stat_activity WHERE application_name = 'shukei' AND "
                    "wait_event_type = 'Lock'", f"{count} runs wait for a lock")


def finish(*runs):
    for run in runs:
        text = run.communicate(timeout=300)[1].decode()
        assert run.returncode == 0, text


def same_source(data, _):
    """Two runs of a source come one after the other; one of another source does not wait for them."""
    blocker = hold_lock(data.server)
    runs = [data.spawn(0), data.spawn(1)]
    waits(data.server, 2)
    data.server.sql("SELECT 1")
    aggregate(data.server, data.source, *data.words(KEYS[0], THIRD))
    assert all(run.poll() is None for run in runs), "a run did not wait"
    release(blocker)
    finish(*runs)
    found = []
    for number in (0, 1):
        try:
            data.has(number)
            found.append(number)
        except AssertionError:
            pass
    assert len(found) == 1, "the rows are of neither run, or of both"


def all_at_once(data, _):
    """Eight runs of eight sources make schema, tables and a partition at the same time."""
    data.server.sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    sources = [f"{n}0000000-0000-4000-8000-000000000000" for n in range(8)]
    runs = [subprocess.Popen([*data.command(0, source), "--create", "--staging"], stderr=subprocess.PIPE,
                             env=harness.environment()) for source in sources]
    finish(*runs)
    counts = data.server.sql(f"SELECT count(DISTINCT source_uuid), count(*) FROM {SCHEMA}.{TABLE}").split("|")
    rows = len(data.files[0].read_text().splitlines()) - 1
    assert counts == ["8", str(8 * rows)], counts


def stopped(data, _):
    """A signal ends a run that waits for the lock, and nothing stays behind."""
    blocker = hold_lock(data.server)
    run = data.spawn(1)
    waits(data.server, 1)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode == -signal.SIGINT, run.returncode
    data.server.wait_for("NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shukei')", "it is gone")
    release(blocker)
    data.has(0)


FAIL_TWICE = f"""
CREATE SEQUENCE {SCHEMA}.tries;
CREATE FUNCTION {SCHEMA}.fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('{SCHEMA}.tries') <= 2 THEN
    RAISE EXCEPTION 'by chance' USING ERRCODE = '%s';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER fail AFTER %s ON {SCHEMA}.{TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.fail();
"""


def failures_that_pass(data, _):
    """Serialization failures and deadlocks are tried again; other errors are not."""
    for state, when, passes in (("40001", "DELETE", True), ("40P01", "INSERT", True), ("23505", "INSERT", False)):
        data.start()
        data.server.sql(FAIL_TWICE % (state, when))
        if passes:
            data.write(1)
            data.has(1)
            continue
        got = harness.run(*data.command(1)[1:])
        assert got.returncode == 1 and b"by chance" in got.stderr, got.stderr.decode()
        data.has(0)


def failure_at_commit(data, _):
    """A constraint that is checked at COMMIT fails the run, and twice with 40001 does not."""
    for state, passes in (("40001", True), ("23514", False)):
        data.start()
        trigger = (FAIL_TWICE % (state, "INSERT")).replace("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER").replace(
            "FOR EACH STATEMENT", "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW")
        data.server.sql(trigger)
        got = harness.run(*data.command(1)[1:])
        assert (got.returncode == 0) == passes, got.stderr.decode()
        data.has(1 if passes else 0)


def a_real_deadlock(data, _):
    """We hold a row that another session wants, and want one that it holds."""
    server = data.server
    data.start()
    server.sql("ALTER ROLE postgres SET deadlock_timeout = '2s'")
    last = server.sql(f"SELECT max(uuid::text) FROM {SCHEMA}.{TABLE} WHERE source_uuid = '{SOURCE}'")
    other = server.session()
    touch = f"UPDATE {SCHEMA}.{TABLE} SET cluster_id = 'x' WHERE source_uuid = '{SOURCE}'"
    other.stdin.write(f"SET deadlock_timeout = '1h'; BEGIN; {touch} AND uuid = '{last}'; SELECT 'held';\n")
    other.stdin.flush()
    assert other.stdout.readline().strip() == "held"
    run = data.spawn(1)
    waits(server, 1)
    other.stdin.write(f"{touch};\nCOMMIT;\n")
    other.stdin.close()
    other.wait()
    finish(run)
    server.sql("ALTER ROLE postgres RESET deadlock_timeout")
    assert "deadlock detected" in (server.folder / "log").read_text(), "there was none"
    data.has(1)


def serializable(data, _):
    """A role whose transactions are serializable by default sees what the run before has committed, too: here with no
    older rows that both would delete, which would end one of them and so hide it."""
    server = data.server
    data.start()
    server.sql(f"DELETE FROM {SCHEMA}.{TABLE} WHERE source_uuid = '{SOURCE}'")
    server.sql("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'")
    blocker = hold_lock(server)
    runs = [data.spawn(1), data.spawn(1)]
    waits(server, 2)
    release(blocker)
    finish(*runs)
    server.sql("ALTER ROLE postgres RESET default_transaction_isolation")
    data.has(1)


CHECKS = {"links": (cuts, retries_are_told, gone_for_good), "clusters": (cuts,), "changed": (cuts,),
          "server": (restarts, backend_ended),
          "locks": (same_source, stopped, failures_that_pass, failure_at_commit, a_real_deadlock, serializable,
                    all_at_once)}


def main(what):
    with Server() as server, harness.Folder() as folder, Proxy(server) as proxy:
        data = {"clusters": Clusters, "changed": Changed}.get(what, Data)(server, folder)

        def prepared(check):
            data.start()
            check(data, proxy)

        harness.main([(check.__name__, lambda check=check: prepared(check)) for check in CHECKS[what]])


if __name__ == "__main__":
    main(sys.argv[1])
