# SPDX-License-Identifier: Apache-2.0
"""What make bench measures: a scenario is a function that gives contenders, the outputs that must
agree, and targets. bench/run.py runs them.

A scenario needs data sets of datasets.py; it is left out where one of them was not asked for.
"""
import contextlib

from measure import HERE, Asked, Contender, Failed, Resident

KEYS = "app,tier,env,node,pod"
MIB = 1 << 20
SCENARIOS = {}


class Target:
    """A promise: the figure of a kind lies on the right side of a bound.

    times(a, b)   how many times as fast a is as b, by the medians
    peak(a, n)    peak memory above n bytes, in MB
    seconds(a)    the median
    row(a, b)     seconds a row of a to those of b
    """

    def __init__(self, text, figure, least=None, most=None, unit=""):
        self.text, self.figure, self.least, self.most, self.unit = text, figure, least, most, unit

    def line(self, by_name):
        try:
            found = self.figure(by_name)
        except Failed as failure:
            return f"MISSED   {self.text}: {failure}"
        reached = (self.least is None or found >= self.least) and (self.most is None or found <= self.most)
        bound = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return f"{'reached' if reached else 'MISSED '}  {self.text}: {found:.3g}{self.unit} ({bound}{self.unit})"


def times(fast, slow):
    return lambda all_: all_[slow].median / all_[fast].median


def peak(name, above=0):
    return lambda all_: (all_[name].peak - above) / 1e6 if all_[name].median else 0


def seconds(name):
    return lambda all_: all_[name].median


def row(name, other):
    return lambda all_: all_[name].median / all_[name].rows * all_[other].rows / all_[other].median


class Plan:
    """What a scenario gives.

    contenders  in the order of a round
    same        names of contenders whose files must be the same, byte for byte
    agree       pairs of names whose rows must be the same: within 1e-9, or exactly (agree_exactly); a third
                word leaves of the second one's rows those of that data_source
    runs        rounds that count, where it is not what was asked for
    after       called with the contenders by name when the table is printed
    table       the same, in place of the table of a line a contender
    compare     called after the first round: what must agree and is in no file
    """

    def __init__(self, contenders, targets=(), same=(), agree=(), agree_exactly=(), runs=None, after=None, table=None, compare=None):
        self.contenders, self.targets, self.same = contenders, targets, same
        self.agree, self.agree_exactly, self.runs, self.after = agree, agree_exactly, runs, after
        self.table, self.compare = table, compare


def scenario(name, about, *needs):
    def keep(function):
        SCENARIOS[name] = (function, about, needs)
        return function
    return keep


class Bench:
    """Makes contenders."""

    def __init__(self, shukei, python, store, out, threads, sets):
        self.shukei, self.python, self.store, self.out, self.threads = shukei, python, store, out, threads
        self.sets = sets  # that may be used
        self.servers = contextlib.ExitStack()  # stopped when the scenario is over

    def rows(self, name):
        return self.store.rows(name, "pod_usage")

    def ours(self, name, data, form, sink="parquet", threads=None, memory=None, against=None, rows=None, more=()):
        out = self.out / f"{name.replace(' ', '-').replace('/', '-')}.{sink}"
        folder = self.store.folder_of(data, form)
        threads = threads or self.threads
        words = [self.shukei, "aggregate", folder, "--enabled-keys", KEYS, "--threads", threads, "--quiet", "--to", out]
        if memory:
            words += ["--memory", f"{memory // MIB}MiB"]
        return Contender(name, [*words, *more], rows or self.rows(data), out=out, threads=threads, against=against)

    def duckdb(self, name, data, form="pyarrow", what="pods", warm=False, rows=None, against=None):
        out = self.out / f"{name.replace(' ', '-').replace(',', '')}.parquet"
        folder = self.store.folder_of(data, form)
        words = [self.python, HERE / "duckdb_summary.py", what, "csv" if form.startswith("csv") else "parquet", folder, out, self.threads]
        more = {"rows": rows or self.rows(data), "own_clock": True, "out": out, "threads": self.threads, "against": against}
        return Asked(name, Resident([*words, "warm"]), **more) if warm else Contender(name, words, **more)

    def polars(self, name, data, against=None):
        out = self.out / f"{name.replace(' ', '-')}.parquet"
        return Contender(name, [self.python, HERE / "polars_summary.py", self.store.folder_of(data, "pyarrow"), out], self.rows(data),
                         {"POLARS_MAX_THREADS": str(self.threads)}, True, out, threads=self.threads, against=against)

    def script(self, name, words, rows=0, out=None, against=None):
        return Contender(name, [self.python, *words], rows, own_clock=True, out=out, threads=self.threads, against=against)


