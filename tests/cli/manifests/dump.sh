# SPDX-License-Identifier: Apache-2.0
# A preset as a manifest, and back: the same number of pods and claims in the same hours.
shukei generate small --hours 5 --dump-manifest small.yml
shukei generate -q small.yml --to again
shukei generate -q small --hours 5 --values constant --to first
for name in pod storage; do
  cat first/*-$name-usage-*.csv | wc -l | tr -d ' '
  cat again/*-$name-usage-*.csv | wc -l | tr -d ' '
done
