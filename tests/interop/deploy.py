#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lies in deploy/, as far as that is possible without a cluster and a container engine: the manifests against the
schemas of Kubernetes, the units by systemd's own checker, the commands by running them, the image's list of libraries
against those that the program loads.

usage: deploy.py
"""
import os
import pathlib
import re
import shutil
import subprocess

import peers
from harness import PROGRAM, ROOT, Folder, run

import kubernetes_validate
import yaml

DEPLOY = ROOT / "deploy"
VERSIONS = ("1.31", "1.34")
SIZES = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "M": 2**20, "G": 2**30}


def size(text):
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", text).groups()
    return int(number) * SIZES[unit]


def manifests():
    return list(yaml.safe_load_all((DEPLOY / "kubernetes/cronjob.yaml").read_text()))


def pod():
    return next(one for one in manifests() if one["kind"] == "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def kubernetes():
    for version in VERSIONS:
        for one in manifests():
            kubernetes_validate.validate(one, version, strict=True)
    broken = manifests()[2]
    broken["spec"]["shedule"] = broken["spec"].pop("schedule")
    try:
        kubernetes_validate.validate(broken, VERSIONS[0], strict=True)
    except kubernetes_validate.ValidationError:
        return
    raise AssertionError("the validator takes anything")


def references():
    """Names within the manifests lead somewhere, and mounts have volumes."""
    named = {(one["kind"], one["metadata"]["name"]): one for one in manifests()}
    container = pod()["containers"][0]
    for variable in container["env"]:
        ref = variable["valueFrom"]["configMapKeyRef"]
        assert ref["key"] in named["ConfigMap", ref["name"]]["data"], ref
    for source in container["envFrom"]:
        assert ("Secret", source["secretRef"]["name"]) in named
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod()["volumes"]}
    job = named["CronJob", "shukei"]["spec"]["jobTemplate"]["spec"]
    assert job["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] == container["name"]


def limits():
    """The limit has room for --memory and what the program takes beside it; no rights, nothing to write but volumes."""
    memory = size(manifests()[0]["data"]["SHUKEI_MEMORY"])
    container = pod()["containers"][0]
    assert memory + (256 << 20) <= size(container["resources"]["limits"]["memory"])
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod()["securityContext"]["runAsNonRoot"]
    unit = (DEPLOY / "systemd/shukei.service").read_text()
    of_unit = size(re.search(r"^Environment=SHUKEI_MEMORY=(\S+)$", unit, re.M)[1])
    assert of_unit + (256 << 20) <= size(re.search(r"^MemoryMax=(\S+)$", unit, re.M)[1])


def runs(words, folder, config):
    """The command, with the places exchanged for ones that are here: twice, the second time there is nothing to do."""
    (folder / "shukei.yaml").write_text(config)
    for made in ("2 of 2 days", "0 of 2 days"):
        got = run(*[word.replace("/etc/shukei", str(folder)) for word in words], cwd=folder)
        assert got.returncode == 0 and made in got.stderr.decode(), got.stderr.decode()


def commands():
    config = manifests()[0]["data"]
    with Folder() as folder:
        reports = shutil.copytree(ROOT / "examples/cluster", folder / "reports")
        for path in reports.iterdir():
            os.utime(path, ns=(10**18, 10**18 + 1))
        words = [word.replace("$(REPORTS)", str(reports)).replace("$(SUMMARY)", f"{folder}/daily/")
                 for word in pod()["containers"][0]["args"]]
        runs(words, folder, config["shukei.yaml"])
        unit = (DEPLOY / "systemd/shukei.service").read_text()
        line = re.search(r"^ExecStart=(.*)$", unit, re.M)[1]
        program, *words = line.replace("${REPORTS}", str(reports)).replace("${SUMMARY}", f"{folder}/s.db").split()
        assert program == "/usr/local/bin/shukei"
        runs(words, folder, config["shukei.yaml"])


def systemd():
    if not shutil.which("systemd-analyze"):
        print("  no systemd-analyze here: the units are not checked")
        return
    with Folder() as folder:
        for name in ("shukei.service", "shukei.timer"):
            text = (DEPLOY / "systemd" / name).read_text()
            (folder / name).write_text(text.replace("/usr/local/bin/shukei", PROGRAM))
        got = subprocess.run(["systemd-analyze", "verify", "--man=no", folder / "shukei.timer", folder / "shukei.service"],
                             capture_output=True, text=True)
        told = [line for line in got.stderr.splitlines() if "shukei" in line]
        assert got.returncode == 0 and not told, got.stderr


def loaded_later():
    """The names of the libraries that the program loads once something needs them (src/base/library.h)."""
    names = set()
    for source in (DEPLOY.parent / "src").rglob("*.c"):
        for first in re.findall(r'\.names = \{"(lib[^"]+\.so\.\d+)"', source.read_text()):
            names.add(first)
    assert names, "no library is loaded later"
    return sorted(names)


def library(name, installed):
    found = re.search(rf"^\s*{re.escape(name)} .*=> (/\S+)$", installed, re.M)
    assert found, f"{name} is not installed"
    return found[1]


def libraries():
    """The image has the Debian packages of all libraries that the program loads, and no other."""
    listed = set(re.findall(r"^ {4}([a-z0-9.-]+) \\$", (DEPLOY / "Containerfile").read_text(), re.M))
    assert listed, "no packages in the Containerfile"
    if not shutil.which("dpkg-query"):
        print("  no dpkg-query here: the image's packages are not compared")
        return
    linked = subprocess.run(["ldd", PROGRAM], check=True, capture_output=True, text=True).stdout
    installed = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    needed = set()
    for path in re.findall(r"=> (/\S+)", linked) + [library(name, installed) for name in loaded_later()]:
        real = str(pathlib.Path(path).resolve())
        for place in (real, real.removeprefix("/usr")):  # Debian 12 has merged them, its packages' lists have not
            got = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True).stdout
            needed |= {line.split(":")[0] for line in got.splitlines()}
    needed -= {"libc6", "libgcc-s1", "libstdc++6"}  # of the base image, or of libsnappy1v5
    assert needed <= listed, f"the image lacks {sorted(needed - listed)}"
    assert listed - needed <= {"ca-certificates"}, f"nothing needs {sorted(listed - needed - {'ca-certificates'})}"


peers.harness.main([(check.__name__, check) for check in (kubernetes, references, limits, commands, systemd, libraries)])