@scenario("1m", "998,400 pod rows, each pod a group: the full summary beside the peers", "1m")
def one_million(bench):
    decode = [HERE / "pyarrow_reads.py", "decode", bench.store.folder_of("1m", "pyarrow"), bench.threads]
    return Plan(
        [bench.duckdb("duckdb", "1m"),
         bench.ours("shukei, pyarrow's file", "1m", "pyarrow", against="duckdb"),
         bench.ours("shukei, converted file", "1m", "ours", against="duckdb"),
         bench.polars("polars", "1m", against="duckdb"),
         bench.script("pyarrow, decoding alone", decode, bench.rows("1m"), against="duckdb")],
        [Target("times as fast as DuckDB", times("shukei, pyarrow's file", "duckdb"), least=5),
         Target("times as fast as pyarrow's decoding", times("shukei, pyarrow's file", "pyarrow, decoding alone"), least=1),
         Target("converted file, times as fast as pyarrow's", times("shukei, converted file", "shukei, pyarrow's file"), least=2)],
        same=["shukei, pyarrow's file", "shukei, converted file"],
        agree=[("duckdb", "shukei, pyarrow's file"), ("polars", "shukei, pyarrow's file")])


@scenario("10m", "ten such days: beside the peers, and the peak memory", "10m")
def ten_million(bench):
    return Plan(
        [bench.duckdb("duckdb", "10m"),
         bench.ours("shukei, pyarrow's files", "10m", "pyarrow", against="duckdb"),
         bench.ours("shukei, converted files", "10m", "ours", against="duckdb"),
         bench.polars("polars", "10m", against="duckdb")],
        [Target("times as fast as DuckDB", times("shukei, pyarrow's files", "duckdb"), least=4),
         Target("times as fast as Polars", times("shukei, pyarrow's files", "polars"), least=15),
         Target("converted files, times as fast as pyarrow's", times("shukei, converted files", "shukei, pyarrow's files"), least=2),
         Target("peak memory, pyarrow's files", peak("shukei, pyarrow's files"), most=96, unit=" MB"),
         Target("peak memory, converted files", peak("shukei, converted files"), most=96, unit=" MB")],
        same=["shukei, pyarrow's files", "shukei, converted files"],
        agree=[("duckdb", "shukei, pyarrow's files"), ("polars", "shukei, pyarrow's files")])


@scenario("20k", "19,920 pod rows: our whole process beside DuckDB in a process that runs already", "20k")
def twenty_thousand(bench):
    return Plan(
        [bench.duckdb("duckdb, warm", "20k", warm=True),
         bench.ours("shukei, pyarrow's file", "20k", "pyarrow", against="duckdb, warm"),
         bench.ours("shukei, converted file", "20k", "ours", against="duckdb, warm")],
        [Target("times as fast as warm DuckDB", times("shukei, pyarrow's file", "duckdb, warm"), least=3)],
        same=["shukei, pyarrow's file", "shukei, converted file"],
        agree=[("duckdb, warm", "shukei, pyarrow's file")])


