#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the program as a shell does and compares what comes out.
#
# usage: run.sh [--rewrite] PROGRAM FOLDER...
#
# Each CASE.sh of a FOLDER runs under "sh -e" in an empty folder of its own, with the program as
# `shukei` in PATH, DATA naming the folder of test data, and no variable of ours set. Beside it lie
#   CASE.stdout.exact or CASE.stdout.glob   what standard output must be; neither: nothing
#   CASE.stderr.exact or CASE.stderr.glob   the same for standard error
#   CASE.exit                               the exit status; no file: 0
# A .glob is a pattern of the shell for the whole text. --rewrite writes .exact and .exit anew and
# leaves .glob alone. A case that ends with 77 is skipped.
set -u
rewrite=
if [ "${1-}" = --rewrite ]; then
  rewrite=yes
  shift
fi
if [ $# -lt 2 ]; then
  echo "usage: run.sh [--rewrite] PROGRAM FOLDER..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
if [ ! -x "$program" ]; then
  echo "run.sh: no program at $program" >&2
  exit 2
fi
shift
work=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/shukei"
passed=0 failed=0 skipped=0

# differs CASE STREAM: compares $work/STREAM with what lies beside the case; prints what differs.
differs() {
  if [ -f "$1.$2.glob" ]; then
    pattern=$(cat "$1.$2.glob")
    text=$(cat "$work/$2")
    # shellcheck disable=SC2254 # a pattern is meant
    case "$text" in
    $pattern) return 1 ;;
    esac
    printf '%s: expected the pattern\n%s\nfound\n%s\n' "$2" "$pattern" "$text"
    return 0
  fi
  if [ -n "$rewrite" ]; then
    rm -f "$1.$2.exact"
    [ ! -s "$work/$2" ] || cp "$work/$2" "$1.$2.exact"
    return 1
  fi
  if [ -f "$1.$2.exact" ]; then
    want=$1.$2.exact
  else
    want=/dev/null
  fi
  cmp -s "$want" "$work/$2" && return 1
  echo "$2:"
  diff "$want" "$work/$2"
  return 0
}

run_case() {
  rm -rf "$work/here"
  mkdir "$work/here"
  (
    cd "$work/here" || exit 1
    for name in $(env | sed -n 's/^\(SHUKEI[A-Z_]*\)=.*/\1/p') NO_COLOR; do
      unset "$name"
    done
    PATH=$work/bin:$PATH DATA=$here/data LC_ALL=C HOME=$work/here
    export PATH DATA LC_ALL HOME
    exec sh -e "$1.sh"
  ) </dev/null >"$work/stdout" 2>"$work/stderr"
  status=$?
  if [ $status = 77 ]; then
    skipped=$((skipped + 1))
    echo "skipped $1"
    return
  fi
  bad=
  if [ -n "$rewrite" ]; then
    rm -f "$1.exit"
    [ $status = 0 ] || echo $status >"$1.exit"
  fi
  want_status=0
  [ ! -f "$1.exit" ] || want_status=$(cat "$1.exit")
  for stream in stdout stderr; do
    report=$(differs "$1" $stream) && bad="$bad$report
"
  done
  [ "$status" = "$want_status" ] || bad="${bad}exit: expected $want_status, found $status
"
  if [ -n "$bad" ]; then
    failed=$((failed + 1))
    printf 'FAILED %s\n%s' "$1" "$bad"
  else
    passed=$((passed + 1))
  fi
}

for folder; do
  folder=$(cd "$folder" && pwd) || exit 1
  for file in "$folder"/*.sh; do
    run_case "${file%.sh}"
  done
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
