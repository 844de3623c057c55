#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C sources are as clang-format 14 leaves them. Exit 77 (skipped) without it.
cd "$(dirname "$0")/.." || exit 1
if ! command -v clang-format-14 >/dev/null 2>&1; then
  echo "no clang-format-14 here: formatting is not checked"
  exit 77
fi
find include src tests bench examples -name '*.[ch]' -o -name '*.cpp' | tr '\n' '\0' |
  xargs -0 -r clang-format-14 --dry-run --Werror
