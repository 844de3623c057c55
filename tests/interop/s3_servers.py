# SPDX-License-Identifier: Apache-2.0
"""Real servers of S3 on loopback, each with one way in: MinIO, and moto of PyPI.

    with MinIO(path) as server: server.put("s3://bucket/key", b"..."), server.get(...), server.take("bucket")
"""
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "s3")]
from fake_s3 import plain

import boto3
import botocore.config
import botocore.exceptions


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    access, secret = "interop-user", "interop/secret+key"

    def command(self, port, folder):
        raise NotImplementedError

    def __enter__(self):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="shukei-s3-")
        words, variables = self.command(self.port, self.folder.name)
        self.log = open(pathlib.Path(self.folder.name) / "server.log", "w")
        self.process = subprocess.Popen(words, env=variables, stdout=self.log, stderr=self.log, cwd=self.folder.name)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=self.access,
            aws_secret_access_key=self.secret,
            config=botocore.config.Config(s3={"addressing_style": "path"}, proxies={}, retries={"max_attempts": 1},
                                          connect_timeout=1, read_timeout=60))
        for _ in range(600):
            try:
                self.client.list_buckets()
                return self
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the server did not come up")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def environment(self, **more):
        return {**plain(), "AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_ENDPOINT_URL": self.url, **more}

    @staticmethod
    def split(name):
        return name.removeprefix("s3://").split("/", 1)

    def make(self, bucket):
        try:
            self.client.create_bucket(Bucket=bucket)
        except self.client.exceptions.BucketAlreadyOwnedByYou:
            pass

    def put(self, name, body):
        bucket, key = self.split(name)
        self.make(bucket)
        self.client.put_object(Bucket=bucket, Key=key, Body=body)

    def get(self, name):
        bucket, key = self.split(name)
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def uploads(self, bucket):
        return [u["Key"] for u in self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]

    def take(self, bucket):
        """All objects of a bucket, which is empty afterwards."""
        found = {key: self.get(f"s3://{bucket}/{key}") for key in self.keys(bucket)}
        for key in found:
            self.client.delete_object(Bucket=bucket, Key=key)
        return found


class MinIO(Server):
    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())

    def command(self, port, folder):
        return ([self.program, "server", f"{folder}/data", "--address", f"127.0.0.1:{port}"],
                {"MINIO_ROOT_USER": self.access, "MINIO_ROOT_PASSWORD": self.secret, "MINIO_BROWSER": "off",
                 "MINIO_CI_CD": "1", "HOME": folder, "PATH": "/usr/bin:/bin"})


class Moto(Server):
    """Checks no signatures."""

    def command(self, port, folder):
        program = pathlib.Path(sys.executable).parent / "moto_server"
        return [str(program), "-H", "127.0.0.1", "-p", str(port)], {"HOME": folder, "PATH": "/usr/bin:/bin"}
