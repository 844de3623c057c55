# SPDX-License-Identifier: Apache-2.0
# A sound file; then one with a flipped bit in its last page, told with its place and exit status 3.
shukei convert -q "$DATA" --to lake
file=lake/$(ls lake | grep pod | head -n 1)
shukei inspect --check "$file" | tail -n 1
shukei inspect --json --pages --check "$file" | grep -c '"findings":\[\]'
shukei inspect --pages "$file" | grep -c 'at 4: dictionary'
shukei inspect --json --pages "$file" | grep -o '"offset":[0-9]*,"type":"data".*' | tail -n 1 | tr '{' '\n' | grep header_bytes | tail -n 1 |
  sed 's/.*"offset":\([0-9]*\).*"header_bytes":\([0-9]*\).*/\1 \2/' >place
read -r at header <place
printf '\377' | dd of="$file" bs=1 seek=$((at + header)) conv=notrunc status=none
status=0
shukei inspect --check "$file" >found || status=$?
echo "exit status $status"
grep -o 'CRC is' found
