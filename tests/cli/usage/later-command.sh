# SPDX-License-Identifier: Apache-2.0
# A command that does not exist yet is unknown, and help does not list it.
for command in report; do
  ! shukei --help | grep -w "  $command"
  status=0
  shukei $command || status=$?
  test $status = 2
done
