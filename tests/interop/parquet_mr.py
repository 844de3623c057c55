# SPDX-License-Identifier: Apache-2.0
"""parquet-mr, the Java library of Parquet, by tests/interop/parquet_mr/ParquetMr.java, which tells the requests that it takes.
tools/parquet_mr.sh builds it; without it `here()` is false.
"""
import json
import re
import shutil
import subprocess

import cells
import harness

HOME = harness.ROOT / ".cache/parquet-mr"


def here():
    return (HOME / "classes").is_dir() and shutil.which("java") is not None


class ParquetMr:
    """One process of it; ask() is a request and its answer."""

    def __enter__(self):
        words = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", f"{HOME}/classes:{HOME}/jars/*", "ParquetMr"]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        return self

    def ask(self, what, path, **wish):
        self.process.stdin.write(json.dumps({"do": what, "path": str(path), **wish}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"parquet-mr: {answer['error']}")
        return answer

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


FIELD = re.compile(r"  \w+ (\w+)(?:\(\d+\))? (\S+?)(?: \((\w+(?:\(.*\))?)\))?(?: columnorder\(\w+\))?;$", re.M)


def columns_of(read):
    """Flat columns of what read answers, as cells.of_table() gives them."""
    fields = FIELD.findall(read["schema"])
    return [(name, False, [cells.of_physical(row[at], physical, annotation) for row in read["rows"]])
            for at, (physical, name, annotation) in enumerate(fields)]
