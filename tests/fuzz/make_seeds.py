# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds in corpus/: small inputs from which the fuzzer finds its way sooner. Needs pyarrow and zstd.

usage: .venv/bin/python tests/fuzz/make_seeds.py
"""

import gzip
import io
import json
import pathlib
import random
import struct
import subprocess
import sys
import tarfile

import pyarrow
import pyarrow.parquet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bad"))
from parquet_parts import BINARY, FALSE, I32, I64, LIST, STRUCT, TRUE, struct_bytes

CORPUS = pathlib.Path(__file__).parent / "corpus"
CSV = b"a,b\n1,2\n" * 50


def put(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def parquet_files():
    rows = pyarrow.table({
        "interval_start": ["2025-10-01 00:00:00 +0000 UTC", None, "x"],
        "n": pyarrow.array([1, 2, None], pyarrow.int32()),
        "d": [1.5, None, 2.5],
        "ts": pyarrow.array([0, 1, None], pyarrow.timestamp("us", tz="UTC")),
        "b": [True, None, False],
        "dec": pyarrow.array([None, 1, 2], pyarrow.decimal128(9, 2)),
        "l": pyarrow.array([[1], [], None], pyarrow.list_(pyarrow.int64())),
    })
    delta = {"n": "DELTA_BINARY_PACKED", "d": "BYTE_STREAM_SPLIT", "interval_start": "DELTA_BYTE_ARRAY", "ts": "DELTA_BINARY_PACKED"}
    forms = {
        "snappy": {}, "brotli": {}, "lz4": {"data_page_version": "2.0"},
        "zstd": {"data_page_version": "2.0", "use_dictionary": False},
        "gzip": {"column_encoding": delta, "use_dictionary": False},
        "none": {"write_page_index": True, "write_page_checksum": True},
    }
    for codec, options in forms.items():
        out = io.BytesIO()
        columns = rows.select(list(delta)) if "column_encoding" in options else rows
        pyarrow.parquet.write_table(columns, out, compression=codec, **options)
        content = out.getvalue()
        footer = struct.unpack("<I", content[-8:-4])[0]
        put("parquet", f"pyarrow-{codec}.parquet", content)
        put("footer", f"footer-{codec}", content[-8 - footer:-8])
        put("footer", f"page-{codec}", content[4:60])


def nested_files():
    """Levels of several heights, in pages of a few entries."""
    point = pyarrow.struct([pyarrow.field("x", pyarrow.int32(), False), ("y", pyarrow.string())])
    rows = pyarrow.table({
        "lists": pyarrow.array([[[1, None], [], None], None, [[2]], []], pyarrow.list_(pyarrow.list_(pyarrow.int64()))),
        "map": pyarrow.array([[("a", 1.5)], [], None, [("b", None), ("c", 2)]], pyarrow.map_(pyarrow.string(), pyarrow.float64())),
        "points": pyarrow.array([[{"x": 1, "y": None}], [None, {"x": 2, "y": "z"}], [], None], pyarrow.list_(point)),
        "deep": pyarrow.array([{"m": [(1, [True])]}, None, {"m": None}, {"m": [(2, None)]}], pyarrow.struct(
            [("m", pyarrow.map_(pyarrow.int32(), pyarrow.list_(pyarrow.bool_())))])),
    })
    forms = {"nested": {"compression": "none"}, "nested-2": {"data_page_version": "2.0", "use_dictionary": False}}
    for name, options in forms.items():
        out = io.BytesIO()
        pyarrow.parquet.write_table(rows, out, data_page_size=8, write_batch_size=2, **options)
        put("parquet", f"pyarrow-{name}.parquet", out.getvalue())


def indexed_file():
    """Several pages and row groups, a page index, Bloom filters, a dictionary that is given up."""
    rows = pyarrow.table({"t": ["a", None, "b"] * 40 + [f"c{i}" for i in range(80)], "n": pyarrow.array([i // 9 for i in range(200)], pyarrow.int32())})
    out = io.BytesIO()
    pyarrow.parquet.write_table(rows, out, compression="none", write_page_index=True, data_page_size=40, write_batch_size=16, row_group_size=120,
                                dictionary_pagesize_limit=60, bloom_filter_options={"t": {"ndv": 20}, "n": {"ndv": 20}})
    put("parquet", "pyarrow-indexed.parquet", out.getvalue())


def page(kind, encoding, rows, body, levels=0, version=0):
    """As fuzz_page.c takes its input apart."""
    kinds = kind | levels << 8 | version << 9 | encoding << 10
    return struct.pack(">HHBH", kinds, rows, 3, 2) + body


def pages():
    widths = bytes(4)
    for name, content in {
        "plain": page(1, 0, 3, b"\1\2\3\4" * 3), "booleans": page(0, 0, 9, b"\x15\x01"),
        "runs": page(0, 3, 10, bytes([4, 0, 0, 0, 3, 5, 4, 1])),
        "delta": page(1, 5, 3, bytes([0x80, 1, 4, 3, 20, 1]) + widths),
        "texts": page(6, 0, 2, bytes([1, 0, 0, 0, 9, 2, 0, 0, 0, 8, 7])),
        "lengths": page(6, 6, 2, bytes([0x80, 1, 4, 2, 2, 2]) + widths + bytes([1, 2, 3])),
        "prefixes": page(6, 7, 3, bytes([0x80, 1, 4, 3, 0, 2]) + widths + bytes([0x80, 1, 4, 3, 2, 0]) + widths + bytes([1, 2, 3])),
        "streams": page(5, 9, 2, bytes(range(16))), "codes": page(1, 8, 8, bytes([3, 3, 0x88, 0xC6, 0xFA])),
        "levels": page(1, 0, 8, bytes([2, 0, 0, 0, 3, 0x55]) + b"\1\2\3\4" * 4, levels=1),
        "levels-2": page(1, 0, 8, bytes([2, 3, 0x55]) + b"\1\2\3\4" * 4, levels=1, version=1),
    }.items():
        put("page", name, content)


def levels():
    """As fuzz_levels.c takes its input apart."""
    for name, content in {
        "runs": bytes([0, 1, 0, 10, 2]) + bytes([4, 0, 0, 0, 12, 1, 3, 0x55]), "bits": bytes([4, 3, 0, 8, 1, 0x1B, 0xE4]),
        "second": bytes([1, 2, 0, 9, 0, 8, 1, 3, 0x64, 0x92]), "high": bytes([3, 1, 44, 0, 8, 1, 16, 44, 1]),
        "streams": bytes([0x71, 0, 0, 0, 0]) + bytes(range(200)),
    }.items():
        put("levels", name, content)


def indexes():
    """A kind, rows, bytes of pages, where the column index begins, a value, the indexes or a filter (fuzz_index.c)."""
    def put_index(name, kind, rows, pages, value, first, behind=b""):
        put("index", name, struct.pack(">BHHHB", kind, rows, pages, len(first), len(value)) + value + first + behind)
    places = struct_bytes([[1, LIST, (STRUCT, [[[1, I64, 4 + 50 * i], [2, I32, 50], [3, I64, 10 * i]] for i in range(3)])]])
    for name, kind, value, bounds in (("texts", 64, b"pod", [b"a", b"m", b"x"]), ("numbers", 1, struct.pack("<i", 7), [struct.pack("<i", n) for n in (1, 5, 9)]),
                                      ("doubles", 2, struct.pack("<d", 5.5), [struct.pack("<d", n) for n in (-1, 5, float("nan"))])):
        bounds_bytes = struct_bytes([[1, LIST, (TRUE, [FALSE, FALSE, FALSE])], [2, LIST, (BINARY, bounds)], [3, LIST, (BINARY, bounds[1:] + bounds[-1:])],
                                     [4, I32, 1], [5, LIST, (I64, [0, 0, 3])]])
        put_index(name, kind, 30, 150, value, places, bounds_bytes)
    union = [[1, STRUCT, []]]
    head = struct_bytes([[1, I32, 64], [2, STRUCT, union], [3, STRUCT, union], [4, STRUCT, union]])
    for name, bits in ("filter", bytes(range(64))), ("filter-full", b"\xff" * 64):
        put_index(name, 32, 10, 0, b"pod", head + bits)


def values():
    """A type, a meaning, three values (fuzz_values.c)."""
    integers = struct.pack("<iii", 5, -3, 20000)
    for name, content in {
        "int32": bytes([1, 0]) + integers, "uint8": bytes([1, 10]) + integers, "date": bytes([1, 7]) + integers, "float": bytes([4, 0]) + integers,
        "timestamp": bytes([138, 9]) + struct.pack("<qqq", 1759276800000000, 0, -1), "decimal": bytes([2, 0x46]) + struct.pack("<qqq", 12345, -1, 10**17),
        "double": bytes([5, 0]) + struct.pack("<ddd", 1.5, -0.0, 1e300), "text": bytes([6, 1]) + b"\x03abc\x80" + b"a" * 128 + "\x04é~".encode(),
        "uuid": bytes([7 + 8 * 15, 5]) + bytes(range(48)), "half": bytes([7 + 8, 11]) + bytes([0, 0x3C, 0, 0xBC, 1, 0]),
    }.items():
        put("values", name, content)


def reports():
    put("report", "pods", b"\0" + b"2025-10-01 00:00:00 +0000 UTC,web,shop,n1,i-1,3600,1800,0,3600,3600,0,4,14400,1024,3686400,label_app:web\n"
        b'2025-10-01T01:00:00Z,db,"a ""b""",n1,i-1,1e3,,0,3600,3600,0,4,14400,1024,3686400,"{""app"": ""db""}"\n')
    put("report", "storage", b"\1" + b"2025-10-01 00:00:00 +0000 UTC,shop,web,claim,volume,fast,1e9,3.6e12,3.6e12,1e11,label_a:b,\n")
    put("report", "nodes", b"\2" + b"2025-10-01 00:00:00 +0000 UTC,n1,label_zone:a|label_app:x\n")
    put("report", "namespaces", b"\3" + b"2025-10-01 00:00:00 +0000 UTC,shop,label_team:b\r\n")
    put("report", "free", b"\4" + b"interval_start,node,node_labels\n2025-10-01 00:00:00 +0000 UTC,n1,\n")


