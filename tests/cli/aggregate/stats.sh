# SPDX-License-Identifier: Apache-2.0
# The figures of a run.
shukei aggregate -q "$DATA" --to a.csv --stats s.json --start 2025-10-02 --threads 2
sed -n 's/^ *"\(command\|files\|rows_read\|rows_filtered\|rows_written\|threads\)": \(.*\)/\1 \2/p' s.json
ls
# On standard output as well, but not among the rows.
shukei aggregate -q "$DATA" --to b.csv --stats - | grep -c '"rows_written"'
status=0
shukei aggregate -q "$DATA" --to - --stats - || status=$?
echo "exit status $status"
