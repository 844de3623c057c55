#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server, or what lies before it, that takes connections and then says nothing: at the start, among the rows, in COMMIT,
for a while or for good. By a Unix socket and by TCP.

usage: pg_stalls.py stalls|for_good
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from pg_faults import KEYS, Data, hold_lock, release, waits
from pg_proxy import Proxy
from pg_server import SCHEMA, Server
from pg_tables import COLUMNS, fresh, table

PATIENCE = 0.5  # seconds, as the name of the sink says
WORDS = f"tcp_user_timeout={int(PATIENCE * 1000)} connect_timeout=2"  # libpq takes no shorter one


class Check:
    def __init__(self, server, folder):
        self.server = server
        self.data = Data(server, folder)

    def each(self, check):
        """By both kinds of socket, with the rows of the first setting in the table."""
        for tcp in (False, True):
            self.data.start()
            with Proxy(self.server, tcp) as proxy:
                check(proxy, proxy.name(WORDS))

    def stall(self, *places):
        """A run of the other setting whose connection stalls at a place; returns what it says, and its seconds."""
        said = []

        def one(proxy, name):
            hold = threading.Event()
            proxy.set(*((*place, hold.wait) for place in places))
            begun = time.monotonic()
            got = harness.run(*[w for w in self.data.command(1, name=name)[1:] if w != "--quiet"], timeout=90)
            seconds = time.monotonic() - begun
            hold.set()
            assert got.returncode == 0, got.stderr.decode()
            assert proxy.set() == len(places), "the place was not reached"
            self.data.has(1)
            assert PATIENCE * len(places) < seconds < 30, f"{seconds:.1f} s"
            said.append(got.stderr.decode())
        self.each(one)
        return said

    def among_the_rows(self):
        """The rows are sent again; the process that waits for the rest of the first ones, and holds the lock, is ended."""
        for text in self.stall(("copy", 1000)) + self.stall(("copy", 1000), ("copy", self.data.bytes // 2)):
            assert "could not write its rows: nothing was heard for" in text and "trying again" in text, text

    def before_commit(self):
        """COMMIT does not arrive."""
        for text in self.stall(("before",)):
            assert "could not commit: nothing was heard for" in text, text

    def after_commit(self):
        """Its answer does not arrive; the rows are there, and that is seen."""
        for text in self.stall(("after",)):
            assert "could not commit: nothing was heard for" in text, text

    def at_the_start(self):
        """Nobody answers a connection: an error after connect_timeout, and nothing is read."""
        for family in (socket.AF_UNIX, socket.AF_INET):
            with socket.socket(family) as listener, harness.Folder() as folder:
                listener.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(folder / ".s.PGSQL.5432"))
                listener.listen(5)
                port = f"port={listener.getsockname()[1]} " if family == socket.AF_INET else ""
                name = self.server.name("127.0.0.1" if port else folder, more=port + WORDS)
                begun = time.monotonic()
                got = harness.run(*self.data.command(1, name=name)[1:], timeout=60)
                text, seconds = got.stderr.decode(), time.monotonic() - begun
                assert got.returncode == 1 and "could not connect" in text and "timeout expired" in text, text
                assert 1 < seconds < 15, f"{seconds:.1f} s"

    def before_the_rows(self):
        """Of the sink's first statements none arrives: an error, with the old rows there. Of those just before the rows one
        does not: they are sent by another connection."""
        settings = "\0SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        first = ("pg_attribute", "current_schema", settings, "pg_backend_pid")
        for text in first + ("pg_inherits", "BEGIN ISOLATION LEVEL READ COMMITTED", "pg_advisory_xact_lock"):
            def one(proxy, name):
                hold = threading.Event()
                proxy.ask(text, hold.wait)
                begun = time.monotonic()
                words = [w for w in self.data.command(1, name=name)[1:] if w != "--quiet"]
                if text == settings:
                    at = words.index("--enabled-keys")
                    del words[at:at + 2]
                got = harness.run(*words, timeout=60)
                seconds, said = time.monotonic() - begun, got.stderr.decode()
                hold.set()
                assert proxy.set() == 1, f"no statement has {text}"
                assert "nothing was heard for" in said and PATIENCE < seconds < 15, f"{text}: {seconds:.1f} s: {said}"
                assert got.returncode == (1 if text in first else 0), f"{text}: exit {got.returncode}: {said}"
                self.data.has(0 if text in first else 1)
            self.each(one)

    def behind_a_pooler(self):
        """Which process answers outside of a transaction is not known then: it is waited for."""
        self.data.start()
        with Proxy(self.server) as proxy:
            proxy.pooled = True
            hold = threading.Event()
            proxy.ask("pg_inherits", hold.wait)
            run = self.data.spawn(1, name=proxy.name(WORDS))
            for _ in range(1000):
                if proxy.hits:
                    break
                time.sleep(0.01)
            time.sleep(3 * PATIENCE)
            assert proxy.set() == 1 and run.poll() is None
            hold.set()
            assert run.communicate(timeout=60)[1] == b"" and run.returncode == 0
        self.data.has(1)

    def for_good(self):
        """Among the rows, and then nobody answers: an error after the tries, the old rows stay."""
        self.data.start()
        hold = threading.Event()
        with Proxy(self.server) as proxy:
            proxy.set(("copy", 1000, hold.wait))
            run = self.data.spawn(1, name=proxy.name(WORDS))
            path = os.path.join(proxy.folder.name, ".s.PGSQL.5432")
            self.server.wait_for("EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shukei' AND "
                                 "wait_event = 'ClientRead' AND query LIKE 'COPY%')", "the server waits for rows")
            os.unlink(path)
            with socket.socket(socket.AF_UNIX) as silent:
                silent.bind(path)
                silent.listen(50)
                text = run.communicate(timeout=150)[1].decode()
            hold.set()
        assert run.returncode == 1 and "could not connect" in text and "not known" not in text, text
        self.data.has(0)

    def long_work(self):
        """A server that says nothing because it waits for a lock, or is at work, is waited for."""
        self.data.start()
        blocker = hold_lock(self.server)
        run = self.data.spawn(1, name=self.server.name(more=WORDS))
        waits(self.server, 1)
        first = self.pid()
        time.sleep(3 * PATIENCE)
        assert run.poll() is None and self.pid() == first, "it did not wait"
        release(blocker)
        assert run.communicate(timeout=60)[1] == b"" and run.returncode == 0
        self.data.has(1)
        self.data.start()
        self.server.sql(f"CREATE FUNCTION {SCHEMA}.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
                        f"pg_sleep({3 * PATIENCE}); RETURN NULL; END $$; CREATE TRIGGER slow AFTER INSERT ON "
                        f"{SCHEMA}.{harness.TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.slow()")
        got = harness.run(*[w for w in self.data.command(1, name=self.server.name(more=WORDS))[1:] if w != "--quiet"])
        assert got.returncode == 0 and b"trying again" not in got.stderr, got.stderr.decode()
        self.data.has(1)

    def another_server(self):
        """Where a new connection comes to another server behind the same name, nothing is said of the process by that."""
        self.data.start()
        blocker = hold_lock(self.server)
        with Server() as other, Proxy(self.server) as proxy:
            run = self.data.spawn(1, name=proxy.name(WORDS))
            waits(self.server, 1)
            first, proxy.target = self.pid(), str(other.socket / ".s.PGSQL.5432")
            time.sleep(3 * PATIENCE)
            assert run.poll() is None and self.pid() == first, "it did not wait"
            release(blocker)
            assert run.communicate(timeout=60)[1] == b"" and run.returncode == 0
        self.data.has(1)

    def pid(self):
        return self.server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'shukei' AND wait_event_type = 'Lock'")

    def no_more_connections(self):
        """A server that refuses the connection that would ask is there, and is waited for."""
        fresh(self.server, table(COLUMNS, partitioned=True))
        self.data.start()
        self.server.sql("CREATE ROLE few LOGIN SUPERUSER CONNECTION LIMIT 1; ALTER ROLE few NOSUPERUSER; GRANT ALL ON SCHEMA "
                        f"{SCHEMA} TO few; GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO few")
        blocker = hold_lock(self.server)
        run = self.data.spawn(1, name=self.server.name(user="few", more=WORDS))
        waits(self.server, 1)
        first = self.pid()
        time.sleep(3 * PATIENCE)
        assert run.poll() is None and self.pid() == first, "it did not wait"
        release(blocker)
        assert run.communicate(timeout=60)[1] == b"" and run.returncode == 0
        self.data.has(1)

    def stopped(self):
        """A signal ends a run that waits for a silent server."""
        self.data.start()
        hold = threading.Event()
        with Proxy(self.server, tcp=True) as proxy:
            proxy.set(("copy", 1000, hold.wait))
            run = self.data.spawn(1, name=proxy.name())
            self.server.wait_for("EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'shukei' AND "
                                 "wait_event = 'ClientRead' AND query LIKE 'COPY%')", "the server waits for rows")
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=10)
            hold.set()
        assert run.returncode == -signal.SIGINT, run.returncode
        self.data.has(0)


def main(what):
    names = ("among_the_rows", "before_commit", "after_commit", "at_the_start", "before_the_rows", "behind_a_pooler", "long_work",
             "another_server", "no_more_connections", "stopped")
    with Server() as server, harness.Folder() as folder:
        check = Check(server, folder)
        harness.main([(name, getattr(check, name)) for name in (names if what == "stalls" else [what])])


if __name__ == "__main__":
    main(sys.argv[1])
