# SPDX-License-Identifier: Apache-2.0
# A link to the statistics stays one; the file that it names is replaced.
echo '{"command": "of old"}' >real.json
ln -s real.json link.json
shukei aggregate -q "$DATA" --to a.csv --stats link.json
test -L link.json
grep -c rows_read real.json
ls -A
