# SPDX-License-Identifier: Apache-2.0
"""The writers of matrix.py that are Python packages: each writes one random file with random options and returns the columns that
its own reader finds in it, as cells.of_table().
"""

import cells
import matrix_tables

import pyarrow as pa
import pyarrow.parquet as pq

CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
INTEGERS = ["DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]
BY_PHYSICAL = {  # encodings beside plain and dictionary
    "BOOLEAN": ["RLE"], "INT32": INTEGERS, "INT64": INTEGERS, "FLOAT": ["BYTE_STREAM_SPLIT"], "DOUBLE": ["BYTE_STREAM_SPLIT"],
    "BYTE_ARRAY": ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"],
    "FIXED_LEN_BYTE_ARRAY": ["BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"], "INT96": [],
}


def leaves_of(schema, **options):
    """(path, physical type) of the leaves, as pyarrow makes them."""
    sink = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), sink, **options)
    leaves = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [(leaves.column(at).path, leaves.column(at).physical_type) for at in range(len(leaves))]


def by_pyarrow(dice, path):
    kinds = {"use_compliant_nested_type": dice.random() < 0.7, "store_decimal_as_integer": dice.random() < 0.5,
             "use_deprecated_int96_timestamps": dice.random() < 0.2, "version": dice.choice(("2.4", "2.6", "2.6"))}
    kinds["coerce_timestamps"] = "us" if kinds["version"] == "2.4" and not kinds["use_deprecated_int96_timestamps"] else None
    # Of INT96 pyarrow reads what nanoseconds in 64 bits can hold; format 2.4 has no nanoseconds.
    near = (matrix_tables.NEAR if kinds["use_deprecated_int96_timestamps"] else
            matrix_tables.WHOLE_MICROS if kinds["coerce_timestamps"] else {})
    table = matrix_tables.table_of(dice, {**matrix_tables.FLAT, **matrix_tables.ONLY_PYARROW, **near}, {**matrix_tables.FLAT, **near})
    leaves = leaves_of(table.schema, **kinds)
    dictionaries = {field.name for field in table.schema if pa.types.is_dictionary(field.type)}  # which it reads of no delta encoding
    coded = [name for name, _ in leaves if dice.random() < 0.4 or name in dictionaries]
    options = {"compression": dice.choice(CODECS), "data_page_version": dice.choice(("1.0", "2.0")), "use_dictionary": coded,
               "column_encoding": {name: dice.choice(["PLAIN", *BY_PHYSICAL[kind]]) for name, kind in leaves if name not in coded},
               "dictionary_pagesize_limit": dice.choice((50, 1 << 20)), "store_schema": dice.random() < 0.8,
               "data_page_size": dice.choice((1, 100, 3000, 1 << 20)), "write_batch_size": dice.choice((1, 10, 1024)),
               "row_group_size": dice.choice((1, 50, 1000)) if len(table) < 100 else dice.choice((97, 1000)),
               "write_page_checksum": dice.random() < 0.5, "write_page_index": dice.random() < 0.5,
               "write_statistics": dice.random() < 0.8}
    if dice.random() < 0.2:
        options["compression"] = {name: dice.choice(CODECS) for name, _ in leaves}
    pq.write_table(table, path, **kinds, **options)
    try:
        return cells.of_table(pq.ParquetFile(path).read(use_threads=False))
    except (pa.ArrowInvalid, OSError):  # it fails at some of its own where nothing but null is in a list of lists
        return cells.of_table(table)


ONLY_DUCKDB = {
    "interval": "to_months(i % 30) + to_days(i % 40) + to_milliseconds(i * 37)", "uuid": "md5(i::varchar)::UUID",
    "enum": "(['red', 'green', ''])[1 + i % 3]::ENUM ('red', 'green', '')", "json": "('{\"a\":' || i || '}')::JSON",
    "seconds": "make_timestamp(i * 1000000)::TIMESTAMP_S", "bits": "(i % 7)::UTINYINT", "huge": "(i - 5)::HUGEINT",
    "decimal": "(i % 79 * 1.25)::DECIMAL(4, 2)", "blob": "encode('é' || i)",
    "listed": "[i, NULL, i + 1]", "maps": "MAP {i: [{'a': i::varchar}]}", "fixed": "[i, i + 1, i + 2]::INTEGER[3]",
}


def duckdb_base():
    import duckdb
    base = duckdb.connect(config={"threads": 1})
    base.execute("SET TimeZone = 'UTC'")
    return base


def by_duckdb(dice, path, base):
    unfit = (pa.timestamp("ns", "UTC"), pa.time64("ns"))  # which it has not, or of which it refuses some
    table = matrix_tables.table_of(dice, {kind: make for kind, make in matrix_tables.FLAT.items() if kind not in unfit})
    own = dice.sample(list(ONLY_DUCKDB), dice.randint(0, 4))
    share = dice.choice((0, 0.3, 1))
    extra = "".join(f', CASE WHEN hash(i) % 100 >= {100 * share} THEN {ONLY_DUCKDB[name]} END AS "{name}"' for name in own)
    options = [f"CODEC {dice.choice(('uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli'))}",
               f"PARQUET_VERSION {dice.choice(('v1', 'v2'))}", f"DICTIONARY_SIZE_LIMIT {dice.choice((1, 10, 100000))}",
               f"ROW_GROUP_SIZE {dice.choice((2048, 122880))}"]
    base.register("made", table.append_column("i", pa.array(range(len(table)), pa.int64())))
    base.execute(f"COPY (SELECT *{extra} FROM made) TO '{path}' (FORMAT parquet, {', '.join(options)})")
    return cells.of_table(base.execute(f"SELECT * FROM read_parquet('{path}')").to_arrow_table())


