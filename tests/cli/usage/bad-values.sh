# SPDX-License-Identifier: Apache-2.0
# Every kind of value is checked before anything is read.
try() {
  status=0
  shukei "$@" || status=$?
  test $status = 2
}
try aggregate x --to - --start 2025-13-01
try aggregate x --to - --end yesterday
try aggregate x --to - --start 2025-10-02 --end 2025-10-01
try aggregate x --to - --labels daily
try aggregate x --to - --layout s3
try aggregate x --to - --mode fast
try aggregate x --to - --threads 0
try aggregate x --to - --threads 1025
try aggregate x --to - --memory much
try aggregate x --to - --report-period-id 1.5
try aggregate x --to - --org ''
try aggregate x --to - --bad-rows -
try aggregate x --to - --bad-rows skp
try aggregate x --to - --progress sometimes
try aggregate x --to - --log-format xml
try aggregate x --to - --color red
try aggregate x --to - --quiet --verbose
try convert x --to d --codec lzo
try cat x --limit -1
try cat x --columns ,
try completion tcsh
try help deploy
