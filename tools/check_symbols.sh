#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libshukei shows its public names and nothing else, and leaves libcurl to be loaded. usage: check_symbols.sh LIBRARY
nm -D --defined-only "$1" >/dev/null || exit 1
names=$(nm -D --defined-only "$1" | awk '{print $3}')
if ! echo "$names" | grep -q '^shukei_aggregate$'; then
  echo "shukei_aggregate is missing"
  exit 1
fi
foreign=$(echo "$names" | grep -v '^shukei_')
if readelf -d "$1" | grep -q 'NEEDED.*libcurl'; then
  echo "libcurl is linked: src/store/s3_curl.c loads it only when it is needed"
  exit 1
fi
[ -z "$foreign" ] || { echo "not ours to show:" $foreign; exit 1; }
echo "$(echo "$names" | wc -l) names, all shukei_"
