# SPDX-License-Identifier: Apache-2.0
# A value, a namespace and a lost row: told by place, with exit status 4; the right summary is equal.
shukei aggregate "$DATA/tiny_pods.csv" --to right.csv --quiet
shukei validate "$DATA/tiny_pods.csv" --against right.csv --quiet
awk -F, -v OFS=, 'NR == 2 { $4 = "elsewhere" } NR != 3' right.csv >wrong.csv
status=0
shukei validate "$DATA/tiny_pods.csv" --against wrong.csv --quiet --differences 100 || status=$?
shukei validate "$DATA/tiny_pods.csv" --against wrong.csv --quiet --json --differences 1 || true
exit $status
