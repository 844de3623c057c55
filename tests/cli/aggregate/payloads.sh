# SPDX-License-Identifier: Apache-2.0
# Payloads of two clusters: each with its own source, days that repeat each other once, all in one file.
shukei generate -q 20k --pods 8 --hours 24 --to uploads/1 --payload --cluster-id one
shukei generate -q 20k --pods 8 --hours 6 --seed 2 --to uploads/2 --payload --cluster-id one
shukei generate -q 20k --pods 8 --hours 6 --to uploads/3 --payload --cluster-id two
cat >shukei.yaml <<'END'
cluster_alias: of those that have none
report_period_id: 9
clusters:
  - {cluster_id: two, source: source-2, cluster_alias: second, report_period_id: 2}
  - {cluster_id: one, source: source-1}
END
shukei aggregate uploads --to all.csv --stats s.json 2>messages
grep superseded messages | sed "s,uploads.\([123]\)[^ ]*,\1,g"
grep -E '"(payloads|payloads_superseded|payloads_bad)"' s.json
shukei aggregate -q uploads/1 --to one.csv --source source-1 # the alias of all
shukei aggregate -q uploads/3 --to two.csv --cluster-id two --source source-2 --cluster-alias second --report-period-id 2
tail -n +2 two.csv | cat one.csv - | cmp - all.csv
shukei aggregate -q uploads --to all/
shukei aggregate -q uploads/1 --to each/ --source source-1
shukei aggregate -q uploads/3 --to each/ --cluster-id two --source source-2 --cluster-alias second --report-period-id 2
diff -r all each && (cd all && find . -name '*.parquet') | sort
shukei aggregate -q uploads --to all/ --changed
shukei aggregate uploads --to all/ --changed 2>&1 | grep date
SHUKEI_CLUSTERS='[{cluster_id: two, source: s}]' shukei aggregate uploads --to two.csv --unknown-clusters skip 2>&1 |
  grep configuration
