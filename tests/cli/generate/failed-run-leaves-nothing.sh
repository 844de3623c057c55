# SPDX-License-Identifier: Apache-2.0
# A run that fails in the middle removes the files that it had finished, and its folders.
status=0
(ulimit -f 300 && shukei generate -q small --files daily --to out 2>error) || status=$?
test ! -e out
shukei generate -q small --files daily --hours 48 --to out
ls out | wc -l
shukei generate -q 20k --hours 2 --to gs://bucket/x || true
exit $status
