# SPDX-License-Identifier: Apache-2.0
# Each --to gets the summary.
shukei aggregate -q "$DATA" --to a.csv --to b.parquet --to c.db --to sqlite:d.sqlite --to - >e.csv
cmp a.csv e.csv
shukei cat b.parquet --columns namespace | tail -n +2 | sort >names
tail -n +2 a.csv | cut -d, -f4 | sort | cmp - names
for file in c.db d.sqlite; do
  head -c 15 $file
  echo
done
ls
