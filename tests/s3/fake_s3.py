# SPDX-License-Identifier: Apache-2.0
"""A small S3 on loopback, written from the manual for the tests: it checks every signature, digest,
session token and clock as S3 does, and notes what it was asked.

Objects live in memory. Beside S3 it answers as the endpoints that give keys: IMDSv2, a container's
agent and STS. What the tests want to go wrong is set on the Fake: `skew`, `expired`, `page`."""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
import urllib.parse
import uuid
from datetime import datetime, timezone
from email.utils import formatdate
from xml.sax.saxutils import escape

REGION = "us-east-1"


class Object:
    def __init__(self, body, meta=None):
        self.body, self.meta = bytes(body), meta or {}
        self.etag = f'"{hashlib.md5(self.body).hexdigest()}"'
        self.modified = time.time()


class Refused(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Fake:
    """with Fake() as s3: s3.buckets[...]; s3.environment() is what clients need."""

    def __init__(self, tls=None):
        self.buckets = {}  # name -> {key: Object}
        self.uploads = {}  # id -> (bucket, key, meta, {number: bytes}, time; None: told as what is none)
        self.uploads_answer = None  # (status, body) where uploads are asked for, in place of their list
        self.conditions = True  # whether it knows conditional writes; False: answers 501 to them
        self.conflicts = 0  # so many conditional writes to come meet another one that is under way: 409
        self.keys = {"AKIDFAKE": ("fake/secret+key", None)}  # access -> (secret, token)
        self.expired = set()  # access keys whose token has expired
        self.skew = 0  # seconds that this server's clock is ahead
        self.page = 1000  # keys of a page at most
        self.life = 3600  # seconds that keys given by the endpoints last
        self.given = 0  # sets of keys that were given
        self.log = []  # (method, path, headers with lower-case names) of every request
        self.delay = 0  # seconds that an object takes to come
        self.again = self.again_most = 0  # objects on their way for at least the second time
        self.errors = []  # codes that were answered
        self.lock = threading.RLock()
        self.tls = tls

    def __enter__(self):
        fake = self

        class Bound(Handler):
            s3 = fake

        self.server = Server(("127.0.0.1", 0), Bound)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://localhost:{self.port}"

    def environment(self, **more):
        return {**plain(), "AWS_ACCESS_KEY_ID": "AKIDFAKE",
                "AWS_SECRET_ACCESS_KEY": "fake/secret+key", "AWS_ENDPOINT_URL": self.url, **more}

    def put(self, name, body):
        bucket, key = name.removeprefix("s3://").split("/", 1)
        with self.lock:
            self.buckets.setdefault(bucket, {})[key] = Object(body)

    def get(self, name):
        bucket, key = name.removeprefix("s3://").split("/", 1)
        return self.buckets[bucket][key].body

    def give_keys(self):
        """A new set of keys, as the endpoints answer with it."""
        with self.lock:
            self.given += 1
            access, token = f"ASIAGIVEN{self.given}", f"token-{uuid.uuid4()}"
            self.keys[access] = (f"given-secret-{uuid.uuid4()}", token)
        ends = datetime.fromtimestamp(time.time() + self.life, timezone.utc)
        return access, self.keys[access][0], token, ends.strftime("%Y-%m-%dT%H:%M:%SZ")


def plain():
    """Variables that keep a user's own settings out of a test."""
    return {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_REGION": REGION, "no_proxy": "*"}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def handle_error(self, *_):
        pass  # a client that went away


def sign(secret, scope, text):
    key = b"AWS4" + secret.encode()
    for part in (*scope, text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    s3 = None

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return formatdate(time.time() + self.s3.skew, usegmt=True)

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", headers.pop("length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        self.raw_path, self.raw_query = url.path, url.query
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        if "form" in self.headers.get("Content-Type", "") and b"AssumeRole" not in self.body:
            self.s3.errors.append("a body that calls itself a form")
            self.reply(500)
            return
        self.s3.log.append((self.command, self.path, {n.lower(): v for n, v in self.headers.items()}))
        try:
            if not self.answer_other():
                self.check_signature()
                self.take_time()
                self.answer_s3()
        except Refused as why:
            self.s3.errors.append(why.code)
            text = (f"<?xml version='1.0'?><Error><Code>{why.code}</Code>"
                    f"<Message>{escape(why.message)}</Message></Error>")
            self.reply(why.status, text.encode(), Content_Type="application/xml")

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def take_time(self):
        if not self.s3.delay or "list-type" in self.query:
            return
        again = sum(path == self.path for _, path, _ in self.s3.log) > 1
        with self.s3.lock:
            self.s3.again += again
            self.s3.again_most = max(self.s3.again_most, self.s3.again)
        time.sleep(self.s3.delay)
        with self.s3.lock:
            self.s3.again -= again

    # ---- who asks --------------------------------------------------------------------------------

    def check_signature(self):
        given = self.headers.get("Authorization") or ""
        if not given.startswith("AWS4-HMAC-SHA256 "):
            raise Refused(403, "AccessDenied")
        parts = dict(p.strip().split("=", 1) for p in given.split(" ", 1)[1].split(","))
        access, *scope = parts["Credential"].split("/")
        if access not in self.s3.keys:
            raise Refused(403, "InvalidAccessKeyId")
        secret, token = self.s3.keys[access]
        if access in self.s3.expired:
            raise Refused(400, "ExpiredToken", "The provided token has expired.")
        if token != self.headers.get("x-amz-security-token"):
            raise Refused(403, "InvalidToken")
        names = parts["SignedHeaders"].split(";")
        for name in self.headers.keys():
            if name.lower().startswith("x-amz-") and name.lower() not in names:
                raise Refused(403, "AccessDenied", f"{name} is not signed")
        query = "&".join(sorted(self.raw_query.split("&"))) if self.raw_query else ""
        canonical = "\n".join([self.command, self.raw_path, query,
                               *(f"{n}:{(self.headers[n] or '').strip()}" for n in names), "",
                               ";".join(names), self.headers["x-amz-content-sha256"]])
        when = self.headers["x-amz-date"]
        text = "\n".join(["AWS4-HMAC-SHA256", when, "/".join(scope),
                          hashlib.sha256(canonical.encode()).hexdigest()])
        if sign(secret, scope, text) != parts["Signature"] or scope[0] != when[:8]:
            raise Refused(403, "SignatureDoesNotMatch")
        asked = datetime.strptime(when, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
        if abs(asked - time.time() - self.s3.skew) > 900:
            raise Refused(403, "RequestTimeTooSkewed")
        if hashlib.sha256(self.body).hexdigest() != self.headers["x-amz-content-sha256"]:
            raise Refused(400, "XAmzContentSHA256Mismatch")

    def answer_other(self):
        """The endpoints that give keys."""
        if self.raw_path == "/latest/api/token" and self.command == "PUT":
            self.reply(200, b"imds-token" if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else b"")
        elif self.raw_path.startswith("/latest/meta-data/iam/security-credentials/"):
            if self.headers["X-aws-ec2-metadata-token"] != "imds-token":
                self.reply(401)
            elif self.raw_path.endswith("/"):
                self.reply(200, b"the-role")
            else:
                self.reply_json("Token")
        elif self.raw_path == "/container":
            self.reply_json("Token") if self.headers["Authorization"] == "container-secret" else self.reply(403)
        elif self.command == "POST" and b"AssumeRoleWithWebIdentity" in self.body:
            form = dict(urllib.parse.parse_qsl(self.body.decode()))
            if form["WebIdentityToken"] != "web/identity+token":
                raise Refused(403, "InvalidIdentityToken")
            access, secret, token, ends = self.s3.give_keys()
            self.reply(200, f"<R xmlns='https://sts'><A><Credentials><AccessKeyId>{access}</AccessKeyId><SecretAccessKey>"
                       f"{secret}</SecretAccessKey><SessionToken>{token}</SessionToken><Expiration>{ends}"
                       f"</Expiration></Credentials></A></R>".encode())
        else:
            return False
        return True

    def reply_json(self, session):
        access, secret, token, ends = self.s3.give_keys()
        self.reply(200, json.dumps({"AccessKeyId": access, "SecretAccessKey": secret, session: token,
                                    "Expiration": ends}).encode())

    # ---- objects ---------------------------------------------------------------------------------

    def answer_s3(self):
        host = self.headers["Host"].rsplit(":", 1)[0]
        path = urllib.parse.unquote(self.raw_path)[1:]
        if host.endswith(".localhost"):
            bucket, key = host.removesuffix(".localhost"), path
        else:
            bucket, _, key = path.partition("/")
        found = None
        with self.s3.lock:
            if bucket not in self.s3.buckets:
                raise Refused(404, "NoSuchBucket")
            objects = self.s3.buckets[bucket]
            if not key and "uploads" in self.query:
                self.list_uploads(bucket)
            elif not key:
                self.list_objects(objects)
            elif "uploads" in self.query or "uploadId" in self.query:
                self.multipart(bucket, objects, key)
            elif self.command == "PUT":
                self.check_conditions(objects.get(key))
                objects[key] = Object(self.body, self.meta())
                self.reply(200, ETag=objects[key].etag)
            elif self.command == "DELETE":
                objects.pop(key, None)
                self.reply(204)
            elif key not in objects:
                raise Refused(404, "NoSuchKey")
            else:
                found = objects[key]
        if found:  # not with the lock held: who asked may take what it gets as slowly as it likes
            self.get_object(found)

    def meta(self):
        return {n.lower(): v for n, v in self.headers.items() if n.lower().startswith("x-amz-meta-")}

    def check_conditions(self, there):
        """Of a PUT."""
        none, one = self.headers.get("If-None-Match"), self.headers.get("If-Match")
        if (none or one) and not self.s3.conditions:
            raise Refused(501, "NotImplemented")
        if (none or one) and self.s3.conflicts:
            self.s3.conflicts -= 1
            raise Refused(409, "ConditionalRequestConflict")
        if one and not there:
            raise Refused(404, "NoSuchKey")
        if (none and there) or (one and one != there.etag):
            raise Refused(412, "PreconditionFailed")

    def get_object(self, found):
        size = len(found.body)
        if self.headers.get("If-Match") not in (None, found.etag):
            raise Refused(412, "PreconditionFailed")
        more = {"ETag": found.etag, "Last_Modified": formatdate(found.modified + self.s3.skew, usegmt=True), **found.meta}
        wanted = self.headers.get("Range")
        if not wanted:
            self.reply(200, found.body, **more)
            return
        first, last = wanted.removeprefix("bytes=").split("-")
        begin = int(first) if first else max(0, size - int(last))
        end = min(size, int(last) + 1) if first and last else size
        if begin >= size:
            raise Refused(416, "InvalidRange")
        self.reply(206, found.body[begin:end], Content_Range=f"bytes {begin}-{end - 1}/{size}", **more)

    def list_objects(self, objects):
        prefix = self.query.get("prefix", "")
        after = base64.b64decode(self.query.get("continuation-token", "")).decode()
        keys = sorted((k for k in objects if k.startswith(prefix) and k > after), key=str.encode)
        most = min(int(self.query.get("max-keys", 1000)), self.s3.page)
        page, more = keys[:most], len(keys) > most
        coded = (lambda k: urllib.parse.quote_plus(k, safe="/")) if self.query.get("encoding-type") == "url" else escape
        text = "".join(f"<Contents><Key>{coded(k)}</Key><Size>{len(objects[k].body)}</Size>"
                       f"<ETag>{escape(objects[k].etag, {chr(34): '&quot;'})}</ETag></Contents>" for k in page)
        if more:
            text += f"<NextContinuationToken>{base64.b64encode(page[-1].encode()).decode()}</NextContinuationToken>"
        self.reply(200, f"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>{text}"
                   f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
                   f"</ListBucketResult>".encode())

    def list_uploads(self, bucket):
        """Pages begin behind a key and an upload's name, which must both be given."""
        if self.s3.uploads_answer:
            self.reply(self.s3.uploads_answer[0], self.s3.uploads_answer[1])
            return
        after = (self.query.get("key-marker", ""), self.query.get("upload-id-marker", ""))
        found = sorted((u[1], name, u[4]) for name, u in self.s3.uploads.items() if u[0] == bucket and (u[1], name) > after)
        page, more = found[:self.s3.page], len(found) > self.s3.page
        coded = (lambda k: urllib.parse.quote_plus(k, safe="/")) if self.query.get("encoding-type") == "url" else escape
        text = "".join(f"<Upload><Key>{coded(key)}</Key><UploadId>{name}</UploadId><Initiator><ID>i</ID></Initiator>"
                       f"<Initiated>{self.instant(begun)}</Initiated></Upload>" for key, name, begun in page)
        if more:
            text += (f"<NextKeyMarker>{coded(page[-1][0])}</NextKeyMarker>"
                     f"<NextUploadIdMarker>{page[-1][1]}</NextUploadIdMarker>")
        self.reply(200, f"<ListMultipartUploadsResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
                   f"<IsTruncated>{str(more).lower()}</IsTruncated>{text}</ListMultipartUploadsResult>".encode())

    def instant(self, at):
        return "soon" if at is None else f"{datetime.fromtimestamp(at + self.s3.skew, timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}"

    def multipart(self, bucket, objects, key):
        uploads = self.s3.uploads
        if "uploads" in self.query:
            name = f"upload+{uuid.uuid4()}/="
            uploads[name] = (bucket, key, self.meta(), {}, time.time())
            self.reply(200, f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId>"
                       f"</InitiateMultipartUploadResult>".encode())
            return
        name = self.query["uploadId"]
        if name not in uploads or uploads[name][:2] != (bucket, key):
            raise Refused(404, "NoSuchUpload")
        parts = uploads[name][3]
        if self.command == "PUT":
            parts[int(self.query["partNumber"])] = self.body
            self.reply(200, ETag=Object(self.body).etag)
        elif self.command == "DELETE":
            del uploads[name]
            self.reply(204)
        else:
            self.complete(objects, key, uploads.pop(name), parts)

    def complete(self, objects, key, upload, parts):
        numbers = sorted(parts)
        expected = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{Object(parts[n]).etag}</ETag></Part>" for n in numbers)
        small = any(len(parts[n]) < 5 << 20 for n in numbers[:-1])
        if f">{expected}</CompleteMultipartUpload>" not in self.body.decode() or not numbers or small:
            raise Refused(400, "InvalidPart")
        objects[key] = Object(b"".join(parts[n] for n in numbers), upload[2])
        self.reply(200, f"<CompleteMultipartUploadResult><ETag>{objects[key].etag}</ETag>"
                   f"</CompleteMultipartUploadResult>".encode())