def texts():
    labels = ['{"app": "web", "a_b": "\\u00e9\\ud83d\\ude00", "n": null, "x": 1.5e3, "l": [1, {"a": 2}]}', "label_app:web|label_tier:a:b|label_x:",
              "{}", '{"label_a": "b", "label_a": "c"}', '  {"é": "在庫"}  ', '{"a": "b"', "|:|::|"]
    numbers = ["1.5", "-0", "1e309", "4.9406564584124654e-324", "9007199254740993", "0.1e-400", "inf", "2025-10-01 00:00:00 +0000 UTC",
               "2025-10-01T00:00:00.123456789Z", "1970-01-01", "2025-10-01 23:59:59 -0730", "179769313486231580793728971405301e277"]
    for target, found in (("labels", labels), ("text", numbers)):
        for number, text in enumerate(found):
            put(target, str(number), text)
    put("csv", "quoted", b'\x00a,b\n"x, ""y""",2\r\n3,"4\n5"\r6,7\n')
    put("csv", "odd", b'\x01a"b,c\n1,2\n"a"b,c\n')
    put("config", "all.yaml", "start: 2025-10-01\nend: 2025-10-31\nenabled_keys: [app, tier]\ncost_categories: [{id: 1, pattern: 'openshift-%'}]\n"
        "nodes: [{node: n, resource_id: i, role: master}]\nclusters: [{cluster_id: a, source: b}]\nlabels: hourly\nmemory: 256MiB\nthreads: 2\n")
    put("config", "manifest.json", json.dumps({
        "uuid": "a", "cluster_id": "b", "version": "v", "date": "2025-10-01T00:00:00.5Z", "files": ["a_openshift_usage_report.0.csv"],
        "start": "2025-10-01T00:00:00Z", "end": "2025-10-01T23:59:59Z", "daily_reports": True, "cr_status": {},
        "resource_optimization_files": ["x.csv"]}))


