# SPDX-License-Identifier: Apache-2.0
# What cannot be compared is an error, no difference.
try() {
  status=0
  shukei validate "$@" --quiet || status=$?
  echo "$status"
}
shukei aggregate "$DATA/tiny_pods.csv" --to right.csv --quiet
try "$DATA/tiny_pods.csv"
try "$DATA/tiny_pods.csv" --against -
try "$DATA/tiny_pods.csv" --against none.csv
try "$DATA/tiny_pods.csv" --against none.db
try "$DATA/tiny_pods.csv" --against right.csv --tolerance 2
try "$DATA/tiny_pods.csv" --against right.csv --bad-rows kept.csv
try none --against right.csv
cut -d, -f1-20 right.csv >cut.csv
try "$DATA/tiny_pods.csv" --against cut.csv
head -c 600 right.csv >torn.csv
try "$DATA/tiny_pods.csv" --against torn.csv
echo no database >text.db
try "$DATA/tiny_pods.csv" --against text.db
head -c 100 right.csv >text.parquet
try "$DATA/tiny_pods.csv" --against text.parquet
sed '3s/2025-10-01 01:00:00/2025-10-01 25:00:00/' "$DATA/tiny_pods.csv" >pods.csv
try pods.csv --against right.csv
shukei aggregate pods.csv --to skipped.csv --bad-rows skip --quiet
try pods.csv --against skipped.csv --bad-rows skip
