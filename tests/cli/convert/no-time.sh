# SPDX-License-Identifier: Apache-2.0
# A time that is none, but for interval_start, becomes null, and is told as what it is.
mkdir in
pods=$(ls "$DATA"/*pod* | head -n 1)
head -n 3 "$pods" | awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "interval_end") c = i } NR == 2 { $c = "later" } { print }' >in/pods.csv
shukei convert in --to out 2>&1 | grep warning
shukei cat out/*.parquet --columns interval_end