@scenario("csv", "the summary straight from CSV, and from gzip beside inflating alone", "1m")
def from_csv(bench):
    gz = sorted(bench.store.folder_of("1m", "csv.gz").glob("*.gz"))
    return Plan(
        [bench.duckdb("duckdb, csv", "1m", "csv"),
         bench.ours("shukei, csv", "1m", "csv", against="duckdb, csv"),
         bench.duckdb("duckdb, csv.gz", "1m", "csv.gz"),
         bench.ours("shukei, csv.gz", "1m", "csv.gz", against="duckdb, csv.gz"),
         bench.script("inflating alone, zlib", [HERE / "inflate.py", *gz]),
         Contender("inflating alone, gzip -t", ["gzip", "-t", *gz])],
        [Target("csv, times as fast as DuckDB", times("shukei, csv", "duckdb, csv"), least=4),
         Target("csv.gz, seconds to those of zlib alone", times("inflating alone, zlib", "shukei, csv.gz"), most=1.1)],
        same=["shukei, csv", "shukei, csv.gz"], agree=[("duckdb, csv", "shukei, csv")])


@scenario("sinks", "the same summary into CSV, Parquet and SQLite", "1m")
def into_sinks(bench):
    return Plan(
        [bench.ours("into csv", "1m", "pyarrow", sink="csv"),
         bench.ours("into parquet", "1m", "pyarrow", against="into csv"),
         bench.ours("into sqlite", "1m", "pyarrow", sink="db", against="into csv")],
        [Target("SQLite, seconds to those of CSV", times("into csv", "into sqlite"), most=2.5)],
        agree_exactly=[("into csv", "into parquet"), ("into sqlite", "into parquet")])


@scenario("storage", "a million storage rows with shared volumes, beside DuckDB's statement of the same rules", "storage")
def storage(bench):
    rows = bench.store.rows("storage", "storage_usage") if bench.store.folder_of("storage", "pyarrow") else 0
    pods = rows + bench.rows("storage")
    return Plan(
        [bench.duckdb("duckdb, pods and storage", "storage", what="all", rows=pods),
         bench.duckdb("duckdb, storage alone", "storage", what="storage", rows=rows),
         bench.ours("shukei, pyarrow's file", "storage", "pyarrow", rows=pods, against="duckdb, pods and storage"),
         bench.ours("shukei, converted file", "storage", "ours", rows=pods, against="duckdb, pods and storage")],
        [Target("times as fast as DuckDB on the same rows", times("shukei, pyarrow's file", "duckdb, pods and storage"), least=4),
         Target("times as fast as DuckDB's storage rows alone", times("shukei, pyarrow's file", "duckdb, storage alone"), least=4)],
        same=["shukei, pyarrow's file", "shukei, converted file"],
        agree=[("duckdb, pods and storage", "shukei, pyarrow's file"), ("duckdb, storage alone", "shukei, pyarrow's file", "Storage")])


@scenario("threads", "1, 2, 4 and 8 threads", "1m")
def threads(bench):
    made = [bench.ours(f"{form}, {n} thread{'s' * (n > 1)}", "1m", form, threads=n, against=f"{form}, 1 thread")
            for form in ("pyarrow", "ours") for n in (1, 2, 4, 8)]
    targets = []
    for form in ("pyarrow", "ours"):
        two = f"{form}, 2 threads"
        targets.append(Target(f"{form}: two threads, times as fast as one", times(two, f"{form}, 1 thread"), least=1.8))
        targets += [Target(f"{form}: {n} threads, seconds to those of two", times(two, f"{form}, {n} threads"), most=1.05) for n in (4, 8)]
    return Plan(made, targets, same=[one.name for one in made])


def within_limits(bench, data, limits):
    made = [bench.ours(f"{limit // MIB} MiB", data, "pyarrow", memory=limit) for limit in limits]
    targets = [Target(f"peak above {one.name}", peak(one.name, limit), most=32, unit=" MB") for one, limit in zip(made, limits)]
    return made, targets


LIMITS = [n * MIB for n in (64, 128, 256, 512, 1024, 2048, 4096)]


@scenario("memory", "peak memory under --memory 64MiB to 4GiB, ten days", "10m")
def memory(bench):
    made, targets = within_limits(bench, "10m", LIMITS)
    return Plan(made, targets, same=[one.name for one in made], runs=2)


