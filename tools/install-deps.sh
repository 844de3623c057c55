#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of the groups named (tools/packages.txt) that are missing, after
# saying so. Silent when nothing lacks.
# usage: tools/install-deps.sh GROUP...
set -eu
here=$(dirname "$0")
wanted=$(for group in "$@"; do awk -v g="$group" '$1 == g {print $2}' "$here/packages.txt"; done)

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "no dpkg-query here, so nothing is installed; needed are the counterparts of:" $wanted >&2
  exit 0
fi
# One dpkg-query for all: this runs before every make check.
present=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
  awk '$2 == "installed" {print $1}') || true
missing=$(for package in $wanted; do
  echo "$present" | grep -qxF "$package" || echo "$package"
done)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "missing Debian packages; as root run: apt-get install" $missing >&2
    exit 1
  fi
  as_root=sudo
fi
echo "installing Debian packages with apt-get:" $missing
$as_root apt-get update -q </dev/null
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing </dev/null
