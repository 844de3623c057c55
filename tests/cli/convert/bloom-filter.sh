# SPDX-License-Identifier: Apache-2.0
# Bloom filters on request, for columns of texts; other names are mistakes, and nothing is written.
shukei convert -q "$DATA" --to lake --bloom-filter namespace,pod --bloom-filter node
for file in lake/*.parquet; do
  shukei inspect "$file" >text
  echo "$(basename "$file" | cut -d. -f1): $(grep -c 'bloom filter' text || :)"
  shukei inspect "$file" --check | tail -n 1
done | sort | uniq -c
shukei convert -q "$DATA" --to plain
for file in plain/*.parquet; do
  shukei inspect "$file" | grep 'bloom filter' || :
done
for name in nothing node_capacity_cpu_cores interval_start; do
  shukei convert "$DATA" --to other --bloom-filter "namespace,$name" 2>&1 || echo "exit $?"
done
ls
