# SPDX-License-Identifier: Apache-2.0
# The file of figures is tried before the run.
shukei aggregate -q "$DATA" --to a.csv --stats no/such/folder/s.json || status=$?
ls -A
exit "$status"
