#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run into PostgreSQL refuses, before any row is deleted: rights, columns, types, names, passwords.

usage: pg_refused.py
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE
from pg_server import SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, LOOSE, STAGING, UPSTREAM, fresh, rows, table

SAMPLE = harness.ROOT / "examples/cluster"
WORDS = ("--source", SOURCE, "--enabled-keys", "app", "--schema", SCHEMA, "--quiet")
FULL = f"{SCHEMA}.{TABLE}"
# Counts deletions, whether or not they are committed.
WATCH = f"""
CREATE SEQUENCE {SCHEMA}.deleted;
CREATE FUNCTION {SCHEMA}.watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM nextval('{SCHEMA}.deleted'); RETURN NULL; END $$;
CREATE TRIGGER watch AFTER DELETE ON {FULL} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.watch();
GRANT USAGE ON SEQUENCE {SCHEMA}.deleted TO PUBLIC;
"""
GRANTS = f"GRANT USAGE ON SCHEMA {SCHEMA} TO worker; GRANT SELECT, INSERT, DELETE ON {FULL} TO worker;"
READABLE = ", ".join(COLUMNS)
CASES = [  # why, statements, user, more words, exit status, words of the message
    ("no right to delete", f"{GRANTS} REVOKE DELETE ON {FULL} FROM worker;", "worker", (), 1,
     ['role "worker" may not delete', f'"{SCHEMA}"."{TABLE}"']),
    ("no right to insert", f"{GRANTS} REVOKE INSERT ON {FULL} FROM worker;", "worker", (), 1, ["read and written", "node"]),
    ("no right to insert one column", f"{GRANTS} REVOKE INSERT ON {FULL} FROM worker; GRANT INSERT "
     f"({', '.join(c for c in COLUMNS if c != 'node')}) ON {FULL} TO worker;", "worker", (), 1, [" in node"]),
    ("no right to read", f"{GRANTS} REVOKE SELECT ON {FULL} FROM worker;", "worker", (), 1, ["infrastructure_raw_cost"]),
    ("no right to the schema", f"GRANT SELECT, INSERT, DELETE ON {FULL} TO worker; REVOKE USAGE ON SCHEMA {SCHEMA} FROM worker;",
     "worker", (), 1, [f'may not use the schema "{SCHEMA}"']),
    ("no right to a partition", f"{GRANTS} DROP TABLE {FULL}; {table(COLUMNS, partitioned=True)} {GRANTS}", "worker", (), 1,
     ["could not make a partition", "owner"]),
    ("no right to the settings", f"{GRANTS} CREATE TABLE {SCHEMA}.reporting_ocp_nodes (node text, resource_id text, "
     "node_role text);", "worker", (), 1, ["could not read its settings", "reporting_ocp_nodes"]),
    ("missing columns", f"ALTER TABLE {FULL} DROP node, DROP all_labels;", "postgres", (), 1,
     ["lacks the columns node, all_labels"]),
    ("a generated column", f"ALTER TABLE {FULL} DROP node, ADD node text GENERATED ALWAYS AS ('x') STORED;", "postgres", (), 1,
     ["lacks the columns node"]),
    ("columns of another type", f"ALTER TABLE {FULL} ALTER node TYPE integer USING 1, ALTER pod_labels TYPE bytea USING NULL;",
     "postgres", (), 1, ["node (varchar or text, not integer)", "pod_labels (jsonb, json or text, not bytea)"]),
    ("a column that must have a value", f"ALTER TABLE {FULL} ADD tenant integer;UPDATE {FULL} SET tenant = 1;"
     f"ALTER TABLE {FULL} ALTER tenant SET NOT NULL;", "postgres", (), 1, ["wants a value", "in tenant"]),
    ("null where none may be", f"UPDATE {FULL} SET pod_limit_cpu_core_hours = 1; "
     f"ALTER TABLE {FULL} ALTER pod_limit_cpu_core_hours SET NOT NULL;", "postgres", (), 1,
     ['"pod_limit_cpu_core_hours"', "NOT NULL"]),
    ("a name that is too long", f"ALTER TABLE {FULL} ALTER namespace TYPE varchar(5) USING substr(namespace, 1, 5);",
     "postgres", (), 1, ['column "namespace"', "characters, there is room for 5"]),
    ("a number that is too large", f"ALTER TABLE {FULL} ALTER node_capacity_memory_gigabyte_hours TYPE numeric(17,15) USING 1;",
     "postgres", (), 1, ['"node_capacity_memory_gigabyte_hours"', "numeric(17,15)"]),
    ("an alias that is too long", "", "postgres", ("--cluster-alias", "x" * 257), 1, ['"cluster_alias"', "has 257 characters"]),
    ("row level security", f"ALTER TABLE {FULL} ENABLE ROW LEVEL SECURITY; {GRANTS}", "worker", (), 1, ["row level security"]),
    ("a view", f"ALTER TABLE {FULL} RENAME TO other; CREATE VIEW {FULL} AS SELECT * FROM {SCHEMA}.other;", "postgres", (), 1,
     ["is there as something else than a table"]),
    ("no staging table", "", "postgres", ("--staging",), 1, ["there is no table", STAGING]),
    ("a staging table without day", table({k: v for k, v in LOOSE.items() if k != "day"}, STAGING, key=False), "postgres",
     ("--staging",), 1, ["lacks the columns day"]),
    ("read-only", "ALTER ROLE worker SET default_transaction_read_only = on;" + GRANTS, "worker", (), 1, ["is read-only"]),
    ("no such schema", "", "postgres", ("--schema", "nobody"), 1, ["there is no table", "--create"]),
    ("a schema's name that is too long", "", "postgres", ("--schema", "x" * 64), 2, ["longer than 63 bytes"]),
    ("no schema at all", "", "postgres", (), 2, ["has no schema of its own", "--schema"]),
    ("a source that is no UUID", "", "postgres", ("--source", "my cluster"), 2, ['source "my cluster" is no UUID']),
    ("no right to create", "", "worker", ("--schema", "new1", "--create"), 1, ["could not make its schema", "permission denied"]),
    ("the table twice", "", "postgres", (), 2, ["are one table"]),
]


