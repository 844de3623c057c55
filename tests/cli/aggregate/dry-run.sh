# SPDX-License-Identifier: Apache-2.0
# --dry-run writes nothing but the figures.
shukei aggregate -q "$DATA" --to a.csv --to - --stats s.json --dry-run
ls
