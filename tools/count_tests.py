#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints "PASSED FAILED SKIPPED" of a meson test log. usage: count_tests.py TESTLOG.json"""
import json
import sys

counts = {"good": 0, "bad": 0, "SKIP": 0}
try:
    with open(sys.argv[1]) as log:
        for line in log:
            result = json.loads(line)["result"]
            counts["good" if result in ("OK", "EXPECTEDFAIL") else "SKIP" if result == "SKIP" else "bad"] += 1
except (OSError, ValueError, KeyError) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
print(counts["good"], counts["bad"], counts["SKIP"])