class Check:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        server.sql("CREATE ROLE worker LOGIN")

    def prepare(self, statements):
        self.server.sql("ALTER ROLE worker RESET ALL")
        fresh(self.server, table(COLUMNS), WATCH)
        harness.must("aggregate", SAMPLE, *WORDS, "--to", self.server.name(), "--report-period-id", 1)
        self.server.sql(f"SELECT setval('{SCHEMA}.deleted', 1, false);" + statements)

    def case(self, why, statements, user, more, status, words):
        self.prepare(statements)
        name = self.server.name(user=user)
        targets = ["--to", name]
        if why == "the table twice":
            targets += ["--to", name + " application_name=other"]
        if why == "no schema at all":
            name = self.server.name(user=user, more="options='-c search_path=nowhere'")
            got = harness.run("aggregate", SAMPLE, "--source", SOURCE, "--to", name)
        else:
            got = harness.run("aggregate", SAMPLE, *WORDS, *targets, *more)
        text = got.stderr.decode()
        assert got.returncode == status, f"exit {got.returncode}: {text}"
        for word in words:
            assert word in text, f"no {word!r} in: {text}"
        assert len(text.splitlines()) <= 2, text
        deleted = self.server.sql(f"SELECT is_called FROM {SCHEMA}.deleted")
        assert deleted == "f", "rows were deleted before it was told"

    def changed_meanwhile(self, change):
        """A run in whose middle somebody else changes the table."""
        session = self.server.session()
        session.stdin.write(f"BEGIN; {change} SELECT 'held';\n")
        session.stdin.flush()
        assert session.stdout.readline().strip() == "held"
        run = subprocess.Popen([harness.PROGRAM, "aggregate", SAMPLE, *WORDS, "--to", self.server.name()],
                               stderr=subprocess.PIPE, env=harness.environment())
        self.server.wait_for("count(*) = 1 FROM pg_stat_activity WHERE application_name = 'shukei' AND "
                             "wait_event_type = 'Lock'", "the run waits")
        session.stdin.write("COMMIT;\n")
        session.stdin.close()
        session.wait()
        return run.communicate(timeout=60)[1].decode()

    def another_type_meanwhile(self):
        """The rows do not fit any more: nothing is changed."""
        self.prepare("")
        text = self.changed_meanwhile(f"ALTER TABLE {FULL} ALTER node TYPE text;")
        assert "was changed by another program" in text, text
        assert self.server.sql(f"SELECT is_called FROM {SCHEMA}.deleted") == "f"

    def costs_meanwhile(self):
        """A row gets a cost in a column that the table did not have when the run began: it stays."""
        self.prepare(f"ALTER TABLE {FULL} DROP infrastructure_raw_cost;")
        before = self.server.sql(f"SELECT count(*) FROM {FULL}")
        text = self.changed_meanwhile(f"ALTER TABLE {FULL} ADD infrastructure_raw_cost numeric; UPDATE {FULL} SET "
                                      f"infrastructure_raw_cost = 1 WHERE uuid = (SELECT max(uuid::text)::uuid FROM {FULL});")
        assert text == "", text
        after = self.server.sql(f"SELECT count(*), sum(infrastructure_raw_cost) FROM {FULL}")
        assert after == f"{int(before) + 1}|1", f"{before} rows before, now rows and costs: {after}"

    def loose_types(self):
        """Texts, doubles and bigints instead of ours are fine; so are columns without limits."""
        loose = {**{c: t for c, t in LOOSE.items() if c not in ("source", "year", "month", "day")}, "all_labels": "json",
                 "cost_category_id": "bigint", "pod_usage_cpu_core_hours": "numeric"}
        fresh(self.server, table(loose, key=False, shuffle=9))
        out = self.folder / "out.csv"
        harness.must("aggregate", SAMPLE, *WORDS, "--to", self.server.name(), "--to", out)
        mine = {tuple(float(row[c]) for c in ("pod_usage_cpu_core_hours", "node_capacity_cpu_core_hours") if row[c])
                for row in rows(self.server, SOURCE)}
        theirs = {tuple(float(row[c]) for c in ("pod_usage_cpu_core_hours", "node_capacity_cpu_core_hours") if row[c])
                  for row in harness.rows_of_csv(out.read_bytes())}
        assert mine == theirs, "other numbers"

    def column_rights(self):
        """Rights by column are enough."""
        columns = ", ".join([*UPSTREAM, "csi_volume_handle"])
        self.prepare(f"GRANT USAGE ON SCHEMA {SCHEMA} TO worker; GRANT DELETE ON {FULL} TO worker; GRANT INSERT ({columns}), "
                     f"SELECT (uuid, usage_start, source_uuid, infrastructure_raw_cost) ON {FULL} TO worker;")
        harness.must("aggregate", SAMPLE, *WORDS, "--to", self.server.name(user="worker"))

    def passwords(self):
        """A password in the name is refused and shown nowhere; one in the environment works and is shown nowhere."""
        self.prepare("ALTER ROLE worker PASSWORD 's3cr3t-word';" + GRANTS)
        hba = self.server.folder / "data/pg_hba.conf"
        before = hba.read_text()
        hba.write_text("local all worker scram-sha-256\n" + before)
        self.server.sql("SELECT pg_reload_conf()")
        name, stats = self.server.name(user="worker"), self.folder / "stats.json"
        shown = []
        for to in (name + " password=s3cr3t-word", f"postgresql://worker:s3cr3t-word@/postgres?host={self.server.socket}"):
            for more in ((), ("--dry-run",), ("--log-format", "json", "--verbose")):
                got = harness.run("aggregate", SAMPLE, *WORDS[:-1], "--to", to, "--to", to, "--stats", stats, *more)
                assert got.returncode == 2, got.stderr.decode()
                shown.append(got.stdout + got.stderr)
        for password, status in (("wr0ng-s3cr3t-word", 1), ("s3cr3t-word", 0)):
            got = harness.run("aggregate", SAMPLE, *WORDS[:-1], "--to", name, "--stats", stats, "--verbose",
                              variables={"PGPASSWORD": password})
            assert got.returncode == status, got.stderr.decode()
            shown.append(got.stdout + got.stderr + stats.read_bytes() if status == 0 else got.stderr)
        hba.write_text(before)
        self.server.sql("SELECT pg_reload_conf()")
        assert not any(b"s3cr3t" in text for text in shown), "the password was shown"

    def dry_run(self):
        """Reads settings, writes nothing."""
        self.prepare("")
        stats = self.folder / "stats.json"
        got = harness.must("aggregate", SAMPLE, "--source", SOURCE, "--schema", SCHEMA, "--to", self.server.name(), "--dry-run",
                           "--stats", stats)
        assert b"would be written" in got.stderr and json.loads(stats.read_text())["rows_written"] > 0
        assert self.server.sql(f"SELECT is_called FROM {SCHEMA}.deleted") == "f"

    def another_sink_fails(self):
        """With a file sink that cannot be written the table stays as it was."""
        self.prepare("")
        before = self.server.sql(f"SELECT md5(string_agg(uuid::text, ',' ORDER BY uuid)) FROM {FULL}")
        got = harness.run("aggregate", SAMPLE, *WORDS, "--to", self.server.name(), "--to", "/proc/no-such-folder/a.csv")
        assert got.returncode == 1, got.stderr.decode()
        assert self.server.sql(f"SELECT md5(string_agg(uuid::text, ',' ORDER BY uuid)) FROM {FULL}") == before


def main():
    with Server() as server, harness.Folder() as folder:
        check = Check(server, folder)
        more = (check.another_type_meanwhile, check.costs_meanwhile, check.loose_types, check.column_rights, check.passwords, check.dry_run,
                check.another_sink_fails)
        harness.main([(case[0], lambda case=case: check.case(*case)) for case in CASES]
                     + [(one.__name__, one) for one in more])


if __name__ == "__main__":
    main()
