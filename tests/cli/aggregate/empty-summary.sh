# SPDX-License-Identifier: Apache-2.0
# No rows in the days asked for is said, not an error.
shukei aggregate "$DATA" --start 2020-01-01 --end 2020-01-02 --to a.csv --log-format text 2>&1 |
  grep warning
wc -l <a.csv