def by_polars(dice, path):
    import polars as pl
    frame = pl.from_arrow(matrix_tables.table_of(dice, matrix_tables.FLAT))
    kind, make = dice.choice([(pl.Categorical, lambda: dice.choice(("red", "green", None))), (pl.Array(pl.Int32, 2), lambda: [1, None]),
                              (pl.Enum(["red", "green"]), lambda: dice.choice(("red", None))), (pl.Duration("ms"), lambda: dice.randint(0, 2**40))])
    frame = frame.with_columns(pl.Series("own", [make() for _ in range(len(frame))], dtype=kind))
    frame.write_parquet(path, compression=dice.choice(("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli")),
                        row_group_size=dice.choice((20, 1000)), data_page_size=dice.choice((100, 1 << 20)),
                        statistics=dice.choice((True, False, "full")))
    return cells.of_table(pl.read_parquet(path).to_arrow())


def pandas_columns(dice, count):
    """Columns of a frame with the words that fastparquet needs of each: (values, dtype, object_encoding)."""
    def column(make):
        share = dice.choice((0, 0.3, 1))
        return [None if dice.random() < share else make() for _ in range(count)]
    return {
        "flag": ([dice.random() < 0.5 for _ in range(count)], "bool", None),
        "maybe": (column(lambda: dice.random() < 0.5), "boolean", None),
        "int": ([dice.randint(-(2**31), 2**31 - 1) for _ in range(count)], "int32", None),
        "small": ([dice.randint(-128, 127) for _ in range(count)], "int8", None),
        "unsigned": ([dice.randint(0, 2**16 - 1) for _ in range(count)], "uint16", None),
        "huge": ([dice.randint(0, 2**64 - 1) for _ in range(count)], "uint64", None),
        "long": (column(lambda: dice.randint(-(2**63), 2**63 - 1)), "Int64", None),
        "single": ([matrix_tables.single(dice) for _ in range(count)], "float32", None),
        "double": ([dice.uniform(-1e9, 1e9) for _ in range(count)], "float64", None),
        "text": (column(lambda: matrix_tables.word(dice)), "object", "utf8"),
        "bytes": (column(lambda: matrix_tables.some_bytes(dice)), "object", "bytes"),
        "json": (column(lambda: {"a": [dice.randint(0, 9)]}), "object", "json"),
        "kind": (["red"] + column(lambda: dice.choice(("red", "green")))[1:], "category", None),  # it cannot read one of nulls alone
        "time": ([dice.randint(0, 2**60) for _ in range(count)], "datetime64[ns]", None),
        "micros": ([dice.randint(0, 2**50) for _ in range(count)], "datetime64[us]", None),
    }


def of_pandas(series, dtype):
    """What cat prints of a column that fastparquet reads; None and NaN are one there."""
    import json
    unit = series.dtype.name[11:13] if dtype.startswith("datetime64") else None
    found = []
    for value, null in zip(series.astype("int64") if unit else series, series.isna()):
        if null:
            found.append(None)
        elif isinstance(value, (dict, list)):
            found.append(json.dumps(value, separators=(",", ":")))
        elif unit:
            found.append(cells.instant_text(int(value), unit))
        elif isinstance(value, bytes):
            found.append(cells.bytes_text(value))
        else:
            found.append(value.item() if hasattr(value, "item") else value)
    return [cells.number(v) if isinstance(v, float) and dtype.startswith("float") else v for v in found]


def by_fastparquet(dice, path):
    import fastparquet
    import fastparquet.writer
    import pandas as pd
    count = dice.choice(matrix_tables.ROWS[1:])
    columns = pandas_columns(dice, count)
    names = dice.sample(list(columns), dice.randint(1, 8))
    frame = pd.DataFrame({name: pd.Series(columns[name][0], dtype=columns[name][1]) for name in names})
    fastparquet.writer.DATAPAGE_VERSION = dice.choice((1, 2))
    fastparquet.write(str(path), frame, write_index=False, has_nulls=True if {"maybe", "long", "kind"} & set(names) else dice.choice((True, "infer")),
                      compression=dice.choice(("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW", "BROTLI")),
                      object_encoding={name: columns[name][2] or "infer" for name in names},
                      times=dice.choice(("int64", "int96")), row_group_offsets=dice.choice((50, 1000)),
                      stats=dice.choice((True, False)))
    read = fastparquet.ParquetFile(str(path)).to_pandas()
    return [(name, False, of_pandas(read[name], columns[name][1])) for name in names]
