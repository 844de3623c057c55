#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random histories of operators against the plain model of the rules.

usage: histories.py payloads SHARD OF | stored

SHUKEI_RANDOM_HISTORIES (24): how many in all. The model writes the CSV that counts; shukei makes the same
bytes of it as of the payloads, whatever their order, and the reference program the same rows.
"""
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import harness
from archives import COLUMNS, HOUR, START, Cluster, History, table
from compare import same
from harness import Folder, must, rows_of_csv, rows_of_sqlite, run
from model import Model

HISTORIES = int(os.environ.get("SHUKEI_RANDOM_HISTORIES", "24"))
KEYS = ["--enabled-keys", "app,tier,zone"]
REFERENCE = harness.SHARED / "reference/summary.py"


def check(ok, why):
    if not ok:
        raise AssertionError(why)


def config_of(folder, clusters):
    path = folder / "config.json"
    path.write_text(json.dumps({"clusters": [
        {"cluster_id": c, "source": f"source-of-{c}", "cluster_alias": f"alias {c}", "report_period_id": i}
        for i, c in enumerate(clusters)]}))
    return path


def expected_bytes(model, folder, config):
    """What plain CSV gives, one cluster after the other; None where no cluster has rows."""
    out, any_rows = [], False
    for number, cluster in enumerate(model.clusters):
        plain = folder / f"plain-{number}" / "input"
        if not model.write(cluster, plain):
            continue
        got = run("aggregate", plain, "--to", "-", "--quiet", "--cluster-id", cluster, "--source",
                  f"source-of-{cluster}", "--cluster-alias", f"alias {cluster}", "--report-period-id", number, *KEYS)
        if got.returncode == 0:
            out.append(got.stdout)
            any_rows = True
    if not any_rows:
        return None
    header = out[0].split(b"\n", 1)[0] + b"\n"
    return header + b"".join(text[len(header):] for text in out)


def compare_reference(folder, model, rows):
    """The rows of the first cluster with the reference program's."""
    if not REFERENCE.exists() or not (folder / "plain-0/input").exists():
        return
    (folder / "plain-0/case.json").write_text(json.dumps(
        {"start": "2025-01-01", "end": "2026-01-01", "enabled_keys": KEYS[1].split(",")}))
    text = subprocess.run([sys.executable, str(REFERENCE), str(folder / "plain-0")], capture_output=True, check=True).stdout
    mine = [row for row in rows if row["cluster_id"] == model.clusters[0]]
    same(rows_of_csv(text), mine, "beside the reference")


def compare_stats(stats, model, rows):
    want = {"rows_written": rows, "payloads": model.archives, "payloads_bad": model.bad,
            "payloads_superseded": sum(map(model.superseded_manifests, model.clusters)),
            "rows_superseded": sum(map(model.superseded_rows, model.clusters))}
    got = {key: stats[key] for key in want}
    check(got == want, f"--stats has {got}, expected {want}")


def one_cluster(folder, model, history, dice):
    """A cluster by its id, and by the source that is listed for it; and through Parquet of our own."""
    cluster = dice.choice(model.clusters)
    number = model.clusters.index(cluster)
    plain = folder / f"plain-{number}" / "input"
    if not any(plain.glob("*.csv")):
        return
    words = ["--quiet", "--bad-payloads", "skip"]
    want = run("aggregate", plain, "--to", "-", "--quiet", "--cluster-id", cluster, "--source", "s", *KEYS)
    got = run("aggregate", history.folder, "--to", "-", *words, "--cluster-id", cluster, "--source", "s", *KEYS)
    check((got.returncode, got.stdout) == (want.returncode, want.stdout), f"--cluster-id {cluster}: other rows")
    if want.returncode:
        return
    got = must("aggregate", history.folder, "--to", "-", *words, "--config", folder / "config.json",
               "--source", f"source-of-{cluster}", *KEYS)
    rows = rows_of_csv(got.stdout)
    check({r["cluster_alias"] for r in rows} <= {f"alias {cluster}"}, "not the alias of the cluster of --source")
    must("convert", history.folder, "--to", folder / "parquet", *words, "--cluster-id", cluster)
    got = must("aggregate", folder / "parquet", "--to", "-", "--quiet", "--cluster-id", cluster, "--source", "s", *KEYS)
    check(got.stdout == want.stdout, "other rows by way of convert")


def through_layouts(folder, model, history, dice):
    """All clusters converted at once, each below its source, and read from there one by one."""
    layout = dice.choice(["koku", "poc"])
    words = [history.folder, "--quiet", "--bad-payloads", "skip", "--config", folder / "config.json"]
    must("convert", *words, "--to", folder / "lake", "--layout", layout, "--org", "o")
    for cluster in model.clusters:
        own = ["--cluster-id", cluster, "--source", f"source-of-{cluster}", *KEYS]
        want = run("aggregate", *words, "--to", "-", *own)
        got = run("aggregate", folder / "lake", "--quiet", "--to", "-", "--layout", layout, *own, "--config", folder / "config.json",
                  "--cluster-alias", f"alias {cluster}", "--report-period-id", model.clusters.index(cluster))
        check(got.returncode == want.returncode and got.stdout == want.stdout, f"other rows of {cluster} by way of {layout}\n{got.stderr.decode()}")
    if len(model.clusters) > 1:
        got = run("convert", *words, "--to", folder / "flat")
        check(got.returncode == 2 and b"--layout koku or poc" in got.stderr and not (folder / "flat").exists(), got.stderr.decode())


