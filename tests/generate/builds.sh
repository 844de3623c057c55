#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every build makes the same data: what each PROGRAM makes, with one thread and with two, must be what
# the first made, and its CSV what has always been made (builds.sha256: compilers, optimisation,
# processors and versions of C libraries meet there). Other bytes of CSV are another dataset under the
# same name: they need a word in the changelog, and --rewrite.
#
# usage: builds.sh [--rewrite] PROGRAM...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rewrite=
if [ "$1" = --rewrite ]; then
  rewrite=yes
  shift
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program; do
  for threads in 1 2; do
    for format in csv parquet; do
      rm -rf "$work/data"
      "$program" generate 20k --hours 2 --churn 0.1 --format $format --threads $threads --to "$work/data" --quiet
      (cd "$work/data" && sha256sum -- *."$format") >"$work/$format"
      [ -f "$work/first-$format" ] || cp "$work/$format" "$work/first-$format"
      cmp "$work/first-$format" "$work/$format" || {
        echo "$program, $threads threads: other bytes of $format" >&2
        exit 1
      }
    done
  done
done
[ -z "$rewrite" ] || cp "$work/csv" "$here/builds.sha256"
diff "$here/builds.sha256" "$work/csv"
echo "$# builds agree"
