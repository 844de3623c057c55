# SPDX-License-Identifier: Apache-2.0
"""Scenarios of decoding alone, one column in one thread: each encoding, type and codec by shukei/parquet.h
(decode_column.c) beside pyarrow and DuckDB (decode_peers.py). docs/benchmark.md says what is compared.

The files are written by pyarrow with its defaults but for encoding and codec. Doubles, instants and texts are
columns of `1m`; numbers, times of any second, flags and uuids are made up from a fixed seed.
"""
import contextlib
import functools
import json
import sys

from measure import HERE, Asked, Failed, Resident
from scenarios import Plan, Target, scenario, times

CODECS = {"none": "uncompressed", "snappy": "Snappy", "gzip": "gzip", "zstd": "Zstandard", "lz4": "LZ4_RAW", "brotli": "Brotli"}
MADE = 1  # counts up when files are made differently
WORDS = 1 << 22
# encoding: the values that it is measured with
CASES = {
    "PLAIN": ("double", "instant", "int64", "int32", "float", "boolean", "name", "labels", "uuid"),
    "DICTIONARY": ("step", "instant", "int64", "int32", "float", "name", "labels", "uuid"),
    "DELTA_BINARY_PACKED": ("instant", "int64", "int32"),
    "DELTA_LENGTH_BYTE_ARRAY": ("name", "labels"),
    "DELTA_BYTE_ARRAY": ("name", "labels", "uuid"),
    "BYTE_STREAM_SPLIT": ("double", "int64", "int32", "float", "uuid"),
    "RLE": ("boolean",),
}
# What files of reports have, by pyarrow, by the operator's converters and by ours; with any codec of REPORT_CODECS.
REPORTS = {("PLAIN", "double"), ("PLAIN", "instant"), ("PLAIN", "name"), ("PLAIN", "labels"), ("DICTIONARY", "step"),
           ("DICTIONARY", "instant"), ("DICTIONARY", "name"), ("DICTIONARY", "labels"), ("DELTA_BINARY_PACKED", "instant"),
           ("BYTE_STREAM_SPLIT", "double")}
REPORT_CODECS = ("none", "snappy", "gzip", "zstd")


class Disagreement(Exception):
    pass


