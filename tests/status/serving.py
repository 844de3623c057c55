# SPDX-License-Identifier: Apache-2.0
"""`shukei status --serve` as a process of a test, and requests to it written by hand.

    with Server(folder) as server:
        answer = server.ask("/")            # status, headers, body
        answer = server.raw(b"GET / ...")   # whatever comes back, until the connection ends
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]
import harness


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1]) if first else 0
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Server:
    def __init__(self, folder, *words, address="127.0.0.1:0"):
        self.words = ["status", "--dir", str(folder), "--serve", address, *words]

    def __enter__(self):
        self.process = subprocess.Popen([harness.PROGRAM, *self.words], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        cwd=tempfile.gettempdir(), env=harness.environment())
        self.told = ""
        while "until interrupted" not in self.told:
            line = self.process.stderr.readline().decode()
            assert line, f"the server ended: {self.told}"
            self.told += line
        self.address = re.search(r"http://\S+/", self.told)[0]
        self.host, port = re.fullmatch(r"http://\[?(.*?)\]?:(\d+)/", self.address).groups()
        self.port = int(port)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGTERM):
        """Ends the server, and returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.process.stderr.close()
        return status

    def connect(self, limit=20):
        return socket.create_connection((self.host, self.port), timeout=limit)

    def raw(self, data, limit=20):
        with self.connect(limit) as link:
            link.sendall(data)
            parts = []
            try:
                while part := link.recv(1 << 16):
                    parts.append(part)
            except ConnectionResetError:
                pass
        return b"".join(parts)

    def ask(self, path="/", method="GET", host=None, limit=20, more=""):
        host = f"Host: {host or f'127.0.0.1:{self.port}'}\r\n"
        return Answer(self.raw(f"{method} {path} HTTP/1.1\r\n{host}{more}Connection: close\r\n\r\n".encode(), limit))

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
