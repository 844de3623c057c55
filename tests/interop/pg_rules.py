#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which rows a run into PostgreSQL replaces, and which partitions it makes.

usage: pg_rules.py
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_proxy import Proxy
from pg_server import SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, STAGING, TRACKER, UPSTREAM, fresh, stay, table

SAMPLE = harness.ROOT / "examples/cluster"  # 2025-10-01 and 2025-10-02
FULL = f"{SCHEMA}.{TABLE}"
WORDS = ("--enabled-keys", "app", "--schema", SCHEMA, "--quiet")
ROWS = 30  # of both days


class Check:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder

    def run(self, *more, source=SOURCE, name=None):
        words = ("--source", source) if source else ()
        return must("aggregate", SAMPLE, *WORDS, *words, "--to", name or self.server.name(), *more)

    def ask(self, query):
        return self.server.sql(f"SELECT {query}")

    def partitions(self, name=TABLE):
        return self.ask(f"string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                        f"WHERE i.inhparent = '{SCHEMA}.{name}'::regclass").replace(f"{name}_", "")

    def days_of_the_rows(self):
        """Without --start and --end those days are replaced that have rows; others stay, also between them."""
        fresh(self.server, table(COLUMNS))
        for day in ("2025-09-30", "2025-10-01", "2025-10-02", "2025-10-05", "2025-10-06"):
            stay(self.server, day=day, source=SOURCE, cost="NULL", namespace="old")
        gap = self.folder / "gap"
        gap.mkdir()
        for path in SAMPLE.glob("*.csv"):
            (gap / path.name).write_text(path.read_text().replace("2025-10-02", "2025-10-05"))
        must("aggregate", gap, *WORDS, "--source", SOURCE, "--to", self.server.name())
        assert self.ask(f"string_agg(usage_start::text, ' ' ORDER BY usage_start) FROM {FULL} WHERE namespace = 'old'") == \
            "2025-09-30 2025-10-02 2025-10-06"

    def days_asked_for(self):
        """With both all days between them are replaced, also those that have no rows."""
        fresh(self.server, table(COLUMNS))
        for day in ("2025-09-29", "2025-09-30", "2025-10-02", "2025-10-03", "2025-10-04"):
            stay(self.server, day=day, source=SOURCE, cost="0", namespace="old")
        self.run("--start", "2025-09-30", "--end", "2025-10-03")
        assert self.ask(f"string_agg(usage_start::text, ' ' ORDER BY usage_start) FROM {FULL} WHERE namespace = 'old'") == \
            "2025-09-29 2025-10-04"
        self.run("--start", "2025-10-02")  # one end alone is no range
        assert self.ask(f"count(*) FROM {FULL} WHERE namespace <> 'old'") == str(ROWS)

    def nothing_to_write(self):
        """Reports without rows of the days empty them."""
        fresh(self.server, table(COLUMNS))
        stay(self.server, day="2025-11-05", source=SOURCE, cost="0", namespace="old")
        self.run("--start", "2025-11-01", "--end", "2025-11-30")
        assert self.ask(f"count(*) FROM {FULL}") == "0"
        self.run("--start", "2025-11-01")
        assert self.ask(f"count(*) FROM {FULL}") == "0"

    def without_source(self):
        """Rows without a source are replaced by those without one alone."""
        fresh(self.server, table(COLUMNS))
        self.run()
        for _ in range(2):
            self.run(source=None)
        assert self.ask(f"count(*), count(source_uuid) FROM {FULL}") == f"{2 * ROWS}|{ROWS}"

    def tells_of_others(self):
        """Rows without a source beside those of others, and rows of volumes that go for good, are told with their number."""
        fresh(self.server, table(COLUMNS))
        part = self.folder / "part"
        part.mkdir()
        for path in SAMPLE.glob("*.csv"):
            if "storage" not in path.name:
                (part / path.name).write_text(path.read_text())

        def said(reports, *source):
            return must("aggregate", reports, *WORDS[:-1], *source, "--to", self.server.name()).stderr.decode()

        assert "beside" not in said(SAMPLE, "--source", SOURCE)
        assert f'beside {ROWS} rows of source "{SOURCE}" of the same days' in said(SAMPLE)
        volumes = self.ask(f"count(*) FROM {FULL} WHERE data_source = 'Storage' AND source_uuid = '{SOURCE}'")
        assert f"{volumes} rows of volumes of these days and this source are removed" in said(part, "--source", SOURCE)
        assert "removed" not in said(part, "--source", SOURCE)

    def two_schemas(self):
        """Two schemas at once; staging tables, too."""
        staging = {**COLUMNS, **{c: "text" for c in ("source", "year", "month", "day")}}
        fresh(self.server, table(COLUMNS), table(staging, STAGING))
        self.server.sql(f"DROP SCHEMA IF EXISTS second CASCADE; CREATE SCHEMA second; "
                        f"CREATE TABLE second.{TABLE} (LIKE {FULL}); "
                        f"CREATE TABLE second.{STAGING} (LIKE {SCHEMA}.{STAGING})")
        second = self.server.name(more="options='-c search_path=second'")
        must("aggregate", SAMPLE, "--source", SOURCE, "--quiet", "--staging", "--to", second, "--to",
             self.server.name(more=f"options='-c search_path={SCHEMA}'"))
        for schema in (SCHEMA, "second"):
            for name in (TABLE, STAGING):
                assert int(self.ask(f"count(*) FROM {schema}.{name}")) > 0, f"{schema}.{name} is empty"

    def months(self):
        """A month is made once, with and without upstream's tracker, also for other names and lengths."""
        for tracker in ("", TRACKER):
            fresh(self.server, table(UPSTREAM, partitioned=True), tracker)
            for _ in range(2):
                self.run()
            assert self.partitions() == "2025_10", self.partitions()
            if tracker:
                assert self.ask(f"table_name, partition_parameters, partition_type, partition_col, active, schema_name "
                                f"FROM {SCHEMA}.partitioned_tables") == \
                    (f'{TABLE}_2025_10|{{"to": "2025-11-01", "from": "2025-10-01", "default": false}}|range|usage_start|t|'
                     + SCHEMA)

    def other_lengths(self):
        """Partitions of a year, or of a day each, are used as they are."""
        for bounds in ([("2025-01-01", "2026-01-01")], [("2025-10-01", "2025-10-02"), ("2025-10-02", "2025-10-03")]):
            fresh(self.server, table(UPSTREAM, partitioned=True), *(
                f"CREATE TABLE {SCHEMA}.p{n} PARTITION OF {FULL} FOR VALUES FROM ('{a}') TO ('{b}');"
                for n, (a, b) in enumerate(bounds)))
            self.run()
            assert self.partitions() == " ".join(f"p{n}" for n in range(len(bounds)))

    def open_bounds(self):
        """From the beginning of time, and to its end."""
        fresh(self.server, table(UPSTREAM, partitioned=True),
              f"CREATE TABLE {SCHEMA}.early PARTITION OF {FULL} FOR VALUES FROM (MINVALUE) TO ('2025-10-02');",
              f"CREATE TABLE {SCHEMA}.late PARTITION OF {FULL} FOR VALUES FROM ('2025-10-02') TO (MAXVALUE);")
        self.run()
        assert self.partitions() == "early late"

    def partitions_in_the_way(self):
        """A partition of half the month leaves no room for the month's: told, nothing is changed."""
        fresh(self.server, table(UPSTREAM, partitioned=True),
              f"CREATE TABLE {SCHEMA}.half PARTITION OF {FULL} FOR VALUES FROM ('2025-10-02') TO ('2025-10-20');")
        got = harness.run("aggregate", SAMPLE, *WORDS, "--source", SOURCE, "--to", self.server.name())
        assert got.returncode == 1 and b"would overlap" in got.stderr, got.stderr.decode()

    def default_partition(self):
        """One with rows of the month takes the new ones, too; else the month gets its own."""
        for has_rows in (False, True):
            fresh(self.server, table(UPSTREAM, partitioned=True),
                  f"CREATE TABLE {SCHEMA}.rest PARTITION OF {FULL} DEFAULT;")
            if has_rows:
                stay(self.server, day="2025-10-09")
            for _ in range(2):
                self.run()
            assert self.partitions() == ("rest" if has_rows else "2025_10 rest"), self.partitions()
            assert self.ask(f"count(*) FROM {FULL}") == str(ROWS + has_rows)

    def tracker_that_makes_nothing(self):
        """A row in upstream's tracker without its partition is told before any row is deleted."""
        fresh(self.server, table(UPSTREAM, partitioned=True), TRACKER,
              f"DROP TRIGGER make_partition ON {SCHEMA}.partitioned_tables;")
        got = harness.run("aggregate", SAMPLE, *WORDS, "--source", SOURCE, "--to", self.server.name())
        assert got.returncode == 1 and b"has no partition for the month of 2025-10-01" in got.stderr, got.stderr.decode()

    def create_fills_in(self):
        """--create makes what is missing and leaves what is there."""
        fresh(self.server, table(COLUMNS))
        self.run("--create", "--staging")
        assert self.partitions(STAGING) == "2025_10"
        assert self.ask(f"count(*) FROM {FULL}") == self.ask(f"count(*) FROM {SCHEMA}.{STAGING}") == str(ROWS)
        for _ in range(2):
            self.run("--create", "--staging")
        assert self.ask(f"count(*) FROM pg_indexes WHERE schemaname = '{SCHEMA}' AND tablename = '{STAGING}'") == "2"

    def a_commit_is_seen(self):
        """Whose answer was lost: the rows are not written again."""
        fresh(self.server, table(COLUMNS), f"""
CREATE SEQUENCE {SCHEMA}.written;
CREATE FUNCTION {SCHEMA}.watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM nextval('{SCHEMA}.written'); RETURN NULL; END $$;
CREATE TRIGGER watch AFTER INSERT ON {FULL} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.watch();""")
        with Proxy(self.server) as proxy:
            proxy.set(("after",))
            self.run(name=proxy.name())
            assert proxy.set() == 1
        assert self.ask(f"last_value FROM {SCHEMA}.written") == "1", "the rows were written again"

    def strange_schema(self):
        """A schema whose name needs quotes."""
        name = 'a "b" \'c\' \\ Ä; --'
        quoted = '"' + name.replace('"', '""') + '"'
        self.server.sql(f"DROP SCHEMA IF EXISTS {quoted} CASCADE")
        for _ in range(2):
            must("aggregate", SAMPLE, "--source", SOURCE, "--to", self.server.name(), "--schema", name, "--create", "--staging",
                 "--quiet")
        assert int(self.ask(f"count(*) FROM {quoted}.{TABLE}")) > 0


def main():
    with Server() as server, harness.Folder() as folder:
        check = Check(server, folder)
        names = [name for name, call in vars(Check).items() if callable(call) and call.__doc__]
        harness.main([(name, getattr(check, name)) for name in names])


if __name__ == "__main__":
    main()
