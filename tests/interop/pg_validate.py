#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Summaries in PostgreSQL, validated: right ones in two forms of the table, and with one fault each.

usage: pg_validate.py all
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import TABLE, must
from pg_golden import cases, fill_settings
from pg_server import OTHER, SCHEMA, SOURCE, Server
from pg_tables import COLUMNS, UPSTREAM, fresh, stay, table

MINE = f"source_uuid = '{SOURCE}'"
ONE = f"uuid = (SELECT uuid FROM {SCHEMA}.{TABLE} WHERE {MINE} AND pod_usage_cpu_core_hours > 0 ORDER BY uuid LIMIT 1)"
FAULTS = [  # statement, cause
    (f"DELETE FROM {SCHEMA}.{TABLE} WHERE {ONE}", "row lost"),
    (f"UPDATE {SCHEMA}.{TABLE} SET pod_usage_cpu_core_hours = pod_usage_cpu_core_hours * 1.0001 WHERE {ONE}",
     "value changed"),
    (f"UPDATE {SCHEMA}.{TABLE} SET pod_usage_cpu_core_hours = pod_usage_cpu_core_hours * 3600 WHERE {MINE}",
     "unit of hours and seconds"),
    (f"UPDATE {SCHEMA}.{TABLE} SET namespace = 'elsewhere' WHERE {ONE}", "namespace swapped"),
    (f"UPDATE {SCHEMA}.{TABLE} SET source_uuid = '{OTHER}' WHERE {ONE}", "source swapped"),
]


def validate(server, *words, source=SOURCE):
    return harness.run("validate", *words, "--schema", SCHEMA, "--against", server.name(), "--source", source, "--json")


def right(server, folder, columns):
    """The case's settings are in the tables, only the days are given."""
    for case, source, config in cases():
        fresh(server, table(columns, shuffle=3))
        fill_settings(server, config)
        stay(server, day=config["start"], source=OTHER)
        stay(server, day=config["start"], source=SOURCE, cost="0.5")
        (folder / "days.json").write_text(json.dumps({key: config[key] for key in ("start", "end")}))
        for labels in ("koku", "hourly"):
            words = (source, "--config", folder / "days.json", "--labels", labels)
            must("aggregate", *words, "--schema", SCHEMA, "--to", server.name(), "--source", SOURCE, "--quiet")
            got = validate(server, *words)
            assert got.returncode == 0, f"{case.name}, {labels}: {got.stdout.decode()}\n{got.stderr.decode()}"


def wrong(server, folder):
    case, source, _ = list(cases())[0]
    fresh(server, table(COLUMNS))
    for statement, cause in FAULTS:
        words = (source, "--config", case / "case.json")
        must("aggregate", *words, "--schema", SCHEMA, "--to", server.name(), "--source", SOURCE, "--quiet")
        server.sql(statement)
        got = validate(server, *words, source=SOURCE.upper())
        assert got.returncode == 4, f"{cause}: exit {got.returncode}: {got.stderr.decode()}"
        causes = json.loads(got.stdout)["causes"]
        assert max(causes, key=causes.get) == cause, f"{cause}: {causes}"
        server.sql(f"DELETE FROM {SCHEMA}.{TABLE}")


def spelled(server, folder):
    """A UUID in capitals is the same in a column of UUIDs, and a text of its own in one of texts."""
    case, source, _ = list(cases())[0]
    words = (source, "--config", case / "case.json")
    for kind, status in (("uuid", 0), ("text", 4)):
        fresh(server, table({**COLUMNS, "source_uuid": kind}))
        must("aggregate", *words, "--schema", SCHEMA, "--to", server.name(), "--source", SOURCE.upper(), "--quiet")
        got = validate(server, *words, source=SOURCE.upper())
        assert got.returncode == 0, f"{kind}: {got.stdout.decode()}{got.stderr.decode()}"
        got = validate(server, *words)
        assert got.returncode == status, f"{kind}: {got.stdout.decode()}{got.stderr.decode()}"
    assert json.loads(got.stdout)["other_source"] == SOURCE.upper(), got.stdout.decode()
    fresh(server, table(COLUMNS))
    got = validate(server, *words, source="mine")
    assert got.returncode == 2 and b'source "mine" is no UUID' in got.stderr, got.stderr.decode()


def refused(server, folder):
    case, source, _ = list(cases())[0]
    words = (source, "--config", case / "case.json")
    fresh(server)
    got = validate(server, *words)
    assert got.returncode == 3 and b"has no table" in got.stderr, got.stderr.decode()
    fresh(server, table({name: kind for name, kind in COLUMNS.items() if name != "all_labels"}))
    got = validate(server, *words)
    assert got.returncode == 3 and b"has no column all_labels" in got.stderr, got.stderr.decode()


def main():
    with Server() as server, harness.Folder() as folder:
        harness.main([("right", lambda: right(server, folder, COLUMNS)),
                      ("right, without csi_volume_handle", lambda: right(server, folder, UPSTREAM)),
                      ("wrong", lambda: wrong(server, folder)), ("spelled", lambda: spelled(server, folder)),
                      ("refused", lambda: refused(server, folder))])


if __name__ == "__main__":
    main()
