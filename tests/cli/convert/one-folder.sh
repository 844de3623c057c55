# SPDX-License-Identifier: Apache-2.0
# A folder that holds Parquet and what is made of it has all rows twice for who reads it: that is told, of either way.
warned() {
  shukei convert "$@" 2>&1 | grep "warning:" || echo "$* is well"
}
shukei generate 20k --pods 3 --nodes 1 --namespaces 1 --hours 1 --to csv -q
warned csv --to hours
warned hours/pod_usage.2025-10-01.parquet --to hours/new
warned hours --to .
warned pod_usage.2025-10-01.parquet --to new --dry-run
mkdir lake
mv hours lake/hours
warned lake/hours/pod_usage.2025-10-01.parquet --to days
warned lake/hours/pod_usage.2025-10-01.parquet --to lake/days
warned lake/hours --to lake
warned csv --to csv/days # one report as CSV and as Parquet is an error of aggregate
