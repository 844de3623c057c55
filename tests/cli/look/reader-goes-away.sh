# SPDX-License-Identifier: Apache-2.0
# A reader that goes away ends the program by SIGPIPE, without a word.
awk -v head="$DATA/tiny_pods.csv" -f "$DATA/../many_rows.awk" >pods.csv
shukei aggregate -q pods.csv --to many.parquet
mkfifo pipe
{
  status=0
  shukei cat many.parquet >pipe || status=$?
  echo $status >status
} &
head -n 1 pipe | cut -d, -f1-4
wait
cat status
(
  trap '' PIPE
  status=0
  shukei cat many.parquet >pipe || status=$?
  echo $status >status
) &
head -n 1 pipe | cut -d, -f1-4
wait
cat status
