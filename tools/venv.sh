#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes .venv/ with the pinned packages of tests/interop/requirements.txt, and those of pages.txt beside it without what
# they depend on, or leaves it as it is when it was made from the same files.
set -eu
cd "$(dirname "$0")/.."
wanted=tests/interop/requirements.txt
alone=tests/interop/pages.txt
if [ -x .venv/bin/python ] && cat "$wanted" "$alone" | cmp -s - .venv/made-from.txt; then
  exit 0
fi
echo "making .venv/ with the packages of $wanted and $alone"
rm -rf .venv
python3 -m venv .venv
pip='.venv/bin/pip install --quiet --disable-pip-version-check --no-input'
$pip --requirement "$wanted"
$pip --no-deps --requirement "$alone"
cat "$wanted" "$alone" >.venv/made-from.txt
