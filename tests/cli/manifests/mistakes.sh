# SPDX-License-Identifier: Apache-2.0
# What is wrong with a manifest is told with line and column, and nothing is written.
try() {
  status=0
  shukei generate "$@" --to out || status=$?
  echo "exit $status" >&2
  test ! -e out
}
printf 'generators:\n- OCPGenerator:\n    node: []\n' >key.yml
try key.yml
printf 'generators:\n- OCPGenerator: {start_date: 2025-03-02, end_date: 2025-03-01}\n' >dates.yml
try dates.yml
printf 'generators: [\n' >cut.yml
try cut.yml
try none.yml
printf 'generators:\n- OCPGenerator: {start_date: 2025-03-01, end_date: 2025-03-02}\n' >good.yml
try good.yml --pods 3
try good.yml --today yesterday
try small --today 2025-03-01
