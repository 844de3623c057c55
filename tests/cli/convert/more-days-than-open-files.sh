# SPDX-License-Identifier: Apache-2.0
# A file a day is open at once: a low limit of the shell is raised.
{
  echo interval_start,node,node_labels
  for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
    for day in 01 02 03 04 05 06 07 08 09 10; do
      echo "2025-$month-$day,n1,"
    done
  done
} >nodes.csv
ulimit -S -n 32
shukei convert -q nodes.csv --to out --memory 32MiB
ls out | wc -l
