# SPDX-License-Identifier: Apache-2.0
# One namespace on one node has more groups than --memory has room for: they go through temporary
# files, and the rows stay the same to the byte, under both ways to join labels.
awk -v head="$DATA/tiny_pods.csv" -f "$DATA/../one_pair.awk" >pods.csv
for labels in koku hourly; do
  set -- pods.csv "$DATA/tiny_nodes.csv" "$DATA/tiny_namespaces.csv" --labels "$labels" --enabled-keys app,team,env
  shukei aggregate -q "$@" --to wide.csv --memory 4GiB --stats wide.json
  shukei aggregate -q "$@" --to narrow.csv --memory 24MiB --threads 3 --stats narrow.json
  cmp wide.csv narrow.csv
  grep -c ^ wide.csv
  grep -o '"spilled_bytes": 0,' wide.json
  grep -o '"spilled_bytes": 0,' narrow.json || echo spilled
done
