# SPDX-License-Identifier: Apache-2.0
# Two sinks of one name would write over each other.
shukei aggregate "$DATA" --to a.csv --to b.csv --to a.csv || status=$?
ls
exit $status
