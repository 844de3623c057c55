#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What make install puts in place is enough to build against: pkg-config, headers, library, program.
# usage: installed.sh BUILD_FOLDER PREFIX COMPILER...
set -eu
build=$1
prefix=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
meson install -C "$build" --no-rebuild --quiet --destdir "$place"
config=$(find "$place" -name shukei.pc)
[ -n "$config" ] || { echo "no shukei.pc installed"; exit 1; }
export PKG_CONFIG_PATH=$(dirname "$config")
flags=$(pkg-config --define-variable=prefix="$place$prefix" --cflags --libs shukei)
"$@" "$root/examples/summary.c" -o "$place/summary" $flags
library=$(dirname "$(find "$place" -name libshukei.so | head -1)")
LD_LIBRARY_PATH=$library "$place/summary" "$root/examples/cluster" "$place/out.csv" app,tier
for name in write_file read_columns skip_groups; do
  "$@" "$root/examples/$name.c" -o "$place/$name" $flags
done
LD_LIBRARY_PATH=$library "$place/write_file" "$place/measured.parquet" 100 60
LD_LIBRARY_PATH=$library "$place/skip_groups" "$place/measured.parquet" count 3600 9801 | grep -q '^40 rows, 1 of 2'
if command -v g++ >/dev/null 2>&1; then
  g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror "$root/examples/totals.cpp" -o "$place/totals" $flags
  LD_LIBRARY_PATH=$library "$place/totals" "$place/measured.parquet" | grep -q '^count	328350$'
fi
program=$(find "$place" -type f -name shukei)
LD_LIBRARY_PATH=$library "$program" --version
LD_LIBRARY_PATH=$library "$program" aggregate "$root/examples/cluster" --enabled-keys app,tier --to - | cmp - "$place/out.csv"
