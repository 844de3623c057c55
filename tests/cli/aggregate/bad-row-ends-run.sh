# SPDX-License-Identifier: Apache-2.0
# A row that cannot be read ends the run, and the sink stays as it was.
sed '3s/2025-10-01 01:00:00/2025-10-01 25:00:00/' "$DATA/tiny_pods.csv" >pods.csv
echo before >a.csv
status=0
shukei aggregate pods.csv --to a.csv --stats s.json || status=$?
cat a.csv
ls -A
exit $status
