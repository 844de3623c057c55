# SPDX-License-Identifier: Apache-2.0
"""A proxy between a client and a server of S3 that does harm to chosen requests.

    with Proxy(port, Plan("reset", at=3)) as proxy: ... http://127.0.0.1:{proxy.port} ...

A plan names a fault, the first request that it strikes (they count from 0) and how many it strikes;
only requests that the fault can strike count where `fits` says so."""
import http.client
import random
import re
import socket
import socketserver
import struct
import threading
from email.utils import formatdate

ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>from the proxy</Message></Error>"


class Plan:
    def __init__(self, fault, at, times=1, fits=None, act=None, seed=0):
        self.fault, self.at, self.times = fault, at, times
        self.fits = fits or (lambda method, path, headers: True)
        self.act = act  # "act": called instead of harm
        self.seen = self.struck = 0
        self.lock = threading.Lock()
        self.random = random.Random(seed)

    def strikes(self, method, path, headers):
        with self.lock:
            if not self.fits(method, path, headers):
                return False
            self.seen += 1
            hit = self.at <= self.seen - 1 < self.at + self.times
            self.struck += hit
            return hit


class Proxy:
    def __init__(self, upstream, plan):
        self.upstream, self.plan = upstream, plan

    def __enter__(self):
        proxy = self

        class Bound(Connection):
            owner = proxy

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Bound)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Reset(Exception):
    pass


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    owner = None

    def handle(self):
        try:
            while self.one_request():
                pass
        except Reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass

    def one_request(self):
        line = self.rfile.readline()
        if not line:
            return False
        method, path, _ = line.decode().split(" ", 2)
        headers = http.client.parse_headers(self.rfile)
        body = self.rfile.read(int(headers.get("Content-Length") or 0))
        fault = self.owner.plan.fault if self.owner.plan.strikes(method, path, headers) else None
        if fault == "reset":
            raise Reset
        if fault in ("500", "503", "429", "expired", "skew", "denied"):
            return self.refuse(fault)
        if fault == "200":  # as S3 does where the end of an upload fails late
            return self.refuse(fault)
        if fault == "act":
            self.owner.plan.act()
        if fault == "flip-request" and body:
            body = flip(body, self.owner.plan.random)
        status, reason, kept, reply = self.forward(method, path, headers, body)
        if fault == "lost":
            raise Reset
        return self.answer(method, status, reason, kept, reply, fault)

    def forward(self, method, path, headers, body):
        server = http.client.HTTPConnection("127.0.0.1", self.owner.upstream, timeout=60)
        server.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() not in ("connection", "expect"):
                server.putheader(name, value)
        server.endheaders(body)
        got = server.getresponse()
        reply = got.read()
        kept = [(n, v) for n, v in got.getheaders()
                if n.lower() not in ("transfer-encoding", "connection", "content-length")]
        length = got.getheader("Content-Length") if method == "HEAD" else str(len(reply))
        server.close()
        return got.status, got.reason, kept + [("Content-Length", length or "0")], reply

    def refuse(self, fault):
        status, code = {"500": (500, "InternalError"), "503": (503, "SlowDown"), "429": (429, "TooManyRequests"), "denied": (403, "AccessDenied"),
                        "expired": (400, "ExpiredToken"), "skew": (403, "RequestTimeTooSkewed"),
                        "200": (200, "InternalError")}[fault]
        text = ERROR.format(code).encode()
        self.send(status, "no", [("Content-Length", str(len(text))), ("Date", formatdate(usegmt=True))], text)
        return True

    def send(self, status, reason, headers, body):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.wfile.write(f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode() + body)
        self.wfile.flush()

    def answer(self, method, status, reason, headers, body, fault):
        if fault == "flip" and body:
            body = flip(body, self.owner.plan.random)
        if fault in ("truncate", "stall", "reset-within"):
            self.send(status, reason, headers, body[:len(body) // 2])
            if fault == "reset-within":
                raise Reset
            if fault == "stall":
                self.wait_until_left()
            return False
        if fault == "short" and len(body) > 1:  # less than was asked for, and the header agrees
            body = body[:-1]
            headers = [(n, str(len(body)) if n == "Content-Length" else v) for n, v in headers]
        self.send(status, reason, headers, body)
        return True

    def wait_until_left(self):
        """Says nothing until the client has had enough."""
        self.connection.settimeout(30)
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass


def flip(body, rng):
    """One bit is another."""
    changed = bytearray(body)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def ranged(method, path, headers):
    return method == "GET" and headers.get("Range") is not None


def with_body(method, path, headers):
    return method in ("PUT", "POST") and int(headers.get("Content-Length") or 0) > 0


def completes(method, path, headers):
    return method == "POST" and re.search(r"[?&]uploadId=", path) is not None
