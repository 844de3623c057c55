#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""S3 by https: a certificate that holds, and those that do not: of an authority that nobody trusts, for
another host, expired. The openssl program makes them."""
import shutil
import subprocess

import s3_case
from s3_case import Fake, KEYS, fill, harness, must, refused

READ = ("aggregate", "s3://lake/in", *KEYS, "--to", "-")


class Authority:
    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.pem")
        self.file = str(folder / f"{name}.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def certificate(self, name, host, ends):
        """(certificate, key) for a host, good until `ends` ("YYYYMMDD")."""
        (self.folder / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={name}.txt\nserial={name}.srl\nnew_certs_dir=.\ndefault_md=sha256\n"
            f"policy=any\nx509_extensions=more\n[any]\ncommonName=supplied\n[more]\nsubjectAltName=DNS:{host}\n")
        (self.folder / f"{name}.txt").write_text("")
        (self.folder / f"{name}.srl").write_text("01\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", f"{name}.key",
                     "-out", f"{name}.csr")
        self.openssl("ca", "-batch", "-config", f"{name}.cnf", "-cert", f"{self.name}.pem", "-keyfile",
                     f"{self.name}.key", "-startdate", "20200101000000Z", "-enddate", f"{ends}000000Z", "-in",
                     f"{name}.csr", "-out", f"{name}.pem")
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")


def checks(folder):
    ours, others = Authority(folder, "ours"), Authority(folder, "others")
    far = "20991231"

    def served(certificate):
        s3 = Fake(tls=certificate)
        fill(s3, "s3://lake/in")
        return s3

    def holds():
        with served(ours.certificate("good", "localhost", far)) as s3:
            assert must(s3.environment(AWS_CA_BUNDLE=ours.file), *READ).stdout == s3_case.local_summary()
            config = folder / "config"
            config.write_text(f"[default]\nca_bundle = {ours.file}\n")
            env = s3.environment(AWS_CONFIG_FILE=str(config))
            assert must(env, *READ).stdout == s3_case.local_summary()

    def fails(name, host, ends, trusted):
        with served(ours.certificate(name, host, ends)) as s3:
            env = s3.environment(**({"AWS_CA_BUNDLE": trusted} if trusted else {}))
            said = refused(env, "certificate", *READ)
            assert "attempts" not in said, f"tried again what cannot go better: {said}"
            assert not s3.log, "something was sent to a server that may be anybody"

    def no_such_file():
        with served(ours.certificate("file", "localhost", far)) as s3:
            refused(s3.environment(AWS_CA_BUNDLE=str(folder / "none.pem")), "could not list", *READ)
            assert not s3.log

    return [("a certificate that holds", holds),
            ("nobody trusted", lambda: fails("unknown", "localhost", far, None)),
            ("another authority", lambda: fails("other", "localhost", far, others.file)),
            ("another host", lambda: fails("host", "example.org", far, ours.file)),
            ("expired", lambda: fails("expired", "localhost", "20210101", ours.file)),
            ("no file of certificates", no_such_file)]


if __name__ == "__main__":
    if not shutil.which("openssl"):
        harness.skip("the openssl program is not here")
    with harness.Folder() as folder:
        harness.main(checks(folder))
