# SPDX-License-Identifier: Apache-2.0
"""Reads Parquet files that shukei wrote with pyarrow, DuckDB, Polars and fastparquet.

    read_ours.py FILE...

All four must give the same rows, page checksums must hold, and the statistics of every column
chunk must be those of its values. Prints one line a file; exits with 1 at the first difference.
"""

import math
import sys

import duckdb
import fastparquet
import polars
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet


def plain(value):
    """One spelling for what the four readers spell differently; NaN counts as null here, since
    pandas cannot tell them apart."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if hasattr(value, "hour"):
        return value.replace(tzinfo=None)
    return value


def column(values):
    return [None if value != value else plain(value) for value in values]


def as_date(values, field):
    if pyarrow.types.is_date(field.type):
        return [value.date() if hasattr(value, "date") else value for value in values]
    return values


def check_rows(path, table):
    naive = ", ".join(
        f'"{f.name}"::timestamp AS "{f.name}"' if pyarrow.types.is_timestamp(f.type) else f'"{f.name}"'
        for f in table.schema
    )
    duck = duckdb.connect()
    duck.execute("SET timezone = 'UTC'")
    rows = duck.execute(f"SELECT {naive} FROM read_parquet($1)", [path]).fetchall()
    frame = polars.read_parquet(path)
    pandas = fastparquet.ParquetFile(path).to_pandas() if table.num_rows else None
    for index, field in enumerate(table.schema):
        want = column(table[field.name].to_pylist())
        seen = {
            "DuckDB": column(row[index] for row in rows),
            "Polars": column(frame[field.name].to_list()),
        }
        if pandas is not None:
            seen["fastparquet"] = as_date(column(pandas[field.name]), field)
        for reader, values in seen.items():
            if values != want:
                sys.exit(f"{path}: column {field.name}: {reader} and pyarrow differ")


def check_statistics(path, file):
    meta = file.metadata
    for group in range(meta.num_row_groups):
        table = file.read_row_group(group)
        for index, field in enumerate(table.schema):
            chunk = meta.row_group(group).column(index)
            stats = chunk.statistics
            values = table[field.name].drop_null()
            where = f"{path}: row group {group}: column {field.name}"
            if stats is None or stats.null_count != table.num_rows - len(values):
                sys.exit(f"{where}: wrong null count")
            if not chunk.has_offset_index:
                sys.exit(f"{where}: no offset index")
            if pyarrow.types.is_floating(field.type):
                values = values.filter(compute.invert(compute.is_nan(values)))
            if stats.has_min_max != (len(values) > 0):
                sys.exit(f"{where}: bounds of {len(values)} values: {stats.has_min_max}")
            if not len(values):
                continue
            least, most = compute.min_max(values).as_py().values()
            long = isinstance(least, str) and max(len(least.encode()), len(most.encode())) > 64
            inside = stats.min <= least and most <= stats.max
            if not inside or (not long and (stats.min, stats.max) != (least, most)):
                sys.exit(f"{where}: bounds {stats.min!r} to {stats.max!r} of {least!r} to {most!r}")


def main():
    for path in sys.argv[1:]:
        table = parquet.read_table(path, page_checksum_verification=True)
        file = parquet.ParquetFile(path)
        if not file.metadata.created_by.startswith("shukei version "):
            sys.exit(f"{path}: created by {file.metadata.created_by!r}")
        check_rows(path, table)
        check_statistics(path, file)
        print(f"{path}: {table.num_rows} rows, {table.num_columns} columns, same in four readers")


if __name__ == "__main__":
    main()
