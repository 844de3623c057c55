# SPDX-License-Identifier: Apache-2.0
# What a file holds, as text and as JSON.
shukei aggregate -q "$DATA" --to a.parquet
shukei inspect a.parquet | grep -c namespace >/dev/null
shukei inspect --json a.parquet >a.json
if command -v python3 >/dev/null; then
  python3 -c 'import json; json.load(open("a.json"))'
fi
