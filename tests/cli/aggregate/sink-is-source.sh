# SPDX-License-Identifier: Apache-2.0
# A sink that names a report that is read is refused, and the report stays.
mkdir in
cp "$DATA/tiny_pods.csv" in/pods.csv
status=0
shukei aggregate in --to in/../in/pods.csv || status=$?
cmp "$DATA/tiny_pods.csv" in/pods.csv
exit $status
