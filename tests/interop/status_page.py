#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of `shukei status --serve` in Chromium: nothing on the console, no request but to the page's own address, nothing
that axe finds, no text over another one, at three sizes, light and dark, in every state; live with scripts, by reloading
without; behind a benchmark by two seconds at most, also when it is killed and when the server goes.

usage: status_page.py
SHUKEI_SHOTS names a folder for pictures of all of them.
"""
import os
import pathlib
import re
import sys
import time

import browser
from harness import Folder, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "status"))
import bench_folder
from serving import Server

SHOTS = os.environ.get("SHUKEI_SHOTS")


def stages(folder):
    """The folder in every state that the page can show: a name, and what must be read there."""
    yield "none", "no benchmark yet"
    with bench_folder.half_done(folder) as fake:
        yield "running", "200,000 of 500,000"
        fake.running(None)
        yield "between", "No phase is running."
        long = "could not write \"" + "very/" * 60 + "long.parquet\": No space left on device " + "x" * 400
        fake.result("xlarge", "aggregate", 12.0, outcome="out-of-memory", error=long, peak_rss=3 << 30)
        fake.running(("production-medium", "generate", 0.0001, 7200.0), updated=bench_folder.utc(time.time() - 60))
        yield "stalled", "no sign of life"
    yield "crashed", "not running since"
    (folder / "running.json").unlink()
    yield "stopped", "still to do"
    for scale in bench_folder.SCALES:
        for phase in ("generate", "convert", "aggregate", "validate"):
            fake.result(scale, phase, 1.5, differences=0)
    yield "finished", "finished"


def every_state():
    with Folder() as folder, Server(folder / "b") as server, browser.Browser() as chromium:
        for name, told in stages(folder / "b"):
            for scheme in browser.SCHEMES:
                for width, height in browser.SIZES:
                    page = chromium.open(server.address, width, height, scheme)
                    page.until(f"document.body.innerText.includes({told!r})", limit=5)
                    if width == 1280:
                        page.value("document.querySelector('details').open = true")
                    page.check(origin=server.address)
                    assert all(one == server.address for one in page.requests), page.requests
                    if SHOTS:
                        page.screenshot(pathlib.Path(SHOTS) / f"status-{name}-{width}-{scheme}.png")
                    page.close()


def prints():
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        with browser.Browser() as chromium:
            page = chromium.open(server.address, media="print")
            assert page.texts() == []
            page.pdf(folder / "a.pdf")
            assert (folder / "a.pdf").stat().st_size > 10000


def follows():
    """What is opened and focused stays, what changes is there within two seconds, and the end of the benchmark too."""
    with Folder() as folder, Server(folder / "b") as server, browser.Browser() as chromium:
        with bench_folder.half_done(folder / "b") as fake:
            page = chromium.open(server.address)
            page.value("document.querySelector('details').open = true; document.querySelector('summary').focus();"
                       "window.mark = document.querySelector('summary')")
            slowest = 0
            for share in (0.5, 0.6, 0.7, 0.8):
                fake.running(("xlarge", "aggregate", share, share))
                begin = time.monotonic()
                page.until(f"document.body.innerText.includes('{int(500000 * share):,} of 500,000')", limit=2)
                slowest = max(slowest, time.monotonic() - begin)
            assert page.value("document.querySelector('details').open && document.activeElement === window.mark"
                              "&& window.mark.isConnected")
            assert page.value("document.title").startswith("74 % aggregate of xlarge"), page.value("document.title")
            assert page.value("document.querySelector('progress').value") == 0.8
        begin = time.monotonic()
        page.until("document.body.innerText.includes('not running since')", limit=2)
        print(f"  behind by {slowest:.1f} s at most, {time.monotonic() - begin:.1f} s when it was killed")
        page.check(origin=server.address)
        server.stop()
        page.until("document.body.innerText.includes('No answer from shukei status')", limit=8)
        assert page.value("document.body.innerText.includes('400,000 of 500,000')"), "the last state is gone"


def without_scripts():
    with Folder() as folder, bench_folder.half_done(folder / "b") as fake, Server(folder / "b") as server:
        with browser.Browser(scripts=False) as chromium:
            for width, height in browser.SIZES:
                page = chromium.open(server.address, width, height)
                assert page.texts() == [] and page.console == [], (page.texts(), page.console)
                page.close()
            page = chromium.open(server.address)
            fake.running(("xlarge", "aggregate", 0.9, 1.0))
            page.until("document.body.innerText.includes('450,000 of 500,000')", limit=6)
            assert set(page.requests) == {server.address} and len(page.requests) > 1, page.requests


def no_way_in():
    """The page lets nothing be run, framed or fetched, even where a text of the benchmark would try to."""
    with Folder() as folder, bench_folder.half_done(folder / "b") as fake, Server(folder / "b") as server:
        evil = "</pre><script>document.title='evil'</script><img src=x onerror=alert(1)>"
        fake.result("medium", "validate", 1.0, outcome="failed", error=evil)
        with browser.Browser() as chromium:
            page = chromium.open(server.address)
            page.until("document.querySelector('pre').innerText.includes('onerror')", limit=5)
            page.until("performance.now() > 2500", limit=5)
            assert "evil" not in page.value("document.title") and not page.value("document.querySelector('main img')")
            page.check(origin=server.address)
            page.value("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}));"
                       "fetch('http://127.0.0.1:9/').catch(() => 0)")
            assert page.value("window.ran === undefined")
            assert not any(":9/" in one for one in page.requests), "a request left the page's own address"
            (folder / "frame.html").write_text(f'<!doctype html><title>x</title><iframe src="{server.address}"></iframe>')
            frame = chromium.open(folder / "frame.html")
            frame.value("new Promise(done => setTimeout(done, 300))")
            assert any(re.search("frame|X-Frame-Options", one) for one in frame.console), frame.console


browser.need()
main([(check.__name__, check) for check in (every_state, prints, follows, without_scripts, no_way_in)])
