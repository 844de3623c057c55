# SPDX-License-Identifier: Apache-2.0
"""What the script tests share: the program, the shared folder, running, reading results.

Environment: SHUKEI the program; SHUKEI_SHARED the folder with golden cases and the reference
program (default: shared/ beside the repository; without it the tests that need it are skipped).
"""
import csv
import functools
import io
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("SHUKEI_SHARED") or ROOT.parent / "shared")
PROGRAM = str(pathlib.Path(os.environ.get("SHUKEI", ROOT / "build/src/cli/shukei")).resolve())
SKIPPED = 77  # what meson takes for "skipped"
TABLE = "reporting_ocpusagelineitem_daily_summary"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need_shared(below):
    path = SHARED / below
    if not path.exists():
        skip(f"{below} of the shared folder is not here; SHUKEI_SHARED names another place")
    return path


def environment():
    """Ours without what a user's shell could change in the results."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("SHUKEI_", "AWS_")) and k != "SHUKEI"}


def run(*words, cwd=None, variables=None, **options):
    """Runs the program, with more variables; never raises for its exit status."""
    options.setdefault("timeout", 600)
    return subprocess.run([PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True,
                          cwd=cwd or tempfile.gettempdir(), env={**environment(), **(variables or {})}, **options)


def must(*words, **options):
    """Runs the program and fails the test where it does not succeed."""
    got = run(*words, **options)
    if got.returncode != 0:
        text = got.stderr.decode(errors="replace")
        raise AssertionError(f"exit {got.returncode} of shukei {' '.join(map(str, words))}\n{text}")
    return got


@functools.cache
def sanitized():
    """Whether the program has a sanitizer in it, which has shadows of all memory and keeps what is freed."""
    return any(name in pathlib.Path(PROGRAM).read_bytes() for name in (b"__asan_init", b"__tsan_init"))


def measured(words, processor_seconds):
    """Runs the program for so long at most, ten times as long with a sanitizer. Returns its exit status (less than 0: the
    signal, SIGKILL where it took too long), the peak of its memory in bytes, and what it said on stderr."""
    seconds = processor_seconds * (10 if sanitized() else 1)
    with tempfile.TemporaryFile() as said:
        null = os.open(os.devnull, os.O_RDWR)
        child = os.posix_spawn(PROGRAM, [PROGRAM, *map(str, words)], environment(), file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)])
        os.close(null)
        try:
            resource.prlimit(child, resource.RLIMIT_CPU, (seconds, seconds))
        except ProcessLookupError:
            pass  # it is through already
        _, status, usage = os.wait4(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024, said.read().decode(errors="replace")


def apart(function, *arguments):
    """Calls a function in a process of its own: the system counts what this one takes at most with that of programs
    that it starts (measured())."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            function(*arguments)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status == 0, f"{function} ended with {os.waitstatus_to_exitcode(status)}"


def rows_of_csv(text):
    csv.field_size_limit(1 << 30)
    if isinstance(text, bytes):
        text = text.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rows_of_sqlite(path):
    """The summary's table as rows of text, as rows_of_csv() gives them."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        cursor = base.execute(f"SELECT * FROM {TABLE}")
        names = [column[0] for column in cursor.description]
        return [{n: "" if v is None else repr(v) if isinstance(v, float) else str(v)
                 for n, v in zip(names, row)} for row in cursor]
    finally:
        base.close()


class Folder:
    """A temporary folder that goes away with the block."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="shukei-test-"))
        return self.path

    def __exit__(self, *_):
        for top, folders, _files in os.walk(self.path):  # tests take rights away
            for folder in folders:
                if not os.path.islink(os.path.join(top, folder)):
                    os.chmod(os.path.join(top, folder), 0o700)
        shutil.rmtree(self.path, ignore_errors=True)


def main(cases):
    """Runs (name, function) pairs, prints each failure, exits with 1 where there was one."""
    failed = 0
    for name, check in cases:
        try:
            check()
        except AssertionError as error:
            failed += 1
            print(f"FAILED {name}: {error}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED {name}: {traceback.format_exc()}", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} checks passed")
    sys.exit(1 if failed else 0)
