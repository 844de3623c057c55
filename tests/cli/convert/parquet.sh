# SPDX-License-Identifier: Apache-2.0
# Parquet files of a few rows each become the files that the CSV becomes; DEST must not lie among them.
shukei generate 20k --pods 30 --nodes 3 --namespaces 2 --hours 36 --to csv -q
shukei convert -q csv --to whole
for hour in 00 05 06 23; do
  mkdir -p "hours/$hour"
  for file in csv/*.csv; do
    head -n 1 "$file" >"hours/$hour/$(basename "$file")"
  done
done
for file in csv/*.csv; do
  name=$(basename "$file")
  column=$(head -n 1 "$file" | tr , '\n' | grep -nx interval_start | cut -d: -f1)
  tail -n +2 "$file" | awk -F, -v c="$column" -v name="$name" '{
    h = substr($c, 12, 2); to = h < "05" ? "23" : h < "06" ? "06" : h < "20" ? "00" : "05"
    print > ("hours/" substr($c, 1, 10) "." to "." name)
  }'
done
for file in hours/2025*.csv; do
  rest=$(basename "$file"); name=${rest#*.*.}; part=${rest%".$name"}
  mkdir -p "parts/$part"
  { cat "hours/00/$name"; cat "$file"; } >"parts/$part/$name"
done
for part in parts/*; do
  shukei convert -q "$part" --to "parquet/$(basename "$part")"
done
find parquet -name "*.parquet" | wc -l
shukei convert -q parquet --to again
for file in whole/*; do
  cmp "$file" "again/$(basename "$file")"
done
ls again | wc -l
shukei inspect again/pod_usage.2025-10-01.parquet | grep "sorted by" | sed 's/rows.*sorted/sorted/'
shukei convert parquet --to parquet/new || echo "exit $?"
shukei convert -q parquet --to lake --layout koku --org 1 --source mine
shukei aggregate -q csv --to a.csv --source mine
shukei aggregate -q lake --to b.csv
cmp a.csv b.csv
find lake -name "*.parquet" | sort | sed -n '1p;$p'
