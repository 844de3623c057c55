# SPDX-License-Identifier: Apache-2.0
# The same rows with every codec.
shukei generate small --to reports --hours 24 --quiet
for codec in zstd snappy gzip lz4_raw; do
  shukei convert -q reports --to $codec --codec $codec
  file=$(find $codec -name "pod_usage*")
  shukei cat "$file" | cksum
  shukei inspect --check "$file" >told
  grep -q -i ": $codec," told
  tail -n 1 told
done
