# SPDX-License-Identifier: Apache-2.0
# A password that stands in a name is not shown again.
for format in text json; do
  for sink in ftp://me:hunter2@host/db "x.xyz?password=hunter2" "ftp://b/k?X-Amz-Signature=hunter2"; do
    shukei aggregate "$DATA" --to "$sink" --log-format $format 2>&1 || true
  done
done >all
grep -c hunter2 all || true
grep -o 'sink .*":' all