class Values:
    """Arrays by name; what is few of lies in them again and again, farther apart than any codec looks back."""

    def __init__(self, folder):
        import numpy
        import pyarrow as pa
        import pyarrow.parquet as pq
        self.pa, self.numpy, self.random = pa, numpy, numpy.random.default_rng(1)
        columns = ["interval_start", "pod", "pod_labels", "pod_usage_cpu_core_seconds", "pod_usage_memory_byte_seconds",
                   "pod_request_cpu_core_seconds", "pod_limit_memory_byte_seconds"]
        self.table = pq.read_table(next(folder.glob("pod_usage*.parquet")), columns=columns).combine_chunks()

    def words(self, *names):
        parts = [self.table[name].combine_chunks() for name in names]
        rows = sum(len(part) for part in parts)
        return self.pa.concat_arrays(parts * (WORDS // rows + 1))[:WORDS]

    def texts(self, name, bytes_):
        array = self.table[name].combine_chunks().cast(self.pa.binary())
        whole = self.pa.compute.sum(self.pa.compute.binary_length(array)).as_py()
        array = self.pa.concat_arrays([array] * (bytes_ // whole + 1))
        return array[:int(len(array) * bytes_ / (whole * (bytes_ // whole + 1)))]

    def of(self, name, encoding):
        few = encoding == "DICTIONARY"
        numpy, random, pa = self.numpy, self.random, self.pa
        if name in ("double", "float"):
            array = self.words("pod_usage_cpu_core_seconds", "pod_usage_memory_byte_seconds").to_numpy()
            if few:
                array = array[:30000][random.integers(0, 30000, WORDS)]
            return pa.array(array.astype(numpy.float32 if name == "float" else numpy.float64))
        if name == "step":
            return self.words("pod_request_cpu_core_seconds", "pod_limit_memory_byte_seconds")
        if name == "instant":
            return self.words("interval_start")
        if name in ("int64", "int32"):
            array = random.geometric(1e-3, WORDS) if few else random.geometric(1e-5, WORDS)
            return pa.array((numpy.cumsum(array) if name == "int64" and not few else array).astype(name))
        if name == "boolean":
            return pa.array(random.random(4 * WORDS) < 0.9)
        if name == "uuid":
            raw = random.bytes(16 * 40000) if few else random.bytes(16 * (WORDS // 2))
            array = numpy.frombuffer(raw, "V16")
            return pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), WORDS // 2, [None, pa.py_buffer((array[random.integers(0, len(array), WORDS // 2)] if few else array).tobytes())])
        return self.texts({"name": "pod", "labels": "pod_labels"}[name], 32 << 20)


def write(array, encoding, codec, path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    way = {"use_dictionary": True} if encoding == "DICTIONARY" else {"use_dictionary": False, "column_encoding": {"c": encoding}}
    more = {"dictionary_pagesize_limit": 64 << 20} if encoding == "DICTIONARY" else {}
    pq.write_table(pa.table({"c": array}), path, compression=codec, **way, **more)


def plain_bytes(array):
    """What the values take in memory: texts with four bytes of length each, flags a byte each."""
    import pyarrow as pa
    import pyarrow.compute as compute
    if pa.types.is_binary(array.type):
        return compute.sum(compute.binary_length(array)).as_py() + 4 * len(array)
    return len(array) * (1 if pa.types.is_boolean(array.type) else array.type.bit_width // 8)


def make_files(store):
    """The folder, and what its files hold: name -> [values, bytes]."""
    folder = store.top / "decode"
    marker = folder / "made.json"
    told = json.loads(marker.read_text()) if marker.exists() else {}
    if told.get("made") != MADE:
        store.say("making the columns of decode")
        folder.mkdir(exist_ok=True)
        values, told = Values(store.folder_of("1m", "pyarrow")), {"made": MADE, "files": {}}
        for encoding, names in CASES.items():
            for name in names:
                array = values.of(name, encoding)
                for codec in CODECS:
                    write(array, encoding, codec, folder / f"{encoding}-{name}-{codec}.parquet")
                told["files"][f"{encoding}-{name}"] = [len(array), plain_bytes(array)]
        marker.write_text(json.dumps(told))
    return folder, told["files"]


def compare(files, residents):
    """All make the same sum of a file's values."""
    for file in files:
        found = {}
        for name, resident in residents.items():
            with contextlib.suppress(Failed):
                found[name] = resident.ask(f"sum {file}")
        if len(set(found.values())) != 1 or not {"shukei", "pyarrow"} <= set(found):
            raise Disagreement(f"{file.name}: {found}")
    print(f"agree    the values of {len(files)} files", flush=True)


def decode(bench, codec):
    folder, files = make_files(bench.store)
    residents = {"shukei": Resident([bench.shukei.parents[2] / "bench/decode_column"]),
                 **{peer: Resident([sys.executable, HERE / "decode_peers.py", peer]) for peer in ("pyarrow", "duckdb")}}
    ways = {"shukei": ("shukei", "time"), "shukei, Arrow": ("shukei", "arrow"), "pyarrow": ("pyarrow", "time"),
            "pyarrow, table": ("pyarrow", "table"), "duckdb": ("duckdb", "time")}
    contenders, targets, compared, bytes_of = [], [], [], {}
    for encoding, name in ((encoding, name) for encoding, names in CASES.items() for name in names):
        case, file = f"{encoding} {name} {codec}", folder / f"{encoding}-{name}-{codec}.parquet"
        values, bytes_of[case] = files[f"{encoding}-{name}"]
        compared.append(file)
        contenders += [Asked(f"{case}: {way}", residents[who], f"{word} {file}", values, against=f"{case}: duckdb", threads=1)
                       for way, (who, word) in ways.items()]
        if (encoding, name) in REPORTS and codec in REPORT_CODECS:
            targets += [Target(f"{case}, times as fast as {peer}", times(f"{case}: shukei", f"{case}: {peer}"), least=1)
                        for peer in ("pyarrow", "pyarrow, table", "duckdb")]

    def table(by_name):
        print(f"{'GB/s':40}" + "".join(f"{way:>16}" for way in ways) + f"{'times':>8}")
        for case, size in bytes_of.items():
            asked = [by_name[f"{case}: {way}"] for way in ways]
            speeds = [0 if one.failure else size / one.median / 1e9 for one in asked]
            print(f"{case:40}" + "".join(f"{speed:16.2f}" for speed in speeds) + f"{speeds[0] / max(speeds[2:]):8.2f}")

    return Plan(contenders, targets, table=table, compare=lambda: compare(compared, residents))


for codec in CODECS:
    scenario(f"decode-{codec}", f"each encoding and type, {CODECS[codec]}: beside pyarrow and DuckDB, one thread", "1m")(
        functools.partial(decode, codec=codec))
