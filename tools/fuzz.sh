#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the targets of tests/fuzz with clang's fuzzer, AddressSanitizer and UBSan into build-fuzz, and runs
# each for SECONDS, as many at once as there are processors, from the kept corpus and what earlier runs added
# to it in .cache/fuzz. A find is an input in .cache/fuzz/finds; it belongs into tests/fuzz/corpus with the
# change that mends it.
# usage: tools/fuzz.sh SECONDS [TARGET...]
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
build=build-fuzz
mkdir -p .cache/fuzz/finds

run() {
  mkdir -p ".cache/fuzz/$1"
  seeds=$(sed -n "s/^  '$1': .*\[\(.*\)\]\],\$/\1/p" tests/fuzz/meson.build | tr -d "',")
  # shellcheck disable=SC2046
  if UBSAN_OPTIONS=halt_on_error=1 $build/tests/fuzz/fuzz_"$1" -seed=1 -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix=".cache/fuzz/finds/$1-" ".cache/fuzz/$1" \
    $(for seed in $seeds; do echo "tests/fuzz/$seed"; done) >".cache/fuzz/$1.log" 2>&1; then
    sed -n "s/^Done \([0-9]*\) runs.*/fuzz_$1: \1 executions, nothing found/p" ".cache/fuzz/$1.log"
  else
    echo "fuzz_$1: FOUND, the end of .cache/fuzz/$1.log:"
    tail -n 30 ".cache/fuzz/$1.log"
    return 1
  fi
}

if [ "${1-}" = --built ]; then # this script, for each target
  run "$2"
  exit
fi
[ -f $build/build.ninja ] || CC=clang meson setup $build -Dfuzz=true -Dbuildtype=debugoptimized \
  -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link >/dev/null
[ $# -gt 0 ] || set -- $(sed -n "s/^  '\([a-z0-9]*\)': .*/\1/p" tests/fuzz/meson.build)
for target; do echo "tests/fuzz/fuzz_$target"; done | xargs ninja -C $build >/dev/null
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh tools/fuzz.sh "$seconds" --built
