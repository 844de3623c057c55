# SPDX-License-Identifier: Apache-2.0
# What is not made, with what would help. Nothing is written.
try() {
  status=0
  shukei generate "$@" || status=$?
  test $status = 2
}
try smal --to out
try 1M --to out
try small
try small --to out --pods=-1
try small --to out --nodes 0
try small --to out --hours 0
try small --to out --label-keys 17
try small --to out --churn 2
try small --to out --values random
try small --to out --format parquet --payload
try small --to out --start 2025-02-30
try 1m --to out --pods 1000000000 --hours 1000
try 1m --to out --pods 1000000000 --hours 1000 --format parquet
try small --to out --seed=-1
try small --to out --start 9999-12-31 --hours 25
try small --to out --format parquet --layout koku --org ../../../elsewhere
try small --to out --format parquet --layout poc --source a/b
test ! -e out
mkfifo pipe.yml
status=0
shukei generate pipe.yml --to out || status=$?
test $status = 3
