# SPDX-License-Identifier: Apache-2.0
"""A page in headless Chromium, driven over the DevTools protocol by a pipe: the standard library is enough.

    with Browser() as browser:
        page = browser.open("http://127.0.0.1:9/", width=360, scheme="dark")
        page.check(origin="http://127.0.0.1:9")     # console, requests, axe, texts; AssertionError tells all that is wrong
        page.value("document.title")                # a JavaScript expression
        page.until("document.title === 'done'")     # waits, 10 s at most
        page.key("ArrowRight")
        page.screenshot(path), page.pdf(path)
        page.close()

Needs chromium in PATH, and axe-core: SHUKEI_AXE names axe.min.js, else it is looked for among the packages of SHUKEI_PEERS.
need() skips the test where one of them is not there. Names are not resolved: a request to anywhere but loopback fails,
and is in page.requests.
"""
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

OPTIONS = ["--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
           "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking", "--disable-sync",
           "--disable-component-update", "--hide-scrollbars", "--mute-audio", "--no-proxy-server",
           "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"]
TEXTS = (pathlib.Path(__file__).parent / "texts.js").read_text()
SIZES = ((360, 740), (1280, 900), (1920, 1080))
SCHEMES = ("light", "dark")


def program():
    return shutil.which("chromium")


def axe_file():
    """axe.min.js, or None."""
    if os.environ.get("SHUKEI_AXE"):
        return pathlib.Path(os.environ["SHUKEI_AXE"])
    peers = os.environ.get("SHUKEI_PEERS")
    found = pathlib.Path(peers).parent.glob("lib/python3*/site-packages/axe_playwright_python/axe.min.js") if peers else ()
    return next(iter(found), None)


def need():
    """Skips the test where Chromium or axe-core is not here."""
    if not program():
        harness.skip("no chromium in PATH")
    if not axe_file():
        harness.skip("axe-core is not here: SHUKEI_PEERS is not set (make interop sets it), nor is SHUKEI_AXE")


class Browser:
    """One Chromium with a profile of its own, gone with the block. Without scripts, pages have none; value() still works."""

    def __init__(self, scripts=True):
        self.options = [] if scripts else ["--blink-settings=scriptEnabled=false"]

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="shukei-browser-")
        self.axe = axe_file().read_text() if axe_file() else None
        self.number, self.answers, self.pages, self.pending = 0, {}, {}, b""
        to_read, self.to = os.pipe()
        self.of, to_write = os.pipe()
        high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (to_read, to_write)]
        actions = [(os.POSIX_SPAWN_OPEN, one, os.devnull, os.O_RDWR, 0) for one in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        words = [program(), *OPTIONS, *self.options, f"--user-data-dir={self.profile}"]
        if os.geteuid() == 0:
            words.append("--no-sandbox")  # Chromium's sandbox is not for root
        self.pid = os.posix_spawn(words[0], words, {**os.environ, "HOME": self.profile}, file_actions=actions, setpgroup=0)
        for one in (to_read, to_write, *high):
            os.close(one)
        try:
            self.call("Browser.getVersion", limit=60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.to)
        os.close(self.of)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, limit=30, **parameters):
        """One command of the protocol, and its result."""
        self.number += 1
        mine = self.number
        message = {"id": mine, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        end = time.monotonic() + limit
        while mine not in self.answers:
            assert time.monotonic() < end, f"no answer to {method} within {limit} s"
            self.listen(end - time.monotonic())
        answer = self.answers.pop(mine)
        assert "error" not in answer, f"{method}: {answer['error']['message']}"
        return answer["result"]

    def listen(self, seconds):
        """Takes what comes within so many seconds, at least one message, or nothing."""
        if not select.select([self.of], [], [], max(seconds, 0))[0]:
            return
        got = os.read(self.of, 1 << 20)
        assert got, "Chromium has ended"
        *whole, self.pending = (self.pending + got).split(b"\0")
        for one in whole:
            message = json.loads(one)
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].event(message["method"], message["params"])

    def open(self, address, width=1280, height=900, scheme="light", media=""):
        """A new page with the address (or file, a pathlib.Path) loaded in it."""
        page = Page(self, width, height)
        page.emulate(scheme, media)
        page.go(address.resolve().as_uri() if isinstance(address, pathlib.Path) else address)
        return page


