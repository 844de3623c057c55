# SPDX-License-Identifier: Apache-2.0
# Two names of one file are refused.
echo before >a.csv
status=0
shukei aggregate "$DATA" --to a.csv --to ./a.csv || status=$?
cat a.csv
exit $status
