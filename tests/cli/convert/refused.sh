# SPDX-License-Identifier: Apache-2.0
# Destinations that are none leave nothing behind.
refused() {
  status=0
  shukei "$@" || status=$?
  test $status = 2
}
refused convert "$DATA/tiny_pods.csv" --to -
refused generate small --to -
shukei convert -q "$DATA/tiny_pods.csv" --to days
cp days/*.parquet .
refused convert days --to days
refused convert days --to ./days/
refused convert days --to days/below
refused convert pod_usage.2025-10-01.parquet --to .
rm ./*.parquet
ls -A . days
