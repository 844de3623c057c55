# SPDX-License-Identifier: Apache-2.0
# Rows as CSV: all columns, some in another order, the first ones.
shukei aggregate -q "$DATA" --to a.parquet --to a.csv --enabled-keys app
shukei cat a.parquet | head -n 1 >header
head -n 1 a.csv | cmp - header
shukei cat a.parquet --columns namespace,usage_start,pod_labels,report_period_id --limit 2
shukei cat a.parquet --limit 0 --columns node
shukei cat a.parquet --columns=pod_limit_cpu_core_hours,node
