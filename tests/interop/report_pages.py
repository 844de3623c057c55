#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report and the slides in headless Chromium: every size and colour scheme, printed, without scripts, by keys; with
hostile texts, too. SHUKEI_SCREENSHOTS names a folder for pictures of what was opened.

usage: report_pages.py
"""
import os
import pathlib
import re
import sys

import browser
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "report"))
from harness import Folder, main, must
from made_results import hostile_lines, lines, write


def picture(page, name):
    if os.environ.get("SHUKEI_SCREENSHOTS"):
        page.screenshot(pathlib.Path(os.environ["SHUKEI_SCREENSHOTS"]) / f"{name}.png", whole=name.startswith("report"))


def pages(made, name):
    with Folder() as folder, browser.Browser() as chromium:
        must("report", write(folder / "results.jsonl", made), "--to", f"{folder}/out/")
        for form in ("report", "slides"):
            for scheme in browser.SCHEMES:
                for width, height in browser.SIZES:
                    page = chromium.open(folder / "out" / f"{form}.html", width, height, scheme)
                    page.check()
                    assert page.value("document.title") == "Benchmark of shukei"
                    picture(page, f"{form}-{name}-{width}-{scheme}")
                    page.close()
            page = chromium.open(folder / "out" / f"{form}.html", 718 if form == "report" else 1280, 1000, media="print")
            found = page.texts()
            assert not found, f"{form}, printed:\n" + "\n".join(found)
            page.close()


def clean():
    pages(lines(), "clean")


def hostile():
    pages(hostile_lines(), "hostile")


def one_sample():
    pages(lines(scales=("small",), repeats=1, threads=(2,), modes=("streaming",)), "one")


def each_slide():
    with Folder() as folder, browser.Browser() as chromium:
        must("report", write(folder / "results.jsonl", lines()), "--to", f"{folder}/out/")
        for width, height in browser.SIZES:
            page = chromium.open(folder / "out/slides.html", width, height)
            count = page.value("document.querySelectorAll('.slide').length")
            for number in range(1, count + 1):
                assert page.value("document.querySelector('.slide.now').id") == f"s{number}"
                assert page.value("[...document.querySelectorAll('.slide')].filter(s => s.checkVisibility()).length") == 1
                found = page.texts()
                assert not found, f"slide {number} at {width}:\n" + "\n".join(found)
                page.key("ArrowRight")
                page.until(f"document.querySelector('.slide.now').id === 's{min(number + 1, count)}'")
            for key, want in (("Home", 1), ("ArrowLeft", 1), (" ", 2), ("End", count), ("PageUp", count - 1)):
                page.key(key)
                page.until(f"document.querySelector('.slide.now').id === 's{want}'")
            page.close()
        pdf = (folder / "out/slides.pdf").read_bytes()
        assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) == count, "the PDF has a page for each slide"


def without_scripts():
    with Folder() as folder, browser.Browser(scripts=False) as chromium:
        must("report", write(folder / "results.jsonl", lines()), "--to", folder / "slides.html", "--format", "slides")
        page = chromium.open(folder / "slides.html")
        seen = page.value("[...document.querySelectorAll('.slide')].every(s => s.checkVisibility())")
        assert seen, "without scripts all slides lie below one another"


browser.need()
main([(check.__name__, check) for check in (clean, hostile, one_sample, each_slide, without_scripts)])
