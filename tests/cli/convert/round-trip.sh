# SPDX-License-Identifier: Apache-2.0
# The summary of what was converted is the summary of the CSV.
shukei convert -q "$DATA" --to lake --layout koku --org 1234567 --source my-source
shukei aggregate -q "$DATA" --to a.csv --enabled-keys app --source my-source
shukei aggregate -q lake --to b.csv --enabled-keys app
cmp a.csv b.csv
find lake/data/parquet/1234567/OCP/pod_usage/source=my-source/year=2025/month=10 -name "*.parquet" | wc -l
