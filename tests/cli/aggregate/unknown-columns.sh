# SPDX-License-Identifier: Apache-2.0
# Columns that nobody reads may be there twice, but for convert, which keeps them.
sed -e '1s/$/,note,NOTE,/' -e '2,$s/$/,a,b,/' "$DATA/tiny_pods.csv" >pods.csv
shukei aggregate -q "$DATA/tiny_pods.csv" --to plain.csv
shukei aggregate -q pods.csv --to noted.csv
cmp plain.csv noted.csv
shukei validate -q pods.csv --against noted.csv
status=0
shukei convert -q pods.csv --to lake || status=$?
test $status = 3
