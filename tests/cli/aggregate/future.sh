# SPDX-License-Identifier: Apache-2.0
# Reports that reach into the future are taken, with a warning; those of the past without one.
sed 's/2025-10-02/9998-10-02/g' "$DATA/tiny_pods.csv" >pods.csv
shukei aggregate pods.csv --to a.csv 2>&1 | grep future
cut -d, -f1-4 a.csv
shukei aggregate "$DATA/tiny_pods.csv" --to a.csv 2>&1 | grep future || echo none
