# SPDX-License-Identifier: Apache-2.0
# One file of a report has effective usage and another lacks it: the summary stays the same.
mkdir in
cp "$DATA/tiny_pods.csv" in/a.csv
sed -e '1s/.*/&,pod_effective_usage_cpu_core_seconds,pod_effective_usage_memory_byte_seconds/' \
  -e '2,$s/$/,7,4096/' "$DATA/tiny_pods.csv" >in/b.csv
shukei convert -q in --to out
shukei aggregate -q in --to a.csv
shukei aggregate -q out --to b.csv
cmp a.csv b.csv
ls out
