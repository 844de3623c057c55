# SPDX-License-Identifier: Apache-2.0
# Flags of PostgreSQL without such a sink are told, and do no harm.
shukei aggregate "$DATA" --to summary.csv --schema org1 --create --staging 2>&1 | grep warning
test -s summary.csv
