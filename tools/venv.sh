#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes .venv/ with the pinned packages of tests/interop/requirements.txt, or leaves it as it is when
# it was made from the same file.
set -eu
cd "$(dirname "$0")/.."
wanted=tests/interop/requirements.txt
if [ -x .venv/bin/python ] && cmp -s "$wanted" .venv/made-from.txt; then
  exit 0
fi
echo "making .venv/ with the packages of $wanted"
rm -rf .venv
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --no-input --requirement "$wanted"
cp "$wanted" .venv/made-from.txt
