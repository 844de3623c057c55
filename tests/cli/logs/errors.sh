# SPDX-License-Identifier: Apache-2.0
# Errors are objects, too, also of a command line that cannot be read; the phase is that of the run.
for words in "--log-format json aggregate" "aggregate --nope --log-format=json" "aggregate x --to - --log-format json" \
  "nonsense --log-format json" "aggregate $DATA/tiny_pods.csv --to none/there/x.csv/y.csv --log-format json"; do
  mkdir -p none/there && touch none/there/x.csv
  shukei $words 2>&1 >/dev/null | tail -1 | sed 's/"time": "[^"]*"/"time": T/; s|'"$DATA"'|DATA|g'
done
