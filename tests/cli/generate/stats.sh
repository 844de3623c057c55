# SPDX-License-Identifier: Apache-2.0
# The figures of a run, without those that differ from run to run.
shukei generate small --hours 2 --threads 1 --memory 1GiB --to out --stats out.json -q
grep -v 'version\|bytes\|total' out.json
