# SPDX-License-Identifier: Apache-2.0
# A run that a signal ended tells so by its status. Under nohup no program is to mind SIGHUP.
sh -c 'kill -s HUP $$; exit 77' 2>/dev/null && status=0 || status=$?
[ $status -ne 77 ] || exit 77
awk -v head="$DATA/tiny_pods.csv" -f "$DATA/../many_rows.awk" >pods.csv
shukei aggregate -q pods.csv --to many.parquet
mkfifo pipe
for signal in TERM HUP; do
  shukei cat many.parquet >pipe &
  exec 3<pipe
  kill -s $signal $!
  exec 3<&- # a program that goes on writing ends by that
  status=0
  { wait $!; } 2>/dev/null || status=$?
  echo $status
done
