# SPDX-License-Identifier: Apache-2.0
# A folder without reports.
mkdir empty
shukei aggregate empty --to a.csv
