# SPDX-License-Identifier: Apache-2.0
# Reports of somebody else under the names that a dataset would have are not overwritten.
shukei generate -q small --hours 2 --to made
mkdir mine
for file in made/*.csv; do
  echo mine >"mine/${file##*/}"
done
status=0
shukei generate -q small --hours 2 --to mine || status=$?
cat mine/*.csv
ls -A mine | wc -l
exit $status
