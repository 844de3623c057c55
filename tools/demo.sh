#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make demo: builds, makes up the reports of a small cluster for a month, summarises them into a SQLite
# file, shows what is in it. BUILD names the build folder.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
program=$build/src/cli/shukei
data=$build/demo
base=$build/demo.db

[ -f "$build/build.ninja" ] || meson setup "$build"
ninja -C "$build" src/cli/shukei # the program alone: tests take most of the time

# show COMMAND...: says what is run, and runs it.
show() {
  echo
  echo "+ $*"
  "$@"
}

show "$program" generate small --to "$data"
show "$program" aggregate "$data" --enabled-keys app,tier,env --to "$base"
echo
echo "CPU-hours of the month by namespace and app, from $base:"
sqlite3 -box "$base" "
  SELECT namespace, json_extract(pod_labels, '\$.app') AS app,
         printf('%.1f', sum(pod_usage_cpu_core_hours)) AS used,
         printf('%.1f', sum(pod_request_cpu_core_hours)) AS requested
  FROM reporting_ocpusagelineitem_daily_summary
  WHERE data_source = 'Pod' AND namespace NOT LIKE '% unallocated'
  GROUP BY namespace, app
  ORDER BY sum(pod_usage_cpu_core_hours) DESC
  LIMIT 5"
cat <<END

Next, on your own data (CSV or Parquet reports, in a folder):
  $program aggregate YOUR/REPORTS --enabled-keys app,env --to summary.db
  $program aggregate YOUR/REPORTS --to summary.csv --to summary.parquet
  $program aggregate --help
Larger clusters: $program generate 1m --to FOLDER
Settings to begin with: examples/cluster.yaml
END
