#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make demo: builds, summarises the sample cluster of examples/ into a SQLite file, shows what is in
# it. BUILD names the build folder.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
base=$build/demo.db

[ -f "$build/build.ninja" ] || meson setup "$build"
meson compile -C "$build"

echo
echo "+ $build/src/cli/shukei aggregate examples/cluster --config examples/cluster.yaml --to $base"
"$build/src/cli/shukei" aggregate examples/cluster --config examples/cluster.yaml --to "$base"
echo
echo "CPU-hours by namespace, from $base:"
sqlite3 -box "$base" "
  SELECT namespace,
         printf('%.1f', sum(pod_usage_cpu_core_hours)) AS used,
         printf('%.1f', sum(pod_request_cpu_core_hours)) AS requested
  FROM reporting_ocpusagelineitem_daily_summary
  WHERE data_source = 'Pod' AND namespace NOT LIKE '% unallocated'
  GROUP BY namespace
  ORDER BY sum(pod_usage_cpu_core_hours) DESC
  LIMIT 5"
cat <<END

Next, on your own data (CSV or Parquet reports, in a folder):
  $build/src/cli/shukei aggregate YOUR/REPORTS --enabled-keys app,env --to summary.db
  $build/src/cli/shukei aggregate YOUR/REPORTS --to summary.csv --to summary.parquet
  $build/src/cli/shukei aggregate --help
The sample's settings, to begin with your own: examples/cluster.yaml
END
