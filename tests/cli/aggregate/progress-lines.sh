# SPDX-License-Identifier: Apache-2.0
# --progress always without a terminal: lines.
shukei aggregate "$DATA" --to a.csv --progress always --log-format json 2>lines
grep -c '"level": "progress"' lines >/dev/null
grep '"level": "info"' lines | grep -c '7 rows of 4 files'
