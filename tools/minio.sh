#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds MinIO from the Go module proxy into .cache/bin/minio, unless it is there. Takes minutes the
# first time. Go comes from PATH or /usr/local/go; without it nothing is done, and the tests that need a
# real server of S3 say that they are skipped.
set -eu
cd "$(dirname "$0")/.."
version=v0.0.0-20260212201848-7aac2a2c5b7c # the last one of the module
[ ! -x .cache/bin/minio ] || exit 0
PATH=$PATH:/usr/local/go/bin
if ! command -v go >/dev/null 2>&1; then
  echo "no go here, so no MinIO is built"
  exit 0
fi
echo "building MinIO into .cache/bin"
mkdir -p .cache/bin
GOBIN=$PWD/.cache/bin GOPATH=$PWD/.cache/go GOFLAGS=-modcacherw go install "github.com/minio/minio@$version"
rm -rf .cache/go
