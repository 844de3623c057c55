#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches parquet-mr and what it needs (tests/interop/parquet_mr/pom.xml) by Maven, with the settings that this machine gives it,
# and builds ParquetMr.java into .cache/parquet-mr, unless both are there from the same files. Without Maven, what
# it fetches, or a compiler of Java nothing is done, and the tests with parquet-mr say that they are skipped.
set -eu
cd "$(dirname "$0")/.."
from=tests/interop/parquet_mr
to=.cache/parquet-mr
if cat $from/pom.xml $from/ParquetMr.java | cmp -s - $to/made-from.txt; then
  exit 0
fi
if ! command -v mvn >/dev/null 2>&1 || ! command -v javac >/dev/null 2>&1; then
  echo "no mvn or javac here, so parquet-mr is not built"
  exit 0
fi
echo "making $to of $from"
rm -rf $to
mkdir -p $to/jars
if ! mvn -q -B -f $from/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/$to/jars"; then
  echo "Maven cannot fetch it here, so parquet-mr is not built"
  rm -rf $to
  exit 0
fi
javac -cp "$to/jars/*" -d $to/classes $from/ParquetMr.java
cat $from/pom.xml $from/ParquetMr.java >$to/made-from.txt
