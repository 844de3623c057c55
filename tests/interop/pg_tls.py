#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL by TLS with sslmode=verify-full: a certificate that holds, and those that do not: of an authority that nobody
trusts, for another host, expired. The openssl program makes them.

usage: pg_tls.py
"""
import os
import pathlib
import shutil
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "s3"))
import harness
from harness import TABLE
from pg_server import SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, fresh, table
from tls import Authority

SAMPLE = harness.ROOT / "examples/cluster"
FAR = "20991231"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Check:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.ours, self.others = Authority(folder, "ours"), Authority(folder, "others")
        # By TCP with TLS alone.
        hba = server.folder / "data/pg_hba.conf"
        hba.write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n")

    def serve(self, certificate, on="on"):
        """The server shows that (certificate, key) from now on."""
        for source, name in zip(certificate, ("server.crt", "server.key")):
            path = self.server.folder / "data" / name
            path.unlink(missing_ok=True)
            shutil.copyfile(source, path)
            os.chmod(path, 0o600)
            if "user" in self.server.options:
                os.chown(path, self.server.options["user"], self.server.options["group"])
        before = self.server.sql("SELECT pg_conf_load_time()")
        self.server.sql(f"ALTER SYSTEM SET ssl = '{on}'")
        self.server.sql("SELECT pg_reload_conf()")
        self.server.wait_for(f"pg_conf_load_time() <> '{before}' AND current_setting('ssl') = '{on}'", "the settings are read")
        fresh(self.server, table(COLUMNS))

    def run(self, trusted, mode="sslmode=verify-full", **variables):
        name = f"postgresql:host=localhost user=postgres dbname=postgres {mode} {f'sslrootcert={trusted}' if trusted else ''}"
        return harness.run("aggregate", SAMPLE, "--source", SOURCE, "--schema", SCHEMA, "--quiet", "--to", name.rstrip(),
                           variables={"HOME": str(self.folder), **variables})

    def count(self):
        return int(self.server.sql(f"SELECT count(*) FROM {SCHEMA}.{TABLE}"))

    def holds(self):
        """By words of the name, and by the environment."""
        self.serve(self.ours.certificate("good", "localhost", FAR))
        for trusted, mode, variables in ((self.ours.file, "sslmode=verify-full", {}),
                                         (None, "", {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": self.ours.file})):
            fresh(self.server, table(COLUMNS))
            got = self.run(trusted, mode, **variables)
            assert got.returncode == 0 and self.count() > 0, got.stderr.decode()

    def fails(self, certificate, trusted, words, on="on"):
        self.serve(certificate, on)
        got = self.run(trusted)
        text = got.stderr.decode()
        assert got.returncode == 1, f"exit {got.returncode}: {text}"
        assert "could not connect" in text and words in text, text
        assert "trying again" not in text and self.count() == 0

    def another_host(self):
        """For another host."""
        self.fails(self.ours.certificate("host", "example.org", FAR), self.ours.file, 'does not match host name "localhost"')

    def expired(self):
        """That was good until 2021."""
        self.fails(self.ours.certificate("expired", "localhost", "20210101"), self.ours.file, "certificate verify failed")

    def another_authority(self):
        """Of one that is not the trusted one."""
        self.fails(self.ours.certificate("other", "localhost", FAR), self.others.file, "certificate verify failed")

    def nobody_trusted(self):
        """No file of authorities."""
        self.fails(self.ours.certificate("nobody", "localhost", FAR), None, "root certificate file")

    def no_tls(self):
        """A server without TLS gets no rows in plain."""
        self.fails(self.ours.certificate("off", "localhost", FAR), self.ours.file, "does not support SSL", on="off")


def main():
    if not shutil.which("openssl"):
        harness.skip("the openssl program is not here")
    os.environ["PGPORT"] = str(free_port())
    with Server(listen_addresses="127.0.0.1", port=os.environ["PGPORT"]) as server, harness.Folder() as folder:
        check = Check(server, folder)
        harness.main([(name, getattr(check, name)) for name, call in vars(Check).items()
                      if callable(call) and call.__doc__ and name != "serve"])


if __name__ == "__main__":
    main()
