# SPDX-License-Identifier: Apache-2.0
"""tests/s3/faults.py with a real MinIO behind the proxy, each fault at fifty random moments, or at as many as
SHUKEI_FAULT_MOMENTS says."""
import os

import peers
from harness import ROOT, Folder, main, skip
from s3_servers import MinIO

import faults

MOMENTS = int(os.environ.get("SHUKEI_FAULT_MOMENTS", 50))

if __name__ == "__main__":
    if not (ROOT / ".cache/bin/minio").exists():
        skip("tools/minio.sh has built no MinIO")
    with Folder() as folder, MinIO(ROOT / ".cache/bin/minio") as server:
        server.make("out")
        main(faults.cases(server, folder, MOMENTS, 2))
