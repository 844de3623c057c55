#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes texts as constants of a C header. usage: embed.py NAME=FILE... > HEADER

The line with the licence is left out, as what is made of the texts is no source."""
import json
import pathlib
import sys

print("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/embed.py. */")
for word in sys.argv[1:]:
    name, path = word.split("=", 1)
    lines = pathlib.Path(path).read_text(encoding="ascii").splitlines(keepends=True)
    print(f"static const char {name}[] =")
    print("\n".join(f"  {json.dumps(line)}" for line in lines if "SPDX-License-Identifier" not in line) + ";")
