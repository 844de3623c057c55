# SPDX-License-Identifier: Apache-2.0
"""A proxy on a Unix socket, or on loopback, between the program and PostgreSQL, which breaks connections at chosen places.

A plan is a list with an entry for each connection that carries a transaction of rows (each that sends COMMIT or rows):
    ("copy", n)      cut after n bytes of rows
    ("before",)      cut when COMMIT comes, without handing it on
    ("after",)       hand COMMIT on, wait for the server's answer, cut without handing that back
    ("copy", n, f)   call f() after n bytes of rows, then go on; "before" and "after" take one, too, and call it instead
                     of the cut; what f does (a restart of the server) breaks the connection, or f waits: then
                     nothing goes to the server any more, and behind "after" nothing comes from it
None, or the end of the list: nothing happens.

Beside the plan, ask(text, f) calls f() when the next statement with that text comes, by whatever connection, and goes on. With `pooled` the
program is told another number of the server's process than it has, as by a pooler.
"""
import pathlib
import socket
import struct
import tempfile
import threading


class Proxy:
    def __init__(self, server, tcp=False):
        self.server, self.tcp, self.pooled = server, tcp, False
        self.target = str(server.socket / ".s.PGSQL.5432")
        self.plan, self.lock, self.hits, self.asked = [], threading.Lock(), 0, None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="shukei-proxy-")
        self.listener = socket.socket(socket.AF_INET if self.tcp else socket.AF_UNIX)
        self.listener.bind(("127.0.0.1", 0) if self.tcp else str(pathlib.Path(self.folder.name) / ".s.PGSQL.5432"))
        self.listener.listen(50)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.folder.cleanup()

    def name(self, more=""):
        if self.tcp:
            return self.server.name("127.0.0.1", more=f"port={self.listener.getsockname()[1]} sslmode=disable {more}")
        return self.server.name(self.folder.name, more=more)

    def set(self, *plan):
        """The places of the next run; returns how many were reached by the one before."""
        with self.lock:
            hits, self.hits, self.plan = self.hits, 0, list(plan)
        return hits

    def ask(self, text, act):
        with self.lock:
            self.asked = (text.encode(), act)

    def take_asked(self, body):
        """What is to be done at this statement; None: nothing."""
        with self.lock:
            if not self.asked or self.asked[0] not in body:
                return None
            act, self.asked = self.asked[1], None
            self.hits += 1
            return act

    def take(self):
        with self.lock:
            return self.plan.pop(0) if self.plan else None

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            Link(self, client)


def shut(*sockets):
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Link:
    """One connection: a thread for each direction."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.socket(socket.AF_UNIX)
        self.place, self.taken, self.copied = None, False, 0
        self.swallow = threading.Event()  # keep the server's next answer back
        self.answered = threading.Event()
        try:
            self.server.connect(proxy.target)
        except OSError:
            client.close()
            return
        threading.Thread(target=self.run, args=(self.from_client,), daemon=True).start()
        threading.Thread(target=self.run, args=(self.from_server,), daemon=True).start()

    def run(self, direction):
        try:
            direction()
        except OSError:
            pass
        shut(self.client, self.server)

    def from_server(self):
        while data := self.server.recv(65536):
            if self.proxy.pooled and (at := data.find(b"K\0\0\0\x0c")) >= 0:  # BackendKeyData
                data = data[:at + 5] + b"\0\0\0\x01" + data[at + 9:]
            if self.swallow.is_set():
                self.answered.set()
            else:
                self.client.sendall(data)
        self.answered.set()

    def exactly(self, length):
        data = b""
        while len(data) < length:
            part = self.client.recv(length - len(data))
            if not part:
                raise OSError("closed")
            data += part
        return data

    def from_client(self):
        length = self.exactly(4)  # the start has no type
        self.server.sendall(length + self.exactly(struct.unpack(">I", length)[0] - 4))
        while True:
            head = self.exactly(5)
            kind, body = head[:1], self.exactly(struct.unpack(">I", head[1:])[0] - 4)
            if kind in (b"Q", b"P") and (act := self.proxy.take_asked(body)):
                act()
            commit = kind == b"Q" and body.startswith(b"COMMIT") and self.taken
            if kind == b"d" and not self.taken:
                self.taken, self.place = True, self.proxy.take()
            if kind == b"d" and self.place and self.place[0] == "copy":
                self.copied += len(body)
                if self.copied > self.place[1]:
                    self.fire(2)
            if commit and self.place and self.place[0] == "before":
                self.fire(1)
            if commit and self.place and self.place[0] == "after":
                self.swallow.set()
                self.server.sendall(head + body)
                self.answered.wait(30)
                self.fire(1)
            self.server.sendall(head + body)

    def fire(self, at):
        """Calls what the place has at its end, or cuts."""
        act = self.place[at] if len(self.place) > at else None
        self.place = None
        self.proxy.hits += 1
        if not act:
            raise OSError("cut")
        act()