def history(seed):
    dice = random.Random(seed)
    with Folder() as folder:
        made = History(dice, folder / "payloads")
        model = Model(made.paths)
        if not model.clusters:
            return
        config = config_of(folder, model.clusters)
        want = expected_bytes(model, folder, config)
        words = ["--bad-payloads", "skip", "--config", config, *KEYS]
        got = run("aggregate", made.folder, "--to", "-", "--to", folder / "out.db", "--stats", folder / "stats.json", *words)
        if want is None:
            check(got.returncode == 3, f"exit {got.returncode}, but nothing counts: {got.stderr.decode()}")
            return
        check(got.returncode == 0, got.stderr.decode())
        check(got.stdout == want, f"other rows than of the CSV that counts\n{got.stderr.decode()}")
        check(b"superseded by" in got.stderr or not json.loads((folder / "stats.json").read_text())["rows_superseded"],
              "nothing tells what is superseded")
        rows = rows_of_csv(got.stdout)
        compare_stats(json.loads((folder / "stats.json").read_text()), model, len(rows))
        same(rows, rows_of_sqlite(folder / "out.db"), "in the database")
        must("aggregate", made.folder, "--to", folder / "out.db", "--quiet", *words)
        same(rows, rows_of_sqlite(folder / "out.db"), "in the database after a second run")
        order = made.paths[:]
        dice.shuffle(order)
        got = must("aggregate", *order, "--to", "-", "--quiet", "--threads", dice.choice([1, 3]), *words)
        check(got.stdout == want, "the order of the archives shows")
        compare_reference(folder, model, rows)
        one_cluster(folder, model, made, dice)
        through_layouts(folder, model, made, dice)
        if model.bad:
            got = run("aggregate", made.folder, "--to", folder / "never.csv", *words[2:])
            check(got.returncode == 3 and not (folder / "never.csv").exists(), "a bad payload is not refused")


# ---- stored Parquet -------------------------------------------------------------------------------------


def stored(seed):
    """Two or more manifest ids for a day and report, hourly and daily files."""
    dice = random.Random(seed)
    with Folder() as folder:
        cluster = Cluster(dice, 0)
        root, plain = folder / "root", folder / "plain"
        plain.mkdir()
        left_out = 0
        for report in COLUMNS:
            for day in range(dice.randint(1, 2)):
                left_out += stored_day(dice, cluster, report, START + day * 24 * HOUR, root, folder, plain)
        got = must("aggregate", root, "--to", "-", *KEYS)
        want = must("aggregate", plain, "--to", "-", "--quiet", "--source", "s", *KEYS)
        check(got.stdout == want.stdout, f"other rows than of the ids that count\n{got.stderr.decode()}")
        text = got.stderr.decode()
        check(text.count("warning") == (left_out > 0) and text.count(".parquet") == left_out, text)


def stored_day(dice, cluster, report, midnight, root, folder, plain):
    day = midnight.strftime("%Y-%m-%d")
    place = root / f"data/parquet/org1/OCP/{report}/source=s/year={day[:4]}/month={day[5:7]}"
    place.mkdir(parents=True, exist_ok=True)
    ids = dice.sample(["7", "009", "10", "12345678901234567890123", "12345678901234567890124"], dice.choice([1, 2, 2, 3]))
    found = []
    for one in ids:
        hours = sorted(dice.sample(range(24), dice.choice([5, 6, 6])))
        factor = 1 + dice.randrange(1000) / 1000
        files = [hours] if dice.random() < 0.5 else [hours[:3], hours[2:]]
        parts = [sum((cluster.rows(report, midnight + h * HOUR, factor) for h in part), []) for part in files]
        for n, rows in enumerate(parts):
            source = folder / "x.csv"
            source.write_bytes(table(report, rows, dice))
            must("convert", source, "--to", folder / "x", "--quiet")
            (folder / "x" / f"{report}.{day}.parquet").rename(place / f"{report}.{day}.{one}.{n}_0.parquet")
        found.append(((len(hours), int(one)), parts))
    winner = max(found, key=lambda f: f[0])
    for n, rows in enumerate(winner[1]):
        (plain / f"{report}-{day}-{n}.csv").write_bytes(table(report, rows, dice))
    return sum(len(parts) for _, parts in found) - len(winner[1])


if __name__ == "__main__":
    if sys.argv[1] == "stored":
        cases = [(f"stored {seed}", lambda s=seed: stored(s)) for seed in range(max(4, HISTORIES // 4))]
    else:
        cases = [(f"history {seed}", lambda s=seed: history(s))
                 for seed in range(int(sys.argv[2]), HISTORIES, int(sys.argv[3]))]
    harness.main(cases)
