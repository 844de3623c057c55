# SPDX-License-Identifier: Apache-2.0
"""Tables of the summary as the tests of PostgreSQL want them, and how to compare what is in them."""
import random

from harness import TABLE, must
from pg_server import OTHER, SCHEMA

STAGING = TABLE + "_staging"
DAYS = ("usage_start", "usage_end")
LABELS = ("pod_labels", "volume_labels", "all_labels", "infrastructure_usage_cost")
INTEGERS = ("cost_category_id", "report_period_id")
TEXTS = {"data_source": 64, "namespace": 253, "node": 253, "resource_id": 253, "persistentvolumeclaim": 253,
         "persistentvolume": 253, "storageclass": 253, "cluster_id": 50, "cluster_alias": 256,
         "csi_volume_handle": 253}
MEASURES = (
    "pod_usage_cpu_core_hours", "pod_request_cpu_core_hours", "pod_effective_usage_cpu_core_hours",
    "pod_limit_cpu_core_hours", "pod_usage_memory_gigabyte_hours", "pod_request_memory_gigabyte_hours",
    "pod_effective_usage_memory_gigabyte_hours", "pod_limit_memory_gigabyte_hours", "node_capacity_cpu_cores",
    "node_capacity_cpu_core_hours", "node_capacity_memory_gigabytes", "node_capacity_memory_gigabyte_hours",
    "cluster_capacity_cpu_core_hours", "cluster_capacity_memory_gigabyte_hours",
    "persistentvolumeclaim_capacity_gigabyte", "persistentvolumeclaim_capacity_gigabyte_months",
    "volume_request_storage_gigabyte_months", "persistentvolumeclaim_usage_gigabyte_months")
COSTS = ("infrastructure_raw_cost", "infrastructure_markup_cost", "distributed_cost")
COLUMNS = {**{c: "date NOT NULL" for c in DAYS}, **{c: "jsonb" for c in LABELS}, **{c: "integer" for c in INTEGERS},
           **{c: f"varchar({n})" for c, n in TEXTS.items()}, **{c: "numeric(33,15)" for c in MEASURES},
           "uuid": "uuid NOT NULL", "source_uuid": "uuid"}
UPSTREAM = {c: t for c, t in COLUMNS.items() if c != "csi_volume_handle"}
# Upstream's staging table: texts and doubles, no keys.
LOOSE = {**{c: "date" for c in DAYS}, **{c: "text" for c in LABELS if c != "all_labels"},
         **{c: "integer" for c in INTEGERS}, **{c: f"varchar({n})" for c, n in TEXTS.items()},
         **{c: "double precision" for c in MEASURES}, "uuid": "varchar(64)", "source_uuid": "varchar(64)",
         "source": "varchar(64)", "year": "varchar(4)", "month": "varchar(2)", "day": "varchar(2)"}
TRACKER = f"""
CREATE TABLE {SCHEMA}.partitioned_tables (
  id serial PRIMARY KEY, schema_name text NOT NULL, table_name text NOT NULL, partition_of_table_name text NOT NULL,
  partition_type text NOT NULL, partition_col text NOT NULL, partition_parameters jsonb NOT NULL,
  active boolean NOT NULL, subpartition_type text, subpartition_col text, UNIQUE (schema_name, table_name));
CREATE FUNCTION {SCHEMA}.make_partition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.active AND NEW.partition_type = 'range' AND NOT (NEW.partition_parameters->>'default')::boolean THEN
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
      NEW.schema_name, NEW.table_name, NEW.schema_name, NEW.partition_of_table_name,
      NEW.partition_parameters->>'from', NEW.partition_parameters->>'to');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER make_partition AFTER INSERT ON {SCHEMA}.partitioned_tables
  FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.make_partition();
"""


def table(columns, name=TABLE, partitioned=False, key=True, shuffle=None):
    """CREATE TABLE with upstream's costs beside the columns; shuffle: seed of another order."""
    parts = [f"{c} {t}" for c, t in {**columns, **{c: "numeric(33,15) DEFAULT 0" for c in COSTS}}.items()]
    if shuffle is not None:
        random.Random(shuffle).shuffle(parts)
    if key:
        parts.append("PRIMARY KEY (usage_start, uuid)" if partitioned else "PRIMARY KEY (uuid)")
    tail = " PARTITION BY RANGE (usage_start)" if partitioned else ""
    return f"CREATE TABLE {SCHEMA}.{name} ({', '.join(parts)}){tail};"


def fresh(server, *statements):
    """A schema with just that."""
    server.sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA};" + "".join(statements))


def stay(server, name=TABLE, day="2025-10-01", source=OTHER, cost="0", namespace="not ours"):
    """A row of somebody else."""
    server.sql(f"INSERT INTO {SCHEMA}.{name} (uuid, usage_start, usage_end, source_uuid, namespace, "
               f"infrastructure_raw_cost) VALUES (gen_random_uuid(), '{day}', '{day}', "
               f"{'NULL' if source is None else repr(source)}, '{namespace}', {cost})")


def rows(server, source, name=TABLE):
    return server.rows(f"SELECT * FROM {SCHEMA}.{name} WHERE source_uuid = '{source}' "
                       "AND coalesce(infrastructure_raw_cost, 0) = 0")


def exact(server, csv_file, name=TABLE, source=None, lacks=()):
    """AssertionError unless the table has exactly the rows of our CSV file, its numbers as the server itself rounds
    them; the columns uuid and those that it lacks apart."""
    header = open(csv_file, encoding="utf-8").readline().strip().split(",")
    columns = [c for c in header if c != "uuid" and c not in lacks]
    cast = {**{c: "{}::date" for c in DAYS}, **{c: "{}::jsonb" for c in LABELS}, **{c: "{}::int" for c in INTEGERS},
            **{c: "round({}::numeric, 15)" for c in MEASURES}, "source_uuid": "{}::uuid"}
    want = ", ".join(cast.get(c, "{}").format(c) for c in columns)
    got = ", ".join(columns)
    where = f"WHERE source_uuid = '{source}' AND coalesce(infrastructure_raw_cost, 0) = 0" if source else ""
    ours = f"SELECT {got} FROM {SCHEMA}.{name} {where}"
    said = server.sql(
        f"CREATE TEMP TABLE csv ({', '.join(c + ' text' for c in header)});\n"
        f"\\copy csv FROM '{csv_file}' (FORMAT csv, HEADER)\n"
        f"SELECT count(*) FROM (SELECT {want} FROM csv EXCEPT ALL {ours}) AS missing;"
        f"SELECT count(*) FROM ({ours} EXCEPT ALL SELECT {want} FROM csv) AS more;"
        f"SELECT count(*) FROM csv;").split()
    assert said[:2] == ["0", "0"], f"{name}: {said[0]} of {said[2]} rows are missing, {said[1]} too many"


def aggregate(server, source, *words, name=None, **options):
    return must("aggregate", source, "--to", name or server.name(), "--schema", SCHEMA, "--quiet", *words, **options)
