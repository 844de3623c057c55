# SPDX-License-Identifier: Apache-2.0
# A run that is killed leaves a hidden file and a description that says unfinished. Another dataset is
# refused there; with --force it takes the place, and what it makes is whole. Hidden files of others
# stay.
mkdir out
echo 1 >out/.mine.tmp
shukei generate 500k --to out -q &
until ls out/.cm-*.tmp-* >/dev/null 2>&1; do :; done
kill -9 $!
wait $! 2>/dev/null || test $? = 137
grep -q '"unfinished": true' out/shukei-dataset.json
ls -A out | sed 's/tmp-[0-9a-f]*-[0-9a-f]*-[0-9a-f]*-[0-9]*$/tmp-PROCESS-N/'
shukei generate 20k --hours 1 --to out -q 2>error && exit 1
grep -c "holds another dataset: 500k" error
shukei generate 20k --hours 1 --to out -q --force
! grep unfinished out/shukei-dataset.json
ls -A out
shukei aggregate out --to - -q | wc -l
