# SPDX-License-Identifier: Apache-2.0
# The summary of a folder of CSV reports, on standard output.
cat >conf.yaml <<END
enabled_keys: [app, env, team]
cost_categories:
  - {id: 1, pattern: sh%}
nodes:
  - {node: node-a, resource_id: i-1, role: infra}
END
shukei aggregate --quiet "$DATA" --to - --config conf.yaml --source 11111111-2222-3333-4444-555555555555 \
  --cluster-id c1 --cluster-alias one --report-period-id 7
