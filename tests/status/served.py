#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `shukei status --serve` answers: the three places and no other, to GET and HEAD alone, by names of this machine alone,
with the headers that keep a page to itself; a benchmark that changes, ends and breaks meanwhile.

usage: served.py
"""
import json
import os
import signal
import socket
import time

import bench_folder
from serving import Answer, Server
from harness import Folder, main, run

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY",
           "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin"}


def places():
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        for path, kind, inside in (("/", "text/html; charset=utf-8", b"aggregate of xlarge"),
                                   ("/status.json", "application/json", b'"state": "running"'),
                                   ("/metrics", "text/plain; version=0.0.4; charset=utf-8", b"shukei_bench_running 1.0\n"),
                                   ("/?x=1", "text/html; charset=utf-8", b"aggregate of xlarge")):
            got = server.ask(path)
            assert got.status == 200 and got.headers["content-type"] == kind and inside in got.body, (path, got.headers)
            assert {name: got.headers.get(name) for name in HEADERS} == HEADERS, got.headers
            policy = got.headers["content-security-policy"]
            assert policy.startswith("default-src 'none';") and "http" not in policy and "unsafe" not in policy, policy
            assert "access-control-allow-origin" not in got.headers
            head = server.ask(path, method="HEAD")
            assert head.status == 200 and head.body == b"" and head.headers["content-length"] == str(len(got.body)), path
        page = server.ask("/").body.decode()
        assert "time-out of 30 s &lt;b&gt;&amp;&quot;quoted&quot;&lt;/b&gt;" in page and "<b>" not in page
        assert '<noscript><meta http-equiv="refresh"' in page
        for path in ("/x", "/../results.jsonl", "//", "/index.html", "/status.json/", "/%2e%2e/results.jsonl"):
            assert server.ask(path).status == 404, path
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "X"):
            got = server.ask("/", method=method)
            assert got.status == 405 and got.headers["allow"] == "GET, HEAD", (method, got.status)
        got = Answer(server.raw(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\nxx"))
        assert got.status == 405, got.status
        assert json.loads(server.ask("/status.json").body)["folder"] == str(folder / "b")


def names():
    with Folder() as folder, Server(folder, "--serve-name", "bench.example.org", "--serve-name", "b") as server:
        for host in ("127.0.0.1", f"127.0.0.1:{server.port}", "localhost", "LOCALHOST:1", "[::1]", "[::1]:80", "10.0.0.1",
                     "bench.example.org", "Bench.Example.Org:9090", "b"):
            assert server.ask(host=host).status == 200, host
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "bench.example.org.evil", "bench",
                     "[::1", "[evil]", "127.0.0.1:x", "127.0.0.1:70000", "a" * 300, "127.0.0.1 evil", "evil@127.0.0.1", "0x7f.1"):
            got = server.ask(host=host)
            assert got.status in (400, 421) and b"Benchmark" not in got.body, (host, got.status)
        assert Answer(server.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")).status == 400
        assert Answer(server.raw(b"GET / HTTP/1.0\r\n\r\n")).status == 400
        assert server.ask(more="Host: 127.0.0.1\r\n").status == 400
        assert Answer(server.raw(b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).status == 421


def follows():
    """From no folder to a benchmark that runs, is killed, and leaves a broken file."""
    with Folder() as folder, Server(folder / "b") as server:
        def state():
            return json.loads(server.ask("/status.json").body)["state"]

        def soon(wanted):
            end = time.monotonic() + 2  # what the page may be behind
            while state() != wanted:
                assert time.monotonic() < end, f"{state()}, not {wanted} within two seconds"
                time.sleep(0.02)

        assert state() == "none" and b"no benchmark yet" in server.ask("/").body
        with bench_folder.half_done(folder / "b") as fake:
            soon("running")
            fake.running(("xlarge", "aggregate", 0.6, 1.1))
            end = time.monotonic() + 2
            while b"300,000 of 500,000" not in server.ask("/").body:
                assert time.monotonic() < end
                time.sleep(0.02)
        soon("crashed")
        assert b"not running since" in server.ask("/").body and b"shukei_bench_crashed 1.0\n" in server.ask("/metrics").body
        (folder / "b/results.jsonl").write_text("broken\n" * 3)
        time.sleep(0.3)
        page, metrics, told = server.ask("/"), server.ask("/metrics"), server.ask("/status.json")
        assert page.status == 200 and b"results.jsonl" in page.body and b"aggregate of xlarge" in page.body, page.body[-3000:]
        assert b"shukei_status_read_success 0.0\n" in metrics.body and told.status == 503


def ends():
    with Folder() as folder:
        for number in (signal.SIGTERM, signal.SIGINT):
            with Server(folder) as server:
                link = server.connect()
                assert server.stop(number) == -number
                link.close()
        with Server(folder) as server:
            assert os.getpriority(os.PRIO_PROCESS, server.process.pid) == 19
            got = run("status", "--serve", f"127.0.0.1:{server.port}")
            assert got.returncode == 3 and b"Address already in use" in got.stderr, got
            assert "warning" not in server.told
        with Server(folder, address="0.0.0.0:0") as server:
            assert "warning: the page is not for this machine alone" in server.told, server.told
        with Server(folder, address="0") as server:
            assert server.host == "127.0.0.1" and server.ask().status == 200
        if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and "00000000000000000000000000000001" in open("/proc/net/if_inet6").read():
            with Server(folder, address="[::1]:0") as server:
                assert server.host == "::1" and server.ask(host=f"[::1]:{server.port}").status == 200


main([(check.__name__, check) for check in (places, names, follows, ends)])
