#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where keys and settings come from: every way, their order, their renewal, and that nobody sees them."""
import s3_case
from s3_case import Fake, KEYS, fill, harness, must, refused

READ = ("aggregate", "s3://lake/in", *KEYS, "--to", "-")


def without(env, *names):
    return {k: v for k, v in env.items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", *names)}


def served(s3, env, **options):
    """The run succeeds with these variables."""
    assert must(env, *READ, fake=s3, **options).stdout == s3_case.local_summary()


def lake():
    s3 = Fake()
    fill(s3, "s3://lake/in")
    return s3


def environment():
    with lake() as s3:
        served(s3, s3.environment())
        s3.keys["ASIATEMP"] = ("temp-secret", "temp-token")
        served(s3, s3.environment(AWS_ACCESS_KEY_ID="ASIATEMP", AWS_SECRET_ACCESS_KEY="temp-secret",
                                  AWS_SESSION_TOKEN="temp-token"))
        refused(s3.environment(AWS_SECRET_ACCESS_KEY="not-the-secret"), "SignatureDoesNotMatch", *READ, fake=s3)
        refused(s3.environment(AWS_ACCESS_KEY_ID="AKIDOTHER"), "InvalidAccessKeyId", *READ, fake=s3)
        refused(without(s3.environment()), "no keys for S3 are set up", *READ, fake=s3)


CREDENTIALS = """
# a comment
[default]
aws_access_key_id = AKIDOTHER
aws_secret_access_key = nothing

[work]
aws_access_key_id=AKIDFAKE
aws_secret_access_key = fake/secret+key
"""
CONFIG = """[default]
region = eu-central-1
[profile  work ]
endpoint_url = {url}
s3 =
    addressing_style = virtual
[profile served]
services = mine
aws_access_key_id = AKIDFAKE
aws_secret_access_key = fake/secret+key
[services mine]
dynamodb =
  endpoint_url = http://127.0.0.1:1
s3 =
  endpoint_url = {url}
[profile sso]
sso_start_url = https://somewhere
[profile assumed]
role_arn = arn:aws:iam::1:role/a
source_profile = work
"""


def profiles():
    with lake() as s3, harness.Folder() as folder:
        (folder / ".aws").mkdir()
        (folder / ".aws/credentials").write_text(CREDENTIALS)
        (folder / ".aws/config").write_text(CONFIG.replace("{url}", s3.url))
        env = without(s3.environment(HOME=str(folder)), "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
                      "AWS_ENDPOINT_URL")
        served(s3, {**env, "AWS_PROFILE": "work"})
        hosts = {h["host"] for m, p, h in s3.log}
        assert hosts == {f"lake.localhost:{s3.port}"}, hosts
        s3.log.clear()
        served(s3, {**env, "AWS_PROFILE": "served"})
        assert {h["host"] for m, p, h in s3.log} == {f"localhost:{s3.port}"}
        refused({**env, "AWS_PROFILE": "absent"}, 'one of the name "absent"', *READ)
        refused({**env, "AWS_PROFILE": "sso"}, "sso_start_url, which is not supported", *READ)
        refused({**env, "AWS_PROFILE": "assumed"}, "source_profile, which is not supported", *READ)
        refused({**env, "AWS_ENDPOINT_URL": s3.url}, "InvalidAccessKeyId", *READ)  # the default profile's
        refused({**env, "AWS_CONFIG_FILE": str(folder / "none")}, "could not open", *READ)


def styles_and_regions():
    with lake() as s3:
        served(s3, s3.environment(SHUKEI_S3_ADDRESSING_STYLE="virtual"))
        assert {h["host"] for m, p, h in s3.log} == {f"lake.localhost:{s3.port}"}
        s3.log.clear()
        served(s3, s3.environment(AWS_REGION="eu-west-9"))
        assert all("/eu-west-9/s3/" in h["authorization"] for m, p, h in s3.log)
        env = s3.environment(AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_ENDPOINT_URL_S3=s3.url)
        served(s3, env)
        for name, value, said in (("SHUKEI_S3_ADDRESSING_STYLE", "no", "expected path, virtual or auto"),
                                  ("AWS_REGION", "eu west", "is no region"),
                                  ("AWS_ENDPOINT_URL", "ftp://me:password@host", "no URL of a server"),
                                  ("AWS_MAX_ATTEMPTS", "0", "expected a number from 1 to 100"),
                                  ("SHUKEI_S3_STALL_SECONDS", "x", "expected a number from 1 to 3600")):
            assert "password" not in refused(s3.environment(**{name: value}), said, *READ)


def process():
    with lake() as s3, harness.Folder() as folder:
        config = folder / "config"
        asked = folder / "asked"
        script = folder / "keys.sh"
        script.write_text(f"echo x >> {asked}\n" 'printf \'{"Version": 1, "AccessKeyId": "AKIDFAKE", '
                          '"SecretAccessKey": "fake/secret+key"}\'\n')
        config.write_text(f"[default]\ncredential_process = sh '{script}'\n")
        env = without(s3.environment(AWS_CONFIG_FILE=str(config)))
        served(s3, env)
        assert asked.read_text() == "x\n", "asked once"
        script.write_text("echo '{\"AccessKeyId\": 1}'\n")
        refused(env, "credential_process printed no keys as JSON", *READ)
        script.write_text("exit 3\n")
        refused(env, "credential_process failed", *READ)


def container():
    with lake() as s3, harness.Folder() as folder:
        (folder / "token").write_text("container-secret\n")
        url = f"http://localhost:{s3.port}/container"
        env = without(s3.environment(AWS_CONTAINER_CREDENTIALS_FULL_URI=url))
        served(s3, {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-secret"})
        served(s3, {**env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(folder / "token")})
        refused(env, "could not get keys from the container's agent: status 403", *READ)
        for far in ("http://example.org/keys", "http://127.0.0.1.example.org/"):
            refused({**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": far}, "neither https nor on this machine", *READ)


def instance():
    with lake() as s3:
        env = without(s3.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=s3.url), "AWS_EC2_METADATA_DISABLED")
        served(s3, env)
        assert s3.given == 1


def web_identity():
    with lake() as s3, harness.Folder() as folder:
        (folder / "token").write_text("web/identity+token\n")
        env = without(s3.environment(AWS_WEB_IDENTITY_TOKEN_FILE=str(folder / "token"),
                                     AWS_ROLE_ARN="arn:aws:iam::1:role/a b"))
        served(s3, env)
        assert s3.given == 1
        (folder / "token").write_text("another")
        refused(env, "could not get keys from STS: status 403", *READ)
        refused({**env, "AWS_WEB_IDENTITY_TOKEN_FILE": str(folder / "none")}, "could not open", *READ)


def renews():
    """Keys that end in a moment are asked for again; those that the server calls expired as well."""
    with lake() as s3:
        env = without(s3.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=s3.url), "AWS_EC2_METADATA_DISABLED")
        s3.life = 0
        served(s3, env)
        assert s3.given > 3, "asked again for each request"
    with lake() as s3:
        env = without(s3.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=s3.url), "AWS_EC2_METADATA_DISABLED")
        s3.expired = {"ASIAGIVEN1"}
        served(s3, env)
        assert s3.given == 2 and s3.errors == ["ExpiredToken"], (s3.given, s3.errors)
    with lake() as s3:
        s3.expired = {"AKIDFAKE"}
        refused(s3.environment(), "ExpiredToken", *READ)


def follows_the_servers_clock():
    for skew in (3600, -86400 * 3):
        with lake() as s3:
            s3.skew = skew
            served(s3, s3.environment())
            assert s3.errors == ["RequestTimeTooSkewed"], s3.errors


def comes_through_a_proxy():
    """The environment's proxy is asked, by a name that only it can know; the fake is as good as one."""
    with lake() as s3:
        env = {k: v for k, v in s3.environment().items() if k != "no_proxy"}
        env |= {"AWS_ENDPOINT_URL": "http://s3.invalid", "http_proxy": s3.url, "AWS_MAX_ATTEMPTS": "1"}
        served(s3, env)
        assert all(p.startswith("http://s3.invalid/lake") for m, p, h in s3.log), s3.log


if __name__ == "__main__":
    harness.main([(case.__name__, case) for case in (
        environment, profiles, styles_and_regions, process, container, instance, web_identity, renews,
        follows_the_servers_clock, comes_through_a_proxy)])
