# SPDX-License-Identifier: Apache-2.0
# A list in a variable replaces the file's, as a whole.
cat >shukei.yaml <<'END'
cost_categories: [{id: 7, pattern: '%'}]
nodes: [{node: node-a, resource_id: i-1, role: master}]
END
show() {
  shukei aggregate -q "$DATA/tiny_pods.csv" --to - --end 2025-10-01 | awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "cost_category_id") from_end = NF - i; next }
    { print $4, $(NF - from_end) }' # labels before it hold commas
}
show
SHUKEI_COST_CATEGORIES='[{id: 5, pattern: "sh%"}]' show
SHUKEI_NODES='[{node: node-a, resource_id: i-1, role: worker}]' show
