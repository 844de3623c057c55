# SPDX-License-Identifier: Apache-2.0
# --namespace and --node: rows of the whole summary, and no sink that would lose the others.
shukei aggregate -q "$DATA" --to all.csv
shukei aggregate -q "$DATA" --to some.csv --namespace none --namespace "Worker unallocated" --node node-a --stats s.json
head -n 1 all.csv >want.csv
grep -E "^[^,]*,[^,]*,[^,]*,Worker unallocated,node-a," all.csv >>want.csv || :
cmp want.csv some.csv
wc -l <all.csv
wc -l <some.csv
grep -E "rows_(written|not_wanted)" s.json
shukei aggregate "$DATA" --to - --namespace none 2>&1 >/dev/null | grep empty
for sink in a.db folder/; do
  shukei aggregate "$DATA" --to "$sink" --node node-a 2>&1 || echo "exit $?"
done
ls
