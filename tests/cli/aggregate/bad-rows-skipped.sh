# SPDX-License-Identifier: Apache-2.0
# --bad-rows skip and FILE.
sed '3s/2025-10-01 01:00:00/2025-10-01 25:00:00/' "$DATA/tiny_pods.csv" >pods.csv
shukei aggregate -q pods.csv --to a.csv --bad-rows skip --stats s.json
grep rows_bad s.json
shukei aggregate -q pods.csv --to b.csv --bad-rows kept.csv
cmp a.csv b.csv
test -s kept.csv
grep -c 'pods.csv' kept.csv
