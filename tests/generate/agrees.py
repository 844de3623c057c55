#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generated data, summarised by the reference program and by aggregate, in every form.

usage: agrees.py PRESET            the preset as it is, both kinds of values
       agrees.py random SHARD OF   random settings; SHUKEI_RANDOM_CASES (16) in all shards together

Also here: rows and groups of the second family, daily files, and that a dataset's description tells
what its files hold.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import harness
from compare import same
from harness import must, rows_of_csv

KEYS = ["app", "tier", "env", "node", "pod", "backup", "node_role_kubernetes_io"]
CATEGORIES = [{"id": 1, "pattern": "kube-%"}, {"id": 2, "pattern": "openshift-%"}]
FORMS = [(), ("--files", "daily"), ("--format", "csv.gz"), ("--format", "parquet"),
         ("--format", "parquet", "--layout", "koku"), ("--format", "parquet", "--layout", "poc"),
         ("--payload",)]
GROUPS = {"20k": 830, "50k": 2080}


def describe(folder):
    """The dataset's description, after a look at its files."""
    found = json.loads((folder / "shukei-dataset.json").read_text())
    for file in found["files"]:
        text = (folder / file["name"]).read_bytes()
        assert len(text) == file["bytes"], f"{file['name']}: {len(text)} bytes"
        assert f"{zlib.crc32(text):08x}" == file["crc32"], f"{file['name']}: another CRC"
        if file["name"].endswith(".csv"):
            assert text.count(b"\n") == file["rows"] + 1, f"{file['name']}: rows"
    return found


def summarise(source, config, out):
    must("aggregate", source, "--config", config, "--to", out, "--quiet")
    return rows_of_csv(out.read_bytes())


def unpack(folder):
    """Takes the reports out of the payloads: aggregate reads no archives yet."""
    for archive in sorted(folder.glob("**/*.tar.gz")):
        with tarfile.open(archive) as payload:
            named = json.load(payload.extractfile("manifest.json"))["files"]
            for name in named:
                (folder / name).write_bytes(payload.extractfile(name).read())
        archive.unlink()
        assert named, f"{archive.name}: no files"


def check(words, forms):
    reference = harness.need_shared("reference/summary.py")
    with harness.Folder() as folder:
        must("generate", *words, "--to", folder / "input", "--quiet")
        about = describe(folder / "input")
        case = {"start": about["start"], "end": about["end"], "enabled_keys": KEYS,
                "cost_categories": CATEGORIES}
        (folder / "case.json").write_text(json.dumps(case))
        made = subprocess.run([sys.executable, str(reference), str(folder)], capture_output=True, check=True)
        expected = rows_of_csv(made.stdout)
        if words[0] in GROUPS and not {"--churn", "--pods"} & set(words):
            pods = [r for r in expected if r["data_source"] == "Pod" and r["pod_usage_cpu_core_hours"]
                    and not r["namespace"].endswith("unallocated")]
            assert len(pods) == GROUPS[words[0]], f"{len(pods)} groups"
        for form in forms:
            what = " ".join(map(str, (*words, *form)))
            where = folder / "-".join(("form", *form)).replace("/", "")
            must("generate", *words, *form, "--to", where, "--quiet")
            told = describe(where)
            assert told["totals"] == about["totals"], f"{what}: other totals"
            unpack(where)
            same(expected, summarise(where, folder / "case.json", folder / "out.csv"), what)


def random_words(seed):
    dice = random.Random(seed)
    preset = dice.choice(["small", "medium", "20k"])
    nodes = dice.randint(1, 12)
    words = [preset, "--seed", seed, "--nodes", nodes, "--pods", dice.randint(1, 60),
             "--namespaces", dice.randint(1, 12), "--hours", dice.randint(1, 60),
             "--volumes-per-node", dice.randint(0, 12), "--label-keys", dice.randint(0, 16),
             "--label-values", dice.randint(1, 40), "--start", dice.choice(["2025-10-30", "2024-02-28", "2025-12-31"]),
             "--values", dice.choice(["varied", "constant"]), "--threads", dice.randint(1, 4)]
    if dice.random() < 0.5:
        words += ["--churn", dice.choice(["0.01", "0.2", "1"])]
    return words, dice.sample(FORMS, 2)


if sys.argv[1] == "random":
    shard, of = int(sys.argv[2]), int(sys.argv[3])
    seeds = range(shard, int(os.environ.get("SHUKEI_RANDOM_CASES", "16")), of)
    harness.main([(f"seed {s}", lambda s=s: check(*random_words(s))) for s in seeds])
harness.main([("varied", lambda: check([sys.argv[1]], FORMS)),
              ("constant", lambda: check([sys.argv[1], "--values", "constant"], FORMS[:1])),
              ("churn", lambda: check([sys.argv[1], "--churn", "0.05"], FORMS[3:4]))])
