# SPDX-License-Identifier: Apache-2.0
# Values of the wrong kind, each with its place.
try() {
  printf "$1" >conf.yaml
  status=0
  shukei aggregate x --to - --config conf.yaml || status=$?
  test $status = 2
}
try 'enabled_keys: app\n'
try 'threads: many\n'
try 'threads: [1]\n'
try 'memory: -1\n'
try 'cost_categories:\n  - {id: a, pattern: b}\n'
try 'cost_categories:\n  - {id: 1, patern: b}\n'
try 'nodes:\n  - node: a\n    role: worker\n  - node: b\n'
try 'start: tomorrow\n'
try 'org: a\norg: b\n'
try '[a, b]\n'
