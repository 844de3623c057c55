#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that are many, slow or want to do harm: the page is there for others within two seconds, memory and open files are
bounded, and a benchmark's process is not kept from its work.

usage: many_clients.py [CHECK]
SHUKEI_HOSTILE: requests of rubbish (300 by default).
"""
import multiprocessing
import os
import random
import re
import resource
import select
import socket
import sys
import time

import bench_folder
from serving import Server
from harness import Folder, main, must

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def allow_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, count), hard), hard))


def peak_memory(pid):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def quick(server, limit=2):
    begin = time.monotonic()
    got = server.ask(limit=limit)
    assert got.status == 200 and b"</html>" in got.body
    took = time.monotonic() - begin
    assert took < limit, f"the page took {took:.1f} s"
    return took


def five_hundred():
    """All connected at once, and each gets the whole page several times."""
    allow_files(2048)
    with Folder() as folder, bench_folder.half_done(folder / "b") as fake, Server(folder / "b") as server:
        links = [server.connect() for _ in range(500)]
        for turn in range(4):
            fake.running(("xlarge", "aggregate", 0.1 * turn, 0.2 * turn))
            for link in links:
                link.sendall(REQUEST)
            for link in links:
                data = b""
                while b"</html>" not in data:
                    part = link.recv(1 << 16)
                    assert part, "a client was turned away"
                    data += part
                assert data.startswith(b"HTTP/1.1 200 ")
            quick(server)
        assert peak_memory(server.process.pid) < 128 << 20, peak_memory(server.process.pid)
        for link in links:
            link.close()
        end = time.monotonic() + 15
        while server.open_files() > 20:
            assert time.monotonic() < end, "connections are left"
            time.sleep(0.05)


def slow():
    """A byte now and then, in the headers and in reading the answer: ended after ten seconds, and nobody waits for them."""
    allow_files(4096)
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        drips = [server.connect() for _ in range(300)]
        lazy = [server.connect() for _ in range(200)]
        for link in lazy:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            link.sendall(REQUEST * 40)
        begin = time.monotonic()
        alive, slowest, sent = set(drips), 0, 0
        while alive and time.monotonic() < begin + 25:
            for link in list(alive):
                try:
                    link.send(REQUEST[sent % 20:sent % 20 + 1] if sent < 20 else b"x")
                    if select.select([link], [], [], 0)[0] and not link.recv(100):
                        alive.discard(link)
                except OSError:
                    alive.discard(link)
            sent += 1
            slowest = max(slowest, quick(server))
            time.sleep(0.3)
        took = time.monotonic() - begin
        assert not alive, f"{len(alive)} clients that send a byte now and then are still there"
        assert took > 5, f"ended after {took:.1f} s already"
        end = time.monotonic() + 15
        while server.open_files() > 20:
            assert time.monotonic() < end, "connections that do not read are still there"
            time.sleep(0.05)
        print(f"  the page took {slowest * 1000:.0f} ms at most")
        for link in drips + lazy:
            link.close()


def more_than_fit():
    """3,000 idle connections: the oldest make room, and the page is there."""
    allow_files(4096)
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 3500:
        print("  too few open files are allowed here for 3,000 clients")
        return
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        links = []
        for i in range(3000):
            links.append(server.connect())
            if i % 500 == 499:
                quick(server)
        assert server.open_files() <= 1100, server.open_files()
        assert peak_memory(server.process.pid) < 128 << 20
        for link in links:
            link.close()


def hostile():
    """Rubbish, headers without end, requests by the dozen, connections that are torn off."""
    draw = random.Random(5)
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        for _ in range(int(os.environ.get("SHUKEI_HOSTILE", "300"))):
            data = draw.choice([
                lambda: draw.randbytes(draw.randrange(1, 3000)),
                lambda: b"GET /" + b"a" * draw.randrange(1, 100000) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                lambda: b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: b\r\n" * draw.randrange(1, 20000) + b"\r\n",
                lambda: b"GET / HTTP/1.1\r\nHost: " + b"[" * draw.randrange(1, 3000) + b"\r\n\r\n",
                lambda: REQUEST * draw.randrange(1, 60),
                lambda: b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" + draw.randbytes(500),
                lambda: b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
                lambda: b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
                lambda: REQUEST[:draw.randrange(1, len(REQUEST))],
            ])()
            link = server.connect()
            try:
                link.sendall(data)
                if draw.random() < 0.5:
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset
                else:
                    link.settimeout(0.01)
                    link.recv(100)
            except OSError:
                pass
            link.close()
        quick(server)
        assert server.process.poll() is None and peak_memory(server.process.pid) < 128 << 20


def ask_for_ever(server):
    """500 clients in a process of their own, as fast as they get answers, at the lowest priority: clients of another
    machine would not take this one's processors. So they may come too late to take an answer, and come again then."""
    os.nice(19)
    links = [server.connect() for _ in range(500)]
    while True:
        for i in range(len(links)):
            try:
                links[i].sendall(REQUEST)
            except OSError:
                links[i].close()
                links[i] = server.connect()
                links[i].sendall(REQUEST)
        for link in links:
            try:
                link.recv(1 << 16)
            except OSError:
                pass


def run_beside():
    """A run of `aggregate` ends as it does alone, while 500 clients ask as fast as they can. Times are told, not judged:
    other work on this machine would decide."""
    allow_files(2048)
    with Folder() as folder, bench_folder.half_done(folder / "b"), Server(folder / "b") as server:
        must("generate", "xlarge", "--to", folder / "reports")

        def timed():
            begin = time.monotonic()
            must("aggregate", folder / "reports", "--to", folder / "a.csv")
            return time.monotonic() - begin

        alone, before = [timed() for _ in range(5)], (folder / "a.csv").read_bytes()
        clients = multiprocessing.get_context("fork").Process(target=ask_for_ever, args=(server,), daemon=True)
        clients.start()
        try:
            beside = [timed() for _ in range(5)]
            assert clients.is_alive(), "the clients gave up"
        finally:
            clients.kill()
            clients.join()
        assert (folder / "a.csv").read_bytes() == before
        count = int(float(re.search(rb"^shukei_status_http_answers_total (\S+)", server.ask("/metrics").body, re.M)[1]))
        print(f"  aggregate of xlarge: {sorted(alone)[2]:.2f} s alone, {sorted(beside)[2]:.2f} s beside 500 clients "
              f"(medians of 5), who got {count} answers")


CHECKS = (five_hundred, slow, more_than_fit, hostile, run_beside)
main([(check.__name__, check) for check in CHECKS if len(sys.argv) < 2 or check.__name__ in sys.argv[1:]])
