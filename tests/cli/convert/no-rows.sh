# SPDX-License-Identifier: Apache-2.0
# Days that the reports have no rows of: no file, and a warning; of Parquet as of CSV.
shukei convert -q "$DATA" --to parquet
for source in "$DATA" parquet; do
  shukei convert "$source" --to empty --start 2031-01-01 2>&1 | grep warning
done
ls empty 2>/dev/null || echo "no folder"
