# SPDX-License-Identifier: Apache-2.0
# Payloads of several clusters are validated one cluster after the other; no layout would help.
for cluster in a b; do
  shukei generate small --hours 1 --payload --cluster-id $cluster --to $cluster --quiet
  mkdir -p all
  mv $cluster/*.tar.gz all/$cluster.tar.gz
done
cat >two.yaml <<'END'
clusters:
  - {cluster_id: a, source: one}
  - {cluster_id: b, source: two}
END
shukei aggregate all --config two.yaml --to all.db --quiet
status=0
shukei validate all --config two.yaml --against all.db --quiet || status=$?
test $status = 2
for cluster in a b; do
  shukei validate all --config two.yaml --cluster-id $cluster --against all.db --quiet
done
