# SPDX-License-Identifier: Apache-2.0
# A file that is no Parquet.
printf 'PAR1 this is not a footer PAR1' >a.parquet
status=0
shukei inspect a.parquet || status=$?
test $status = 3
: >empty.parquet
status=0
shukei inspect empty.parquet || status=$?
test $status = 3
shukei cat no-such.parquet
