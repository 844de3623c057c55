# SPDX-License-Identifier: Apache-2.0
"""Scenarios with real servers on loopback, started for the scenario and stopped by their own pid: MinIO of
tools/minio.sh and PostgreSQL of Debian's package.
"""
import json
import pathlib
import sys

from measure import HERE, Contender, LeftOut
from scenarios import KEYS, Plan, Target, scenario, seconds, times

MINIO = HERE.parent / ".cache/bin/minio"
SCHEMA = "bench"
TABLE = "reporting_ocpusagelineitem_daily_summary"


class Disagreement(Exception):
    pass


def interop(name):
    """A module of tests/interop: they need packages that not every scenario does."""
    sys.path[:0] = [str(HERE.parent / "tests/interop"), str(HERE.parent / "tests")]
    return __import__(name)


def start_minio(bench):
    """The server, and the variables that lead to it."""
    if not MINIO.exists():
        raise LeftOut("no MinIO: tools/minio.sh builds it")
    server = bench.servers.enter_context(interop("s3_servers").MinIO(MINIO))
    server.make("lake")
    return server, {"AWS_ACCESS_KEY_ID": server.access, "AWS_SECRET_ACCESS_KEY": server.secret, "AWS_ENDPOINT_URL": server.url}


def upload(server, folder, below):
    for path in sorted(pathlib.Path(folder).glob("*")):
        server.put(f"s3://lake/{below}/{path.name}", path.read_bytes())
    return f"s3://lake/{below}"


def start_postgres(bench):
    """A server that listens on loopback, with its data synced as in production."""
    pg_server, port = interop("pg_server"), interop("s3_servers").free_port()

    class Loopback(pg_server.Server):
        def words(self, user="postgres"):
            return [*super().words(user), "-p", str(port)]

        def place(self):
            return f"postgresql:host=127.0.0.1 port={port} user=postgres dbname=postgres"

    if not pg_server.find_binaries():
        raise LeftOut("no PostgreSQL: Debian's package postgresql-15 has it")
    return bench.servers.enter_context(Loopback(listen_addresses="127.0.0.1", port=str(port), fsync="on"))


def figure(path, name):
    return json.loads(path.read_text())[name]


def hourly(bench, data):
    """The same rows as one file and as 744, here and in MinIO."""
    server, to_minio = start_minio(bench)
    forms = {"one": "one file", "hours": "744 files"}
    here = {form: bench.store.folder_of(data, form) for form in forms}
    made, stats = [], {}
    for where in ("local", "MinIO"):
        for form, text in forms.items():
            name = f"{where}, {text}"
            place = here[form] if where == "local" else upload(server, here[form], form)
            out = bench.out / f"{where}-{form}.parquet"
            stats[name] = bench.out / f"{where}-{form}.json"
            made.append(Contender(name, [bench.shukei, "aggregate", place, "--enabled-keys", KEYS, "--threads", bench.threads, "--quiet",
                                         "--to", out, "--stats", stats[name]], bench.rows(data),
                                  None if where == "local" else to_minio, out=out, threads=bench.threads,
                                  against=f"{where}, one file"))

    def requests(_):
        for name in ("MinIO, one file", "MinIO, 744 files"):
            print(f"requests {figure(stats[name], 'store_requests')}: {name}")

    return Plan(made, [Target(f"{where}: 744 files, seconds to those of one file", times(f"{where}, one file", f"{where}, 744 files"),
                              most=1.3) for where in ("local", "MinIO")], same=[one.name for one in made], after=requests)


@scenario("hourly", "a month of 999,936 pod rows as 744 hourly files and as one, local and in MinIO", "month")
def hourly_small(bench):
    return hourly(bench, "month")


@scenario("hourly-large", "the same with 3,095,040 rows", "month-large")
def hourly_large(bench):
    return hourly(bench, "month-large")


def more_memory(name, other):
    return lambda all_: (all_[name].peak - all_[other].peak) / 1e6 if all_[name].median and all_[other].median else 0


@scenario("lake", "1m from MinIO into PostgreSQL, and CSV converted into MinIO, beside the same with local files", "1m")
def lake(bench):
    server, to_minio = start_minio(bench)
    postgres = start_postgres(bench)
    csv = next(bench.store.folder_of("1m", "csv").glob("*pod-usage*"))
    folder = bench.store.folder_of("1m", "pyarrow")
    made = []
    for where, place, extra in (("local", folder, None), ("MinIO", upload(server, folder, "reports"), to_minio)):
        words = [bench.shukei, "aggregate", place, "--enabled-keys", KEYS, "--threads", bench.threads, "--quiet", "--create",
                 "--schema", f"{SCHEMA}_{where.lower()}", "--to", postgres.place()]
        made.append(Contender(f"{where} into PostgreSQL", words, bench.rows("1m"), extra, threads=bench.threads,
                              against="local into PostgreSQL"))
    for where, place, extra in (("local", bench.out / "converted", None), ("MinIO", "s3://lake/converted", to_minio)):
        made.append(Contender(f"convert, {where}", [bench.shukei, "convert", csv, "--to", place, "--threads", bench.threads, "--quiet"],
                              bench.rows("1m"), extra, threads=bench.threads, against="convert, local"))

    def agree(_):
        columns = postgres.sql(f"SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_name = '{TABLE}' "
                               f"AND table_schema = '{SCHEMA}_local' AND column_name <> 'uuid'")
        both = [f"SELECT {columns} FROM {SCHEMA}_{where}.{TABLE}" for where in ("local", "minio")]
        rows = [postgres.sql(f"SELECT count(*) FROM ({one}) AS t") for one in both]
        differ = [postgres.sql(f"SELECT count(*) FROM ({a} EXCEPT ALL {b}) AS t") for a, b in (both, both[::-1])]
        if rows[0] == "0" or differ != ["0", "0"]:
            raise Disagreement(f"the tables have {rows} rows, of which {differ} are in one alone")
        print(f"agree    {rows[0]} rows in both tables")

    local, far = made[0].name, made[1].name
    return Plan(made, [Target("into PostgreSQL: MinIO, seconds to those of the local file", times(local, far), most=1.5),
                       Target("from MinIO to the filled table", seconds(far), most=3, unit=" s"),
                       Target("peak memory above the local run's", more_memory(far, local), most=32, unit=" MB"),
                       Target("convert into MinIO, seconds to those into a folder", times("convert, local", "convert, MinIO"), most=1.3)],
                after=agree)
