#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that are odd and sound, and files of which the pages are not to be had: no columns, rows or row groups, names of every kind and
twice, lists 120 deep, a large dictionary, pages of one value, a _metadata file and encrypted files.

usage: odd.py all
"""
import peers
import cells
import parquet_mr
from harness import Folder, must, run
from matrix import compare

import pyarrow as pa
import pyarrow.parquet as pq


def deep(depth):
    kind, value = pa.int32(), 7
    for _ in range(depth):
        kind, value = pa.list_(kind), [value]
    return pa.table({"deep": pa.array([value, None, value], kind), "id": [1, 2, 3]})


NAMES = ["n" * 70000, "größe\U0001f600", "", "a.b", "line\nbreak", 'quo"te,', "list", "element"]
ODD = {
    "no columns": (pa.table({}), {}),
    "no rows": (pa.table({"a": pa.array([], pa.int32()), "l": pa.array([], pa.list_(pa.string()))}), {}),
    "names": (pa.table({name: [at] for at, name in enumerate(NAMES)}), {}),
    "a name twice": (pa.table([pa.array([1, 2]), pa.array(["x", None])], names=["a", "a"]), {}),
    "lists 120 deep": (deep(120), {}),
    "lists 120 deep, v2": (deep(120), {"data_page_version": "2.0"}),
    "a dictionary of 200,000 texts": (pa.table({"t": [f"{i * 7919 % 200000:06d}" for i in range(300000)]}), {"dictionary_pagesize_limit": 1 << 24}),
    "pages of one value": (pa.table({"a": [1, None, 3], "t": ["x", "", None]}), {"data_page_size": 1, "write_batch_size": 1}),
    "nothing but null": (pa.table({"a": pa.array([None] * 9, pa.int64()), "t": pa.array([None] * 9, pa.string()), "n": pa.nulls(9)}), {}),
    "400 row groups of a row": (pa.table({"a": range(400)}), {"row_group_size": 1}),
    "3,000 columns": (pa.table({f"c{at}": [at] for at in range(3000)}), {}),
}


def sound(table, options):
    with Folder() as folder:
        pq.write_table(table, folder / "odd.parquet", **options)
        if table.num_columns:
            compare(folder / "odd.parquet", cells.of_table(table))
        must("cat", "--nested", folder / "odd.parquet")
        must("inspect", "--check", folder / "odd.parquet")


def no_row_groups():
    with Folder() as folder:
        with pq.ParquetWriter(folder / "odd.parquet", pa.schema([("a", pa.int32())])):
            pass
        assert must("cat", folder / "odd.parquet").stdout == b"a\n"


def refused(path, words):
    got = run("cat", path)
    text = got.stderr.decode()
    assert got.returncode == 3 and words in text, f"exit {got.returncode}: {text}"


def metadata_file():
    """The pages lie in the files that its file_path columns name."""
    import fastparquet
    import pandas as pd
    with Folder() as folder:
        fastparquet.write(str(folder / "set"), pd.DataFrame({"a": [1, 2], "k": ["x", "y"]}), file_scheme="hive", partition_on=["k"])
        must("inspect", folder / "set" / "_metadata")
        refused(folder / "set" / "_metadata", "its pages lie in another file")
        part, *_ = sorted((folder / "set").rglob("*.parquet"))
        assert must("cat", part).stdout == b"a\n1\n"


def encrypted():
    with Folder() as folder, parquet_mr.ParquetMr() as servant:
        for algorithm in ("AES_GCM_V1", "AES_GCM_CTR_V1"):
            for plain_footer in (True, False):
                path = folder / "odd.parquet"
                servant.ask("write", path, schema="message m { required int32 a; }", rows=[[1]],
                            encryption={"algorithm": algorithm, "plain_footer": plain_footer})
                refused(path, f"encrypted with {algorithm}, which cannot be read")


if __name__ == "__main__":
    cases = [(name, lambda t=table, o=options: sound(t, o)) for name, (table, options) in ODD.items()]
    cases += [("no row groups", no_row_groups), ("_metadata", metadata_file)]
    peers.harness.main(cases + ([("encrypted", encrypted)] if parquet_mr.here() else []))
