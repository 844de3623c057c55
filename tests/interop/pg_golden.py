#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cases with known rows into PostgreSQL.

usage: pg_golden.py plain|partitioned|upstream|created

Every golden case, in both label modes and twice over: into a plain table whose columns are in another order, into a
partitioned one that lacks csi_volume_handle, into upstream's with its tracker of partitions, staging table and settings,
and into tables that --create makes. Rows are the expected ones, none doubled, the numbers to the last digit as the
server rounds them; rows of others stay.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from compare import same
from harness import TABLE, must, rows_of_csv
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import (COLUMNS, LOOSE, STAGING, TRACKER, UPSTREAM, aggregate, exact, fresh, rows, stay, table)

EXPECTED = {"koku": "expected.csv", "hourly": "expected-hourly.csv"}
RUN = ("--source", SOURCE, "--cluster-id", "c1", "--cluster-alias", "my cluster", "--report-period-id", "7")
SETTINGS = f"""
CREATE TABLE {SCHEMA}.reporting_enabledtagkeys (uuid uuid DEFAULT gen_random_uuid(), key varchar(512), enabled boolean,
  provider_type varchar(50));
CREATE TABLE {SCHEMA}.reporting_ocp_cost_category (id serial PRIMARY KEY, name text);
CREATE TABLE {SCHEMA}.reporting_ocp_cost_category_namespace (id serial, namespace text UNIQUE, cost_category_id int);
CREATE TABLE {SCHEMA}.reporting_ocp_nodes (uuid uuid DEFAULT gen_random_uuid(), node text, resource_id text,
  node_role text, cluster_id uuid);
INSERT INTO {SCHEMA}.reporting_enabledtagkeys (key, enabled, provider_type) VALUES ('off', false, 'OCP'),
  ('aws', true, 'AWS');
"""


def cases():
    own = harness.ROOT / "tests/golden/own"
    folders = [own / "corners", own / "sample"]
    shared = harness.SHARED / "golden"
    if shared.exists():
        folders += sorted(shared.iterdir())
    for folder in folders:
        source = folder / "input"
        if source.is_file():
            source = harness.ROOT / source.read_text().strip()
        yield folder, source, json.loads((folder / "case.json").read_text())


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def fill_settings(server, config):
    """The case's settings in koku's tables, among rows that do not count."""
    statements = [SETTINGS]
    for key in config.get("enabled_keys", []):
        statements.append(f"INSERT INTO {SCHEMA}.reporting_enabledtagkeys (key, enabled, provider_type) "
                          f"VALUES ({quoted(key)}, true, 'OCP');")
    for number, category in enumerate(config.get("cost_categories", [])):
        statements.append(f"INSERT INTO {SCHEMA}.reporting_ocp_cost_category_namespace (namespace, cost_category_id) "
                          f"VALUES ({quoted(category['pattern'])}, {category['id']});")
    for node in config.get("nodes", []):
        for role in ("", node["role"]):  # the highest counts
            statements.append(f"INSERT INTO {SCHEMA}.reporting_ocp_nodes (node, resource_id, node_role) VALUES "
                              f"({quoted(node['node'])}, {quoted(node.get('resource_id', ''))}, {quoted(role)});")
    server.sql("".join(statements))


class Check:
    def __init__(self, server, folder, what):
        self.server, self.folder, self.what = server, folder, what
        self.lacks = ("csi_volume_handle",) if what in ("partitioned", "upstream") else ()
        self.words = {"upstream": ("--staging",), "created": ("--create", "--staging")}.get(what, ())

    def prepare(self):
        statements = {
            "plain": [table(COLUMNS, shuffle=3)],
            "partitioned": [table(UPSTREAM, partitioned=True, shuffle=5)],
            "upstream": [table(UPSTREAM, partitioned=True), TRACKER,
                         table(LOOSE, STAGING, partitioned=True, key=False, shuffle=1)],
            "created": [f"DROP SCHEMA {SCHEMA};"],
        }
        fresh(self.server, *statements[self.what])

    def others(self, day):
        """Two rows of the first day that must stay: another source's, and one with a cost."""
        if self.what == "plain":
            stay(self.server, day=day, source=OTHER)
            stay(self.server, day=day, source=SOURCE, cost="0.5")
            stay(self.server, day=day, source=None)
            return 3
        return 0

    def case(self, folder, source, config):
        self.prepare()
        if self.what == "upstream":
            fill_settings(self.server, config)
            config = {key: config[key] for key in ("start", "end")}
        (self.folder / "case.json").write_text(json.dumps(config))
        kept = self.others(config["start"])
        words = (source, "--config", self.folder / "case.json", *RUN)
        csv_file = self.folder / "ours.csv"
        for labels, name in EXPECTED.items():
            expected = rows_of_csv((folder / name).read_bytes())
            must("aggregate", source, "--config", folder / "case.json", *RUN, "--labels", labels, "--quiet", "--to",
                 csv_file)
            for turn in ("first", "second"):
                what = f"{folder.name}, {labels}, {self.what}, {turn} run"
                aggregate(self.server, *words, "--labels", labels, *self.words)
                same(expected, rows(self.server, SOURCE), what, 1e-9)
                exact(self.server, csv_file, source=SOURCE, lacks=self.lacks)
                self.count(len(expected) + kept, what)
                if self.words:
                    self.staging(expected, what)

    def count(self, wanted, what):
        found = self.server.sql(f"SELECT count(*), count(DISTINCT uuid), count(*) FILTER (WHERE uuid::text LIKE "
                                f"'________-____-4%') FROM {SCHEMA}.{TABLE} WHERE namespace IS DISTINCT FROM 'x'")
        count, uuids, random = map(int, found.split("|"))
        assert count == uuids == wanted, f"{what}: {count} rows, {uuids} uuids, {wanted} expected"
        assert random == wanted, f"{what}: {wanted - random} uuids are not of version 4"

    def staging(self, expected, what):
        mine = self.server.rows(f"SELECT * FROM {SCHEMA}.{STAGING} WHERE source = '{SOURCE}'")
        if self.what == "upstream":  # its staging table has no all_labels
            expected = [{k: v for k, v in row.items() if k != "all_labels"} for row in expected]
        same(expected, mine, what + ", staging", 1e-9)
        for row in mine:
            year, month, day = row["usage_start"].split("-")
            parts = (row["year"], row["month"], row["day"])
            assert parts == (year, str(int(month)), str(int(day))), f"{what}: {parts} of {row['usage_start']}"


def main(what):
    with Server() as server, harness.Folder() as folder:
        check = Check(server, folder, what)
        harness.main([(case.name, lambda a=(case, source, config): check.case(*a)) for case, source, config in cases()])


if __name__ == "__main__":
    main(sys.argv[1])