def archives():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in (("manifest.json", b'{"uuid":"u"}'), ("a/" + "x" * 120 + ".csv", CSV)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    put("archive", "tar", b"\x02" + out.getvalue())
    put("archive", "tar.gz", b"\x03" + gzip.compress(out.getvalue(), mtime=0))
    put("archive", "csv.gz", b"\x01" + gzip.compress(CSV, mtime=0) + gzip.compress(b"again", 1, mtime=0))
    put("archive", "csv.zst", b"\x00" + subprocess.run(["zstd", "-c"], input=CSV, capture_output=True, check=True).stdout)


def codecs():
    text = b"shukei shukei shukei" * 10
    for number, name in {1: "snappy", 4: "brotli", 5: "lz4", 6: "zstd", 7: "lz4_raw"}.items():
        put("codec", name, bytes([number, 0, 0, len(text)]) + pyarrow.compress(text, name, asbytes=True))
    put("codec", "gzip", bytes([2, 0, 0, len(text)]) + gzip.compress(text, mtime=0))


def answers():
    put("s3", "list.xml", '<?xml version="1.0"?><ListBucketResult><Name>b</Name><Contents><Key>a&amp;b.csv</Key><Size>5</Size>'
        '<ETag>"x"</ETag></Contents><IsTruncated>false</IsTruncated></ListBucketResult>')
    put("s3", "error.xml", "<Error><Code>SlowDown</Code><Message>m</Message><Region>eu</Region></Error>")
    put("s3", "range", "bytes 0-9/100")
    put("s3", "date", "Wed, 26 Nov 2025 10:00:00 GMT")
    put("s3", "keys.json", '{"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2030-01-01T00:00:00Z","Version":1}')
    put("s3", "profile", "[default]\nregion = eu\ns3 =\n  region = x\n[profile b]\ncredential_process = y\n")
    put("s3", "name", "s3://bucket/key")


def tables():
    chance = random.Random(1)
    for number in range(3):
        put("write", str(number), chance.randbytes(600))


for make in (parquet_files, nested_files, indexed_file, pages, levels, indexes, values, reports, texts, archives, codecs, answers, tables):
    make()
