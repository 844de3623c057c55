# SPDX-License-Identifier: Apache-2.0
# Lists and structs: left out, printed on request, named, named by path.
bad=$DATA/../../bad/static
shukei cat "$bad/namespace-is-list.EFORMAT.parquet" --limit 1 | head -n 1 | grep -c namespace || true
shukei cat --nested "$bad/namespace-is-list.EFORMAT.parquet" --limit 1 | grep -o 'shop.*n1'
shukei cat --columns pod,namespace "$bad/namespace-is-list.EFORMAT.parquet" --limit 2
shukei cat --columns pod_limit_cpu_core_seconds.a "$bad/limit-is-struct.EFORMAT.parquet" --limit 1
