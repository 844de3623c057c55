# SPDX-License-Identifier: Apache-2.0
# A run that a signal ended tells so by its status.
awk -v head="$DATA/tiny_pods.csv" -f "$DATA/../many_rows.awk" >pods.csv
shukei aggregate -q pods.csv --to many.parquet
mkfifo pipe
for signal in TERM HUP; do
  shukei cat many.parquet >pipe &
  exec 3<pipe
  kill -s $signal $!
  status=0
  { wait $!; } 2>/dev/null || status=$?
  exec 3<&-
  echo $status
done
