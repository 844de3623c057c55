#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the targets of tests/fuzz with clang's fuzzer, AddressSanitizer and UBSan into build-fuzz, and runs
# each for SECONDS, as many at once as there are processors, from the kept corpus and what earlier runs added
# to it in .cache/fuzz; with EXECUTIONS in the environment again and again, each time with another seed, until
# all together have run so often. Prints how often each ran, and the sum. A find is an input in .cache/fuzz/finds;
# it belongs into tests/fuzz/corpus with the change that mends it.
# TIMEOUT (10): seconds that an input may take. -entropic=0, because that choice of inputs takes two thirds of
# the time where an input runs through thousands of places.
# usage: [EXECUTIONS=N] tools/fuzz.sh SECONDS [TARGET...]
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
build=build-fuzz
counts=.cache/fuzz/executions # lines of target and number, one a run

run() { # TARGET SEED
  mkdir -p ".cache/fuzz/$1"
  seeds=$(sed -n "s/^  '$1': .*\[\(.*\)\]\],\$/\1/p" tests/fuzz/meson.build | tr -d "',")
  # shellcheck disable=SC2046
  if UBSAN_OPTIONS=halt_on_error=1 $build/tests/fuzz/fuzz_"$1" -seed="$2" -max_total_time="$seconds" -timeout="${TIMEOUT:-10}" \
    -rss_limit_mb=2048 -entropic=0 -artifact_prefix=".cache/fuzz/finds/$1-" ".cache/fuzz/$1" \
    $(for seed in $seeds; do echo "tests/fuzz/$seed"; done) >".cache/fuzz/$1.log" 2>&1; then
    sed -n "s/^Done \([0-9]*\) runs.*/$1 \1/p" ".cache/fuzz/$1.log" >>$counts
  else
    echo "fuzz_$1: FOUND, the end of .cache/fuzz/$1.log:"
    tail -n 30 ".cache/fuzz/$1.log"
    return 1
  fi
}

executions() {
  awk '{sum += $2} END {printf "%d\n", sum}' $counts
}

if [ "${1-}" = --built ]; then # this script, for each target
  run "$3" "$2"
  exit
fi
[ -f $build/build.ninja ] || CC=clang meson setup $build -Dfuzz=true -Dbuildtype=debugoptimized \
  -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link >/dev/null
[ $# -gt 0 ] || set -- $(sed -n "s/^  '\([a-z0-9]*\)': .*/\1/p" tests/fuzz/meson.build)
for target; do echo "tests/fuzz/fuzz_$target"; done | xargs ninja -C $build >/dev/null
mkdir -p .cache/fuzz/finds
: >$counts
found=0
round=1
while :; do
  printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh tools/fuzz.sh "$seconds" --built $round || found=1
  [ $found -eq 0 ] && [ "$(executions)" -lt "${EXECUTIONS:-0}" ] || break
  round=$((round + 1))
done
awk '{runs[$1] += $2} END {for (target in runs) printf "fuzz_%s: %d executions\n", target, runs[target]}' $counts | sort
printf '%s executions, %s\n' "$(executions)" "$([ $found -eq 0 ] && echo 'nothing found' || echo 'see what was FOUND')"
exit $found
