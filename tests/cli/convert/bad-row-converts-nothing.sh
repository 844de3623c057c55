# SPDX-License-Identifier: Apache-2.0
# A row that cannot be read: nothing is written.
sed '4s/2025-10-02/2025-99-02/' "$DATA/tiny_pods.csv" >pods.csv
shukei convert pods.csv --to lake || status=$?
find lake -type f 2>/dev/null || true
exit "$status"
