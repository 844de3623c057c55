# SPDX-License-Identifier: Apache-2.0
# Every line is an object; phases and sinks are told with rows and seconds, which people see with -v alone.
shukei aggregate "$DATA" --to a.csv --to d/ --log-format json 2>lines
python3 - <<'EOF'
import json
for line in open("lines"):
    event = json.loads(line)
    assert list(event)[:2] == ["time", "level"] and event["level"] == "info", line
    print(event.get("phase", "-"), event.get("object", "-"), event.get("rows", "-"), type(event.get("seconds")).__name__)
EOF
shukei convert "$DATA" --to p/ --log-format json 2>&1 | sed 's/.*"phase": "\([a-z]*\)".*/\1/' | head -2
shukei aggregate "$DATA" --to a.csv --log-format json -q
shukei aggregate "$DATA" --to a.csv -v 2>&1 | grep -c "debug: .*csv: \|info: phase ended: \|info: written: write, a.csv, "
