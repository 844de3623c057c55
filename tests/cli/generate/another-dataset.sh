# SPDX-License-Identifier: Apache-2.0
# A folder that holds something else is left alone unless --force says otherwise; the same dataset is
# made again.
try() {
  status=0
  shukei generate "$@" || status=$?
  test $status = 2
}
shukei generate small --hours 2 --to out -q
cat out/* | cksum >before
try small --hours 2 --seed 2 --to out
try 20k --to out
cat out/* | cksum | cmp before -
rm out/cm-openshift-pod-usage-202510.csv
shukei generate small --hours 2 --to out -q
cat out/* | cksum | cmp before -
shukei generate small --hours 2 --format parquet --force --to out -q
ls out
mkdir mine
echo keep >mine/notes.txt
try small --hours 2 --to mine
ls mine
shukei generate small --hours 2 --to mine --force -q
cat mine/notes.txt