class Page:
    def __init__(self, browser, width, height):
        self.browser = browser
        self.console = []   # errors, warnings, exceptions and refusals, as text
        self.requests = []  # addresses asked for, without those of the data: scheme
        self.loaded = False
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.command(domain + ".enable")
        self.command("Network.setCacheDisabled", cacheDisabled=True)
        self.size(width, height)

    def command(self, method, limit=30, **parameters):
        return self.browser.call(method, self.session, limit, **parameters)

    def event(self, method, told):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent" and not told["request"]["url"].startswith("data:"):
            self.requests.append(told["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.console.append(" ".join(str(one.get("value", one.get("description"))) for one in told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.console.append(told["entry"]["text"] + " " + told["entry"].get("url", ""))
        elif method == "Audits.issueAdded":
            self.console.append(f"{told['issue']['code']}: {json.dumps(told['issue']['details'])[:400]}")

    def go(self, address, limit=30):
        self.loaded = False
        error = self.command("Page.navigate", url=address).get("errorText")
        assert not error, f"{address}: {error}"
        end = time.monotonic() + limit
        while not self.loaded:
            assert time.monotonic() < end, f"{address} is not loaded within {limit} s"
            self.browser.listen(end - time.monotonic())

    def size(self, width, height):
        self.width, self.height = width, height
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=False)

    def emulate(self, scheme="light", media=""):
        """The colour scheme and the medium ("print") that the page is told of."""
        self.command("Emulation.setEmulatedMedia", media=media,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def value(self, expression, limit=30):
        """Of an expression of JavaScript, which may be a promise."""
        got = self.command("Runtime.evaluate", limit=limit, expression=expression, awaitPromise=True,
                           returnByValue=True)
        assert "exceptionDetails" not in got, f"{expression[:80]}: {json.dumps(got['exceptionDetails'])[:600]}"
        return got["result"].get("value")

    def until(self, expression, limit=10):
        """Waits until the expression is true, and returns its value. A page that is just being loaded may fail it."""
        end, value, why = time.monotonic() + limit, None, ""
        while not value:
            assert time.monotonic() < end, f"not so within {limit} s: {expression} {why}"
            try:
                value = self.value(expression)
            except AssertionError as error:
                why = str(error)
            if not value:
                self.browser.listen(0.05)
        return value

    def key(self, name):
        """Presses a key by its name: "ArrowRight", "Home", "a"."""
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "PageUp": 33,
                 "PageDown": 34, "Escape": 27, "Enter": 13, " ": 32, "Tab": 9}
        code = codes.get(name, ord(name.upper()) if len(name) == 1 else 0)
        text = {"text": name} if len(name) == 1 else {}
        self.command("Input.dispatchKeyEvent", type="keyDown", key=name, windowsVirtualKeyCode=code, **text)
        self.command("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    def violations(self):
        """What axe finds, a line each."""
        assert self.browser.axe, "axe-core is not here"
        self.value(self.browser.axe + ";0")
        found = self.value("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.flatMap(v => "
                           "v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))", limit=60)
        return [one.replace("\n", " ") for one in found]

    def texts(self):
        """Texts that overlap, are cut off or stand out of the page, a line each (texts.js)."""
        return self.value(TEXTS)

    def foreign(self, origin):
        """Requests to anywhere but the origin ("http://127.0.0.1:8080", or the file's own address)."""
        return [one for one in self.requests if one != origin and not one.startswith(origin.rstrip("/") + "/")]

    def problems(self, origin=None):
        """All that is wrong with the page, a line each; origin None: the page's own address, and no other request."""
        origin = origin or self.value("location.href.split('#')[0]")
        lines = [f"console: {one}" for one in self.console] + [f"request: {one}" for one in self.foreign(origin)]
        return lines + [f"axe: {one}" for one in self.violations()] + [f"text: {one}" for one in self.texts()]

    def check(self, origin=None):
        found = self.problems(origin)
        assert not found, f"{self.width} pixels wide:\n" + "\n".join(found)

    def screenshot(self, path, whole=True):
        got = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(got["data"]))

    def pdf(self, path, **options):
        """Prints the page: options of Page.printToPDF, for example landscape=True, preferCSSPageSize=True."""
        got = self.command("Page.printToPDF", limit=60, printBackground=True, **options)
        pathlib.Path(path).write_bytes(base64.b64decode(got["data"]))

    def close(self):
        self.browser.pages.pop(self.session, None)
        self.browser.call("Target.closeTarget", targetId=self.target)
