# SPDX-License-Identifier: Apache-2.0
# One Parquet file a report and day.
shukei convert -q "$DATA" --to lake --codec snappy
find lake -type f -name "*.parquet" | wc -l
for file in $(find lake -type f -name "*.parquet"); do
  shukei cat "$file" --columns interval_start,pod 2>/dev/null | tail -n +2
done | sort
