# SPDX-License-Identifier: Apache-2.0
# Negative values are kept and told.
sed '2s/,3600,1800,7200,/,-3600,1800,7200,/' "$DATA/tiny_pods.csv" >pods.csv
shukei aggregate pods.csv --to a.csv 2>&1 | grep negative
shukei aggregate "$DATA/tiny_pods.csv" --to a.csv 2>&1 | grep negative || echo none
