# SPDX-License-Identifier: Apache-2.0
# --stats, --metrics-file and --bad-rows replace what they wrote before, and neither reports nor sinks nor settings.
mkdir in
cp "$DATA/tiny_pods.csv" in/pods.csv
echo 'enabled_keys: [app]' >settings.yaml
refused() {
  status=0
  shukei aggregate -q in --config settings.yaml "$@" || status=$?
  test $status = 2
  cmp "$DATA/tiny_pods.csv" in/pods.csv
  grep -qx 'enabled_keys: .app.' settings.yaml
}
refused --to a.csv --stats in/../in/pods.csv 2>&1 | sed 's|"/.*/in|"/.../in|'
refused --to a.csv --stats settings.yaml 2>&1 | sed 's|"/.*/|"/.../|'
refused --to a.csv --metrics-file in/pods.csv
refused --to a.csv --bad-rows in/./pods.csv
refused --to a.csv --stats a.csv
refused --to a.prom.csv --metrics-file a.prom.csv
refused --to a.csv --bad-rows ./a.csv
echo before >a.csv
refused --to ./a.csv --bad-rows a.csv
cat a.csv
status=0
shukei convert -q in --to lake --bad-rows in/pods.csv || status=$?
test $status = 2
cmp "$DATA/tiny_pods.csv" in/pods.csv

# What turns out at the end only: the sink's rows stay.
status=0
shukei aggregate -q in --to b.csv --stats ./b.csv || status=$?
test $status = 2
head -c 11 b.csv
echo

# Their own files, and empty ones, are replaced.
: >s.json
for i in 1 2; do
  shukei aggregate -q in --to c.csv --stats s.json --metrics-file m.prom --bad-rows ./bad.csv
done
grep -c rows_read s.json

# A dry run keeps no bad rows.
rm bad.csv
shukei aggregate -q in --to c.csv --bad-rows ./bad.csv --dry-run
ls -A
