# SPDX-License-Identifier: Apache-2.0
# Rows of pods of the smaller presets of one day, as the dataset's description tells, and the daily
# groups that aggregate makes of them, which does not warn of that description.
for preset in 20k 50k 100k 250k; do
  shukei generate $preset --format parquet --to $preset -q
  sed -n 's/.*"rows": {"pod_usage": \([0-9]*\).*/'$preset' \1 rows/p' $preset/shukei-dataset.json
  shukei aggregate $preset --enabled-keys pod --to $preset.csv 2>log
  if grep warning log; then exit 1; fi
  grep '^Pod,' $preset.csv | grep -vc unallocated
done
