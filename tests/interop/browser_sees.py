#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""browser.py finds what is wrong with a page, and nothing wrong with a good one: else the tests of our pages would prove
nothing.

usage: browser_sees.py
"""
import browser
from harness import Folder, main

HEAD = '<!doctype html><html lang="en"><title>Page</title><meta name="viewport" content="width=device-width">'
GOOD = (HEAD + '<style>body{margin:8px} .away{position:absolute;width:1px;height:1px;overflow:hidden}</style><main><h1>Good</h1>'
        '<p>A <b>bold</b> text <span class="away">for readers of screens</span></p><details><summary>More</summary><p>Hidden</p>'
        '</details><svg width="80" height="20" role="img" aria-label="none"><text x="1" y="14">drawn</text></svg></main>')
BAD = [  # what stands in the body, and how the line begins that tells of it
    ('<script>console.error("told")</script>', "console: told"),
    ('<script>setTimeout(() => { throw Error("thrown") })</script>', "console: Error: thrown"),
    ('<script>fetch("http://192.0.2.1/").catch(() => 0)</script>', "request: http://192.0.2.1/"),
    ('<img src="http://shukei.example/a.png" alt="">', "request: http://shukei.example/a.png"),
    ('<p style="color:#aaa">Pale</p>', "axe: color-contrast"),
    ('<input>', "axe: label"),
    ('<p style="position:absolute;top:16px">Over it</p>', 'text: "Good" overlaps "Over it"'),
    ('<p style="width:30px;overflow:hidden;white-space:nowrap">Cut off</p>', 'text: "Cut off" is cut off'),
    ('<svg width="60" height="20"><text x="40" y="14">Outside</text></svg>', 'text: "Outside" is cut off'),
    ('<svg width="90" height="20"><text x="9" y="14">One</text><text x="20" y="14">Two</text></svg>', 'text: "One" overlaps'),
    ('<p style="margin-left:-30px">Left of it</p>', 'text: "Left of it" stands out'),
    ('<p style="width:400px">Wide</p>', "text: the page is 408 pixels wide, in a window of 360"),
]


def good():
    with Folder() as folder, browser.Browser() as chromium:
        (folder / "good.html").write_text(GOOD)
        for scheme in browser.SCHEMES:
            for width, height in browser.SIZES:
                page = chromium.open(folder / "good.html", width, height, scheme)
                page.check()
                dark = page.value("matchMedia('(prefers-color-scheme: dark)').matches")
                assert (page.value("innerWidth"), dark) == (width, scheme == "dark")
                page.close()
        page = chromium.open(folder / "good.html")
        page.screenshot(folder / "a.png")
        page.pdf(folder / "a.pdf")
        assert (folder / "a.png").read_bytes().startswith(b"\x89PNG") and (folder / "a.pdf").read_bytes().startswith(b"%PDF")


def bad():
    with Folder() as folder, browser.Browser() as chromium:
        for number, (body, told) in enumerate(BAD):
            path = folder / f"{number}.html"
            path.write_text(f"{HEAD}<style>body{{margin:8px}}</style><main><h1>Good</h1>{body}</main>")
            page = chromium.open(path, 360, 740)
            page.value("new Promise(done => setTimeout(done, 20))")
            found = page.problems()
            assert any(line.startswith(told) for line in found), f"{body}: {told} is not among {found}"
            page.close()


def keys_and_scripts():
    with Folder() as folder:
        path = folder / "keys.html"
        path.write_text(HEAD + '<main><h1>Keys</h1><script>addEventListener("keydown", e => document.title += e.key)</script></main>')
        with browser.Browser() as chromium:
            page = chromium.open(path)
            page.key("ArrowRight")
            page.key("a")
            page.until("document.title === 'PageArrowRighta'")
        with browser.Browser(scripts=False) as chromium:
            page = chromium.open(path)
            page.key("a")
            assert page.value("document.title") == "Page"


browser.need()
main([(check.__name__, check) for check in (good, bad, keys_and_scripts)])
