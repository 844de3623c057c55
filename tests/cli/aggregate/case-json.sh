# SPDX-License-Identifier: Apache-2.0
# A case.json of the golden cases is a configuration.
cat >case.json <<'END'
{"start": "2025-10-01", "end": "2025-10-01", "enabled_keys": ["app"],
	"cost_categories": [{"id": 7, "pattern": "sh%"}, {"id": 3, "pattern": "%o\ud83d\ude00"}],
 "nodes": [{"node": "node-a", "resource_id": "i-1", "role": "master"}]}
END
shukei aggregate -q "$DATA" --to - --config case.json | cut -d, -f1-6
