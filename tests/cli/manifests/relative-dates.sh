# SPDX-License-Identifier: Apache-2.0
# Relative dates count from --today; --start and --end are for generators without dates.
cat >m.yml <<'EOF'
generators:
  - OCPGenerator:
      start_date: -1d
      end_date: today
      nodes: &nodes
        - {node_name: n, cpu_cores: 4, memory_gig: 8, resource_id: r, namespaces: {shop: {pods: [
          {pod_name: web, cpu_request: 1, cpu_limit: 2, mem_request_gig: 1, mem_limit_gig: 2, pod_seconds: 3600,
           cpu_usage: {full_period: 0.5}, mem_usage_gig: {full_period: 1}, labels: label_app:web}]}}}
  - OCPGenerator: {nodes: *nodes}
EOF
shukei generate -q m.yml --to out --today 2025-03-15T10 --start 2025-03-11 --end 2025-03-11T02
cut -d, -f3,5,7,8,15,19 out/*pod-usage*.csv | sed -n '1,4p;$p'
wc -l <out/cm-openshift-pod-usage-202503.csv | tr -d ' '
