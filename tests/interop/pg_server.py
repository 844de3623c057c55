# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server for a test: a temporary cluster, reached by its Unix socket alone.

The server refuses to run as root; then it runs as "postgres" or "nobody". Stopped by its own pid.
"""
import csv
import io
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

SCHEMA = "org1234567"
SOURCE = "5c6d1f0e-0a3b-4c1d-9e8f-7a6b5c4d3e2f"
OTHER = "00000000-1111-4222-8333-444444444444"
NAMES = "/usr/lib/postgresql"


def find_binaries():
    """The folder with initdb and postgres; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [pathlib.Path(found).parent] if found and shutil.which("postgres") else []
    if os.path.isdir(NAMES):
        versions = sorted(pathlib.Path(NAMES).iterdir(), key=lambda p: float(p.name), reverse=True)
        folders = [v / "bin" for v in versions if (v / "bin/initdb").exists()] + folders
    return folders[0] if folders else None


def as_user():
    """Options of subprocess for a user whom the server accepts, and his name."""
    if os.geteuid() != 0:
        return {}, None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}, user
        except KeyError:
            pass
    harness.skip("the server refuses to run as root, and there is no user postgres or nobody")


class Server:
    """with Server() as server: server.sql("SELECT 1"); server.name is a sink's name."""

    def __init__(self, **settings):
        self.binaries = find_binaries()
        if not self.binaries or not shutil.which("psql"):
            harness.skip("PostgreSQL is not installed")
        self.settings = {"listen_addresses": "", "fsync": "off", "max_connections": "50", **settings}
        self.process = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shukei-pg-"))
        os.chmod(self.folder, 0o711)
        self.socket = self.folder / "socket"
        self.socket.mkdir()
        self.options, user = as_user()
        for path in (self.folder, self.socket):
            if user:
                os.chown(path, user.pw_uid, user.pw_gid)
        subprocess.run([self.binaries / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust",
                        "--no-sync", "-E", "UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder, **self.options)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        words = [w for pair in self.settings.items() for w in ("-c", "=".join(pair))]
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([self.binaries / "postgres", "-D", self.folder / "data", "-k", self.socket,
                                         *words], stdout=self.log, stderr=self.log, cwd=self.folder, **self.options)
        for _ in range(400):
            if self.psql("SELECT 1").returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError("the server did not start:\n" + (self.folder / "log").read_text())

    def stop(self, how=signal.SIGINT):
        """SIGINT ends sessions at once, SIGQUIT is a crash."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
        self.log.close()

    def name(self, socket=None, user="postgres", more=""):
        return f"postgresql:host={socket or self.socket} user={user} dbname=postgres {more}".rstrip()

    def words(self, user="postgres"):
        return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket), "-U", user, "-d",
                "postgres"]

    def psql(self, text, user="postgres", *more):
        return subprocess.run([*self.words(user), *more], input=text.encode(), capture_output=True, timeout=300,
                              env={**harness.environment(), "PGOPTIONS": "-c client_min_messages=warning"})

    def sql(self, text, user="postgres"):
        """Runs statements; what they print, or AssertionError."""
        got = self.psql(text, user)
        if got.returncode != 0:
            raise AssertionError(f"{text[:500]}\n{got.stderr.decode()}")
        return got.stdout.decode().strip()

    def rows(self, query):
        """The rows of a query as texts by column, as rows_of_csv() gives them; null is ''."""
        got = self.psql(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)")
        if got.returncode != 0:
            raise AssertionError(got.stderr.decode())
        csv.field_size_limit(1 << 30)
        return list(csv.DictReader(io.StringIO(got.stdout.decode(), newline="")))

    def session(self, user="postgres"):
        """A psql that stays: write statements to its stdin."""
        return subprocess.Popen(self.words(user), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def wait_for(self, condition, what):
        """Until a query is true."""
        for _ in range(1000):
            if self.sql(f"SELECT {condition}") == "t":
                return
            time.sleep(0.01)
        raise AssertionError(f"waited in vain: {what}")
