# SPDX-License-Identifier: Apache-2.0
# A sink in a folder that is none.
echo 'a file' >blocker
shukei aggregate -q "$DATA" --to blocker/a.csv || status=$?
cat blocker
exit "$status"
