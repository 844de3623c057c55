# SPDX-License-Identifier: Apache-2.0
# Parquet beside CSV is left out, and told in one line however many files there are.
sample=$(dirname "$DATA")/../../examples/cluster
shukei convert -q "$sample" --to lake
shukei convert lake --to other 2>&1 || test $? = 3
find lake -type f ! -name 'pod_usage.2025-10-01.parquet' -exec rm {} +
shukei convert lake --to other 2>&1 || test $? = 3
