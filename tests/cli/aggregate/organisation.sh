# SPDX-License-Identifier: Apache-2.0
# One of two organisations; the other one's files count as skipped.
for org in o1 o2; do
  mkdir -p tree/data/parquet/$org/OCP/pod_usage/source=s/year=2025/month=10/day=01
  cp "$DATA/tiny_pods.csv" tree/data/parquet/$org/OCP/pod_usage/source=s/year=2025/month=10/day=01/
done
for options in '' '--org o1' '--org o2'; do
  # shellcheck disable=SC2086 # two words
  shukei aggregate -q tree --to a.csv --stats s.json $options
  sed -n 's/^ *"\(files\|files_skipped\|rows_read\)": \(.*\),/\1 \2/p' s.json
done
shukei aggregate tree --to a.csv --org o3
