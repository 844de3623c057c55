# SPDX-License-Identifier: Apache-2.0
# A run that is killed leaves a hidden file; the next run into the folder removes it and what it makes
# is whole. Hidden files of others stay.
mkdir out
echo 1 >out/.mine.tmp
shukei generate 500k --to out -q &
until ls out/.cm-*.tmp-* >/dev/null 2>&1; do :; done
kill -9 $!
wait $! 2>/dev/null || test $? = 137
test ! -e out/shukei-dataset.json
ls -A out | sed 's/[0-9]*-[0-9]*$/PROCESS-N/'
shukei generate 20k --hours 1 --to out -q
ls -A out
shukei aggregate out --to - -q | wc -l
