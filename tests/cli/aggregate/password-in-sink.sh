# SPDX-License-Identifier: Apache-2.0
# A password in the name of a sink: refused before anything is read, and not repeated.
for sink in postgresql://me:s3cr3t@db/koku 'postgresql:host=db password=s3cr3t' postgres://me:s3cr3t%zz@db/koku; do
  for more in '' --dry-run --verbose; do
    # shellcheck disable=SC2086 # no word where there is none
    shukei aggregate "$DATA" --to "$sink" --to a.csv --stats stats.json $more 2>&1 && exit 1
  done
done
ls
