# SPDX-License-Identifier: Apache-2.0
# Some rows: of namespaces and nodes, by any column's value; what is wrong with such a wish.
shukei aggregate -q "$DATA" --to a.parquet --to a.csv --enabled-keys app
shukei cat a.parquet --columns namespace,node,pod_limit_cpu_core_hours
echo "-- a namespace"
shukei cat a.parquet --columns node --namespace shop --limit 2
echo "-- of two namespaces and a node"
shukei cat a.parquet --columns namespace,node --namespace "Worker unallocated" --namespace none --node node-a
echo "-- numbers, days, no such value"
shukei cat a.parquet --columns namespace --where pod_limit_cpu_core_hours=2 --where usage_start=2025-10-02
shukei cat a.parquet --columns namespace --where node=nowhere --stats s.json
grep row_groups s.json
echo "-- mistakes"
for wish in nothing =1 none=1 usage_start=1.10. pod_limit_cpu_core_hours=NaN; do
  shukei cat a.parquet --where "$wish" 2>&1 >/dev/null || echo "exit $?"
done
shukei cat a.parquet --stats - 2>&1 || echo "exit $?"
shukei cat a.parquet --namespace "" 2>&1 || echo "exit $?"