@scenario("spill", "ten million groups within 256 MiB, beside the run without a limit", "10m-groups")
def spill(bench):
    made, targets = within_limits(bench, "10m-groups", [256 * MIB])
    free = bench.ours("unlimited", "10m-groups", "pyarrow", memory=1 << 40)
    made[0].against = free.name
    return Plan([free, *made], [Target("256 MiB, seconds to those of the unlimited run", times("unlimited", "256 MiB"), most=3), *targets],
                same=["unlimited", "256 MiB"])


@scenario("memory-groups", "peak memory under --memory 64MiB to 4GiB, ten million groups", "10m-groups")
def memory_groups(bench):
    made, targets = within_limits(bench, "10m-groups", LIMITS)
    return Plan(made, targets, same=[one.name for one in made], runs=1)


@scenario("100m", "a hundred days: the peak memory", "100m")
def hundred_million(bench):
    return Plan(
        [bench.ours("shukei, pyarrow's files", "100m", "pyarrow"), bench.ours("shukei, converted files", "100m", "ours")],
        [Target("peak memory, pyarrow's files", peak("shukei, pyarrow's files"), most=128, unit=" MB"),
         Target("peak memory, converted files", peak("shukei, converted files"), most=128, unit=" MB")],
        same=["shukei, pyarrow's files", "shukei, converted files"])


@scenario("100m-pods", "one day of a hundred times the pods: 4,160,000 groups", "100m-pods")
def hundred_times_the_pods(bench):
    return Plan([bench.ours("shukei, pyarrow's file", "100m-pods", "pyarrow"), bench.ours("shukei, our file", "100m-pods", "ours")],
                same=["shukei, pyarrow's file", "shukei, our file"])


@scenario("startup", "24 rows: the whole process, 50 runs", "24")
def startup(bench):
    return Plan(
        [bench.ours("24 rows, csv", "24", "csv", sink="csv"), bench.ours("24 rows, parquet", "24", "ours", sink="csv"),
         Contender("shukei --version", [bench.shukei, "--version"]), Contender("an empty process", ["true"])],
        [Target("24 rows of CSV", seconds("24 rows, csv"), most=0.005, unit=" s"),
         Target("24 rows of Parquet", seconds("24 rows, parquet"), most=0.005, unit=" s")], runs=50)


@scenario("linear", "time a row from 20k to the largest set asked for", "20k", "100k", "1m", "10m")
def linear(bench):
    names = ["20k", "100k", "1m", "10m"] + (["100m"] if "100m" in bench.sets else [])
    made = [bench.ours(f"{form}, {name}", name, form) for form in ("pyarrow", "ours") for name in names]
    targets = [Target(f"{form}: a row of {names[-1]} to one of 1m", row(f"{form}, {names[-1]}", f"{form}, 1m"), most=1.2)
               for form in ("pyarrow", "ours")]

    def table(all_):
        print(f"{'ns a row':34}" + "".join(f"{name:>10}" for name in names))
        for form in ("pyarrow", "ours"):
            one_row = (all_[f"{form}, {name}"] for name in names)
            print(f"{form:34}" + "".join(f"{one.median / one.rows * 1e9:10.1f}" for one in one_row))

    return Plan(made, targets, after=table)


@scenario("convert", "CSV to Parquet, beside pyarrow", "1m")
def convert(bench):
    source, rows = next(bench.store.folder_of("1m", "csv").glob("*pod-usage*")), bench.rows("1m")
    theirs = bench.out / "converted.parquet"
    words = [bench.shukei, "convert", source, "--to", bench.out / "converted", "--threads", bench.threads, "--quiet"]
    return Plan(
        [bench.script("pyarrow", [HERE / "pyarrow_reads.py", "convert", source, theirs, bench.threads], rows, theirs),
         Contender("shukei convert", words, rows, threads=bench.threads, against="pyarrow")])
