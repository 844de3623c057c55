#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers that meet: runs whose memory is short while several files are read at once.

usage: meetings.py

Each pod of the dataset has labels of its own, so that tables grow with every row, and its rows lie in a
few large files and many small ones: workers meet to empty their tables while others open files, are done
with theirs, or fail. The summary is the same bytes as without a limit, and a file that turns out to be
broken in the middle of it ends the run, however many wait for a meeting.
"""
import gzip
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from harness import must, run

HEADER = ("interval_start,pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,"
          "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"
          "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
          "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,"
          "pod_labels\n")
STORAGE = ("interval_start,namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,"
           "persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,"
           "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"
           "persistentvolume_labels,persistentvolumeclaim_labels\n")
LARGE = {30000: ".csv.gz", 24000: ".csv.gz", 8000: ".csv"}
SMALL = 30
DAYS = ("2025-10-01", "2025-10-02", "2025-10-03")
PODS = 200000
LEAST = 80  # MiB: with less there is one worker alone
LIMITS = ((8, LEAST), (2, 96))  # threads, MiB
INPUT = 3
SECONDS = 120  # what a run takes is a second or two
KEYS = ("--enabled-keys", "app,zone")


def rows(count, day, width, dice):
    """Rows of pods, most of one day; a label that is not enabled is `width` long."""
    lines = []
    for _ in range(count):
        pod = dice.randrange(PODS)
        when = DAYS[day] if dice.randrange(20) else dice.choice(DAYS)
        lines.append(f"{when} {dice.randrange(24):02}:00:00,pod-{pod},space-{pod % 30},node-{pod % 40},i-{pod % 40},"
                     f"{pod % 3600}.5,{pod % 700},0,{pod}e9,{pod}e8,0,4,14400,8e9,2.88e13,"
                     f"label_app:{pod:032x}|label_zone:z{pod % 5}|label_other:{pod:0{width}}\n")
    return lines


def write(path, header, lines):
    text = (header + "".join(lines)).encode()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text, 1, mtime=0))
    else:
        path.write_bytes(text)


def make(folder, width):
    """Large files among small ones: file names are drawn."""
    dice = random.Random(6)
    folder.mkdir()
    for number in range(SMALL):
        write(folder / f"{dice.randrange(1 << 30):08x}.csv", HEADER, rows(200, number % 3, width, dice))
    for number, (count, suffix) in enumerate(LARGE.items()):
        write(folder / f"{dice.randrange(1 << 30):08x}-large{suffix}", HEADER, rows(count, number % 2, width, dice))
    volumes = [f"{day} 0{hour}:00:00,space-{pod % 30},pod-{pod},c{pod},v{pod},gp,1e9,3.6e12,1e12,9e11,,label_zone:s\n"
               for day in DAYS for hour in range(3) for pod in range(0, 2000, 3)]
    write(folder / "volumes.csv", STORAGE, volumes)
    (folder / "labels.csv").write_text("interval_start,node,node_labels\n" + "".join(
        f"{day} 0{hour}:00:00,node-{n},label_zone:n{hour}\n" for day in DAYS for hour in range(3) for n in range(40)))
    return folder


def converted(source, target):
    """A Parquet file a day of each large file, and of all others."""
    large = sorted(source.glob("*large*"))
    must("convert", *[path for path in source.iterdir() if path not in large], "--to", target / "others", "--quiet")
    for path in large:
        must("convert", path, "--to", target / path.name.split(".")[0], "--quiet")
    return target


def summary(source, out, labels, threads, memory):
    """The bytes, and how much went through a temporary file."""
    must("aggregate", source, *KEYS, "--labels", labels, "--to", out / "out.csv", "--stats", out / "stats.json",
         "--threads", threads, "--memory", memory, "--quiet", timeout=SECONDS)
    return (out / "out.csv").read_bytes(), json.loads((out / "stats.json").read_text())["spilled_bytes"]


def same_bytes(folder, forms, labels):
    want, spilled = summary(forms[0], folder, labels, 1, "4GiB")
    assert spilled == 0
    for form in forms:
        for threads, memory in LIMITS:
            got, spilled = summary(form, folder, labels, threads, f"{memory}MiB")
            what = f"{form.name}, {labels}, {threads} threads, {memory} MiB"
            assert got == want, f"another summary of {what}"
            assert spilled > 0, f"nothing spilled of {what}"


def broken_in_the_middle(folder, source):
    """The last bytes of a file are another number of bytes: all of its rows have been read by then."""
    for path in sorted(source.glob("*.gz")):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        for threads, memory in LIMITS:
            got = run("aggregate", source, *KEYS, "--to", folder / "never.csv", "--threads", threads,
                      "--memory", f"{memory}MiB", "--quiet", timeout=SECONDS)
            text = got.stderr.decode(errors="replace")
            assert got.returncode == INPUT and path.name in text, f"exit {got.returncode}: {text}"
            assert not (folder / "never.csv").exists()
        path.write_bytes(whole)


def main():
    with harness.Folder() as folder:
        csv = make(folder / "csv", 3000)
        forms = [csv, converted(make(folder / "short", 700), folder / "parquet")]
        harness.main([("labels of koku", lambda: same_bytes(folder, forms, "koku")),
                      ("labels of the hour", lambda: same_bytes(folder, forms, "hourly")),
                      ("a broken file", lambda: broken_in_the_middle(folder, csv))])


if __name__ == "__main__":
    main()
