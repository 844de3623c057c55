# SPDX-License-Identifier: Apache-2.0
# shukei.yaml of the current folder is read, by aggregate and convert only.
echo 'thread: 3' >shukei.yaml
status=0
shukei aggregate x --to - || status=$?
test $status = 2
status=0
shukei convert x --to y || status=$?
test $status = 2
shukei help cat >/dev/null
